// Read descriptors of a directory partition's packs: bounded, least recently used first out, never closed under a reader.
// An idle one is closed too, because a descriptor keeps the bytes of a removed pack on the disk.
import type { Clock } from '../../base/clock.ts';
import type { PackId } from '../../model/ids.ts';
import { errorCode } from './directory-faults.ts';
import type { FileLayer } from './file-layer.ts';

export interface OpenFile {
  readonly fd: number;
  /** Asynchronous reads under way. */
  users: number;
  dropped: boolean;
  usedMs: number;
  /** Synchronous reads are refused until then. */
  slowUntilMs: number;
  /** For how long the next slow one refuses them. */
  slowPauseMs: number;
}

export interface OpenFilesOptions {
  readonly files: FileLayer;
  readonly clock: Clock;
  readonly openFilesMax: number;
  readonly idleMs: number;
  readonly pathOf: (pack: PackId) => string;
}

export class OpenFiles {
  readonly #options: OpenFilesOptions;
  readonly #open = new Map<PackId, OpenFile>(); // in order of use, oldest first
  readonly #opening = new Map<PackId, Promise<OpenFile>>();
  readonly #stop = new AbortController();
  #sweeping = false;
  #users = 0;

  constructor(options: OpenFilesOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Asynchronous reads under way, of all files together. */
  get users(): number {
    return this.#users;
  }

  /** The descriptor if it is open: for synchronous use only. */
  peek(pack: PackId): OpenFile | undefined {
    const file = this.#open.get(pack);
    if (file) this.#touch(pack, file);
    return file;
  }

  /** Opens if need be; every `use` is paired with a `release`. */
  async use(pack: PackId): Promise<OpenFile> {
    for (;;) {
      const file = this.#open.get(pack) ?? (await this.#openOnce(pack));
      if (file.dropped && file.users === 0) continue; // pushed out again before its turn came
      file.users += 1;
      this.#users += 1;
      if (!file.dropped) this.#touch(pack, file);
      return file;
    }
  }

  release(file: OpenFile): void {
    file.users -= 1;
    this.#users -= 1;
    if (file.dropped && file.users === 0) void this.#close(file);
  }

  /** Closed at once if nobody reads, else by the last reader's `release`. */
  async drop(pack: PackId): Promise<void> {
    const file = this.#open.get(pack);
    if (file === undefined) return;
    this.#open.delete(pack);
    file.dropped = true;
    if (file.users === 0) await this.#close(file);
  }

  /** Opens something; where the process has run out of descriptors, half of the readers' are given back first. */
  async sparing(open: () => Promise<number>): Promise<number> {
    try {
      return await open();
    } catch (error) {
      if (!outOfDescriptors(error) || this.#open.size === 0) throw error;
      const oldest = [...this.#open.keys()].slice(0, Math.ceil(this.#open.size / 2));
      await Promise.all(oldest.map((pack) => this.drop(pack)));
      return await open();
    }
  }

  closeAll(): void {
    this.#stop.abort();
    for (const pack of [...this.#open.keys()]) void this.drop(pack);
  }

  async #openOnce(pack: PackId): Promise<OpenFile> {
    const opening = this.#opening.get(pack) ?? this.#openNew(pack);
    this.#opening.set(pack, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(pack);
    }
  }

  async #openNew(pack: PackId): Promise<OpenFile> {
    const { files, clock, openFilesMax, pathOf } = this.#options;
    const fd = await this.sparing(() => files.open(pathOf(pack), 'r'));
    const file: OpenFile = {
      fd,
      users: 0,
      dropped: false,
      usedMs: clock.monotonicMs(),
      slowUntilMs: 0,
      slowPauseMs: 0,
    };
    this.#open.set(pack, file);
    if (this.#open.size > openFilesMax) void this.drop(this.#open.keys().next().value!);
    if (!this.#sweeping) void this.#sweep();
    return file;
  }

  #touch(pack: PackId, file: OpenFile): void {
    file.usedMs = this.#options.clock.monotonicMs();
    this.#open.delete(pack);
    this.#open.set(pack, file);
  }

  async #close(file: OpenFile): Promise<void> {
    await this.#options.files.close(file.fd).catch(() => undefined); // nothing was written through it
  }

  /** Runs only while something is open. */
  async #sweep(): Promise<void> {
    const { clock, idleMs } = this.#options;
    this.#sweeping = true;
    try {
      while (this.#open.size > 0) {
        await clock.sleep(idleMs / 2, this.#stop.signal);
        const before = clock.monotonicMs() - idleMs;
        for (const [pack, file] of [...this.#open]) if (file.usedMs < before) void this.drop(pack);
      }
    } catch {
      // closed
    } finally {
      this.#sweeping = false;
    }
  }
}

const outOfDescriptors = (error: unknown): boolean => errorCode(error) === 'EMFILE' || errorCode(error) === 'ENFILE';
