// Payload of one log frame: the changes that a process committed since its last frame. Each has a stamp that was taken before
// the commit, on a clock that all processes of a machine share: whoever reads a row that a commit wrote, and then writes it,
// has the greater stamp. The clock starts again with the machine, so the number of the run stands above it. Replaying the
// entries of all processes by run and stamp writes every row in the order of its commits.
import { Fault } from '../base/fault.ts';
import { KiB, MiB } from '../base/units.ts';
import type { Write } from '../catalog/catalog.ts';

export interface RedoEntry {
  /** Which start of the whole program, counted by the catalog. */
  readonly run: number;
  /** Microseconds of the machine's clock. */
  readonly stamp: number;
  readonly writes: readonly Write[];
}

const format = 1;
const removed = 0xffffffff;

export const compareRedo = (a: Omit<RedoEntry, 'writes'>, b: Omit<RedoEntry, 'writes'>): number =>
  a.run - b.run || a.stamp - b.stamp;

const headBytes = 5;
const entryHeadBytes = 16;
const rowHeadBytes = 6;
const chunkBytes = 64 * KiB;
const payloadBytesAim = 4 * MiB;

/**
 * One payload while it grows. Entries are encoded as they come: rows that were kept as they are until the next flush would
 * outlive the young generation of the heap, every one of them.
 */
export class RedoDraft {
  readonly #chunks: Buffer[] = [Buffer.alloc(headBytes)];
  #last = Buffer.alloc(0);
  #lastUsed = 0;
  #count = 0;
  #bytes = headBytes;
  #taken = false;

  /** Nothing may be added any more. */
  get isFull(): boolean {
    return this.#taken || this.#bytes >= payloadBytesAim;
  }

  /** Entries in it. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add({ run, stamp, writes }: RedoEntry): void {
    const size = entryBytes(writes);
    const into = this.#room(size);
    let at = into.writeUInt32BE(run, 0);
    at = into.writeUInt32BE(Math.floor(stamp / 2 ** 32), at);
    at = into.writeUInt32BE(stamp % 2 ** 32, at);
    at = into.writeUInt32BE(writes.length, at);
    for (const [key, value] of writes) {
      at = into.writeUInt16BE(key.length, at);
      at = into.writeUInt32BE(value?.length ?? removed, at);
      into.set(key, at);
      at += key.length;
      if (value === undefined) continue;
      into.set(value, at);
      at += value.length;
    }
    this.#count += 1;
    this.#bytes += size;
  }

  /** All of it; the draft is full then. */
  payload(): Buffer[] {
    this.#taken = true;
    this.#chunks[0]!.writeUInt8(format, 0);
    this.#chunks[0]!.writeUInt32BE(this.#count, 1);
    return this.#lastUsed === 0 ? this.#chunks : [...this.#chunks, this.#last.subarray(0, this.#lastUsed)];
  }

  #room(size: number): Buffer {
    if (this.#last.length - this.#lastUsed < size) {
      if (this.#lastUsed > 0) this.#chunks.push(this.#last.subarray(0, this.#lastUsed));
      this.#last = Buffer.allocUnsafeSlow(Math.max(size, chunkBytes));
      this.#lastUsed = 0;
    }
    this.#lastUsed += size;
    return this.#last.subarray(this.#lastUsed - size, this.#lastUsed);
  }
}

function entryBytes(writes: readonly Write[]): number {
  let bytes = entryHeadBytes;
  for (const [key, value] of writes) bytes += rowHeadBytes + key.length + (value?.length ?? 0);
  return bytes;
}

export function encodeRedo(entries: readonly RedoEntry[]): Buffer[] {
  const draft = new RedoDraft();
  for (const entry of entries) draft.add(entry);
  return draft.payload();
}

/** Key of a frame's very first row, as far as the start of its payload shows it. */
export function firstKeyIn(start: Buffer): Buffer {
  const lengths = headBytes + entryHeadBytes;
  const key = lengths + rowHeadBytes;
  if (start.length < key) return start.subarray(0, 0);
  return start.subarray(key, key + start.readUInt16BE(lengths));
}

export function decodeRedo(payload: Buffer): RedoEntry[] {
  if (payload[0] !== format) throw new Fault({ kind: 'catalog-failed', message: `redo frame of format ${payload[0]}` });
  const entries: RedoEntry[] = [];
  let at = headBytes;
  for (let left = payload.readUInt32BE(1); left > 0; left--) {
    const run = payload.readUInt32BE(at);
    const stamp = Number(payload.readBigUInt64BE(at + 4));
    const writes: Write[] = [];
    let rows = payload.readUInt32BE(at + 12);
    at += entryHeadBytes;
    for (; rows > 0; rows--) {
      const keyEnd = at + rowHeadBytes + payload.readUInt16BE(at);
      const length = payload.readUInt32BE(at + 2);
      const key = payload.subarray(at + rowHeadBytes, keyEnd);
      at = length === removed ? keyEnd : keyEnd + length;
      writes.push([key, length === removed ? undefined : payload.subarray(keyEnd, at)]);
    }
    entries.push({ run, stamp, writes });
  }
  return entries;
}
