// Writes one pack file. Appends queue; one flush writes the whole queue and syncs once for everybody who waits: group commit
// without timers, since those who come while a sync runs gather for the next. After a failed write or sync the file's state
// on disk is unknown (the kernel drops dirty pages and later says "fine"), so the writer is poisoned for ever, never retried.
import { setImmediate as turnEnds } from 'node:timers/promises';
import { reached } from '../../base/crash-points.ts';
import type { Fault } from '../../base/fault.ts';
import { KiB, MiB } from '../../base/units.ts';
import type { PackId } from '../../model/ids.ts';
import type { PackWriter } from '../partition.ts';
import type { FileLayer } from './file-layer.ts';
import { settled } from './settled.ts';

const vectorMax = 1024; // IOV_MAX
const writeBehindBytes = 512 * KiB; // beyond it bytes go to the kernel without waiting for a flush
const queueBytesMax = 8 * MiB; // beyond it `ready` waits

export interface DirectoryPackWriterOptions {
  readonly pack: PackId;
  readonly fd: number;
  readonly files: FileLayer;
  /** Makes the file's directory entry durable; called once, with the first sync. */
  readonly syncEntry: () => Promise<void>;
  readonly faultOf: (error: unknown) => Fault;
}

interface Waiter {
  readonly upTo: number;
  readonly resolve: () => void;
  readonly reject: (fault: Fault) => void;
}

export class DirectoryPackWriter implements PackWriter {
  readonly flushes = true;
  readonly #options: DirectoryPackWriterOptions;
  #queue: Uint8Array[] = [];
  #size = 0; // appended
  #written = 0; // in the kernel
  #durable = -1; // on the disk; −1: not even the directory entry
  #flushWaiters: Waiter[] = [];
  #readyWaiters: Waiter[] = [];
  #running = false;
  #cycleEnd: Promise<void> = Promise.resolve();
  #failure: Fault | undefined;
  #ended: Promise<void> | undefined;
  #closed = false;

  constructor(options: DirectoryPackWriterOptions) {
    this.#options = options;
  }

  get pack(): PackId {
    return this.#options.pack;
  }

  get size(): number {
    return this.#size;
  }

  /** The chunks belong to the writer until they are durable. */
  append(chunks: readonly Uint8Array[]): number {
    if (this.#failure) throw this.#failure;
    if (this.#ended) throw new Error(`append to pack ${this.pack}, which has ended`);
    const offset = this.#size;
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      this.#queue.push(chunk);
      this.#size += chunk.length;
    }
    if (this.#size - this.#written >= writeBehindBytes) this.#run();
    return offset;
  }

  ready(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#size - this.#written < queueBytesMax) return Promise.resolve();
    return this.#wait(this.#readyWaiters, this.#size - queueBytesMax);
  }

  flush(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#durable >= this.#size) return Promise.resolve();
    return this.#wait(this.#flushWaiters, this.#size);
  }

  seal(): Promise<void> {
    this.#ended ??= this.flush().then(() => this.#close());
    return this.#ended;
  }

  abort(): Promise<void> {
    this.#ended ??= this.#giveUp();
    return this.#ended.catch(() => undefined);
  }

  async #giveUp(): Promise<void> {
    this.#fail(new Error('the pack was aborted'));
    await this.#cycleEnd; // no call may be under way on a descriptor that is closed
    await this.#close();
  }

  #wait(waiters: Waiter[], upTo: number): Promise<void> {
    return new Promise((resolve, reject) => {
      waiters.push({ upTo, resolve, reject });
      this.#run();
    });
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    this.#cycleEnd = this.#cycle();
  }

  async #cycle(): Promise<void> {
    try {
      await turnEnds(); // whoever appends and flushes in this same turn of the event loop shares the sync
      while (this.#flushWaiters.length > 0 || this.#size - this.#written >= writeBehindBytes) {
        await this.#writeQueue(this.#size);
        if (this.#flushWaiters.length > 0) await this.#sync();
      }
    } catch (error) {
      this.#fail(error);
      await this.#close();
    } finally {
      this.#running = false;
    }
  }

  async #writeQueue(upTo: number): Promise<void> {
    while (this.#written < upTo) {
      this.#assertAlive();
      const batch = this.#queue.slice(0, vectorMax);
      const written = await this.#options.files.writev(this.#options.fd, batch, this.#written);
      reached('directory: bytes written');
      if (written <= 0) throw new Error('the file took no bytes');
      this.#written += written;
      this.#queue.splice(0, batch.length, ...behind(batch, written));
      this.#settle(this.#readyWaiters, this.#written);
    }
  }

  async #sync(): Promise<void> {
    this.#assertAlive();
    const { fd, files, syncEntry } = this.#options;
    const upTo = this.#written;
    if (this.#durable < 0) await settled([files.fdatasync(fd), syncEntry()]);
    else if (this.#durable < upTo) await files.fdatasync(fd);
    reached('directory: flushed');
    this.#durable = upTo;
    this.#settle(this.#flushWaiters, upTo);
  }

  #settle(waiters: Waiter[], upTo: number): void {
    let count = 0; // they stand in order
    while (count < waiters.length && waiters[count]!.upTo <= upTo) waiters[count++]!.resolve();
    waiters.splice(0, count);
  }

  #assertAlive(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Idempotent: the first failure is the one that everybody is told. */
  #fail(error: unknown): void {
    if (this.#failure) return;
    const fault = this.#options.faultOf(error);
    this.#failure = fault;
    this.#queue = [];
    for (const waiter of [...this.#flushWaiters.splice(0), ...this.#readyWaiters.splice(0)]) waiter.reject(fault);
  }

  /** What was promised is durable already and the rest is given up, so a failing close has nothing to lose. */
  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#options.files.close(this.#options.fd).catch(() => undefined);
  }
}

/** What remains of `chunks` behind their first `bytes` bytes. */
function behind(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  let index = 0;
  while (index < chunks.length && left >= chunks[index]!.length) left -= chunks[index++]!.length;
  const rest = chunks.slice(index);
  if (left > 0) rest[0] = rest[0]!.subarray(left);
  return rest;
}
