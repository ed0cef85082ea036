// A disk in memory that forgets in a power cut whatever was not synced (or all of it but what happens to have reached the disk), counts
// every call, and fails where told to. What a failed sync was to cover is never made durable by a later one: kernels mark it clean.
// Files here are only ever appended to.
import type { Clock } from '../../../src/base/clock.ts';
import type { FileLayer } from '../../../src/partition/adapters/file-layer.ts';

type Node = FileNode | FolderNode;
interface FileNode {
  kind: 'file';
  bytes: Buffer;
  durable: Buffer;
  /** In order; what may or may not survive. */
  unsynced: Unsynced[];
}
interface Unsynced {
  readonly position: number;
  readonly bytes: Buffer;
  /** A sync that was to cover it failed. */
  isDoomed: boolean;
}
interface FolderNode {
  kind: 'folder';
  live: Map<string, Node>;
  durable: Map<string, Node>;
}

/** What of that which was not synced reached the disk all the same. */
export interface Survival {
  /** A changed directory entry. */
  entry(): boolean;
  /** Parts of one write. */
  pieces(position: number, length: number): readonly { readonly start: number; readonly end: number }[];
}

const nothing: Survival = { entry: () => false, pieces: () => [] };

const folder = (): FolderNode => ({ kind: 'folder', live: new Map(), durable: new Map() });

export const errno = (code: string): Error => Object.assign(new Error(`${code}: made on purpose`), { code });

export class FakeDisk implements FileLayer {
  #root = folder();
  readonly #open = new Map<number, FileNode | FolderNode>();
  #nextFd = 3;
  /** Names of the calls made, in order. */
  calls: string[] = [];
  /** Throw here to fail a call; return a promise to hold it up. */
  before: (call: string, path: string) => unknown = () => undefined;
  writeBytesMax = Number.POSITIVE_INFINITY;
  onReadSync: () => void = () => undefined;

  get openCount(): number {
    return this.#open.size;
  }

  count(call: string): number {
    return this.calls.filter((name) => name === call).length;
  }

  /** Everything not synced is gone but what survives by chance, every descriptor too. */
  cutPower(survival: Survival = nothing): void {
    const forget = (node: Node): void => {
      if (node.kind === 'file') {
        node.bytes = node.unsynced.reduce((image, { position, bytes }) => {
          const pieces = survival.pieces(position, bytes.length);
          return pieces.reduce((on, { start, end }) => put(on, position + start, bytes.subarray(start, end)), image);
        }, node.durable);
        node.durable = node.bytes;
        node.unsynced = [];
        return;
      }
      for (const name of new Set([...node.live.keys(), ...node.durable.keys()])) {
        const entry = node.live.get(name);
        if (entry === node.durable.get(name) || !survival.entry()) continue;
        if (entry) node.durable.set(name, entry);
        else node.durable.delete(name);
      }
      node.live = new Map(node.durable);
      for (const child of node.live.values()) forget(child);
    };
    forget(this.#root);
    this.#open.clear();
    this.before = () => undefined;
  }

  /** The same disk a second time, without descriptors. */
  clone(): FakeDisk {
    const seen = new Map<Node, Node>(); // a file may have two names
    const copied = <N extends Node>(node: N): N => {
      const known = seen.get(node);
      if (known) return known as N;
      if (node.kind === 'file') {
        const file: FileNode = { ...node, unsynced: node.unsynced.map((write) => ({ ...write })) };
        seen.set(node, file);
        return file as N;
      }
      const copies = (entries: Map<string, Node>) => new Map([...entries].map(([name, of]) => [name, copied(of)]));
      const made: FolderNode = { kind: 'folder', live: copies(node.live), durable: copies(node.durable) };
      return made as N;
    };
    const disk = new FakeDisk();
    disk.#root = copied(this.#root);
    return disk;
  }

  erase(path: string): void {
    const { parent, name } = this.#place(path);
    parent.live.delete(name);
    parent.durable.delete(name);
  }

  async open(path: string, flags: string): Promise<number> {
    await this.#called('open', path);
    const { parent, name } = this.#place(path);
    let node = parent.live.get(name);
    if (flags === 'wx' && node) throw errno('EEXIST');
    if (!node) {
      if (flags === 'r') throw errno('ENOENT');
      node = { kind: 'file', bytes: Buffer.alloc(0), durable: Buffer.alloc(0), unsynced: [] };
      parent.live.set(name, node);
    }
    this.#open.set(this.#nextFd, node);
    return this.#nextFd++;
  }

  async close(fd: number): Promise<void> {
    await this.#called('close', '');
    this.#file(fd);
    this.#open.delete(fd);
  }

  async writev(fd: number, chunks: readonly Uint8Array[], position: number): Promise<number> {
    await this.#called('writev', '');
    const file = this.#file(fd);
    const bytes = Buffer.concat(chunks).subarray(0, this.writeBytesMax);
    file.bytes = put(file.bytes, position, bytes);
    file.unsynced.push({ position, bytes, isDoomed: false });
    return bytes.length;
  }

  async read(fd: number, into: Buffer, offset: number, length: number, position: number): Promise<number> {
    await this.#called('read', '');
    return this.#copy(fd, into, offset, length, position);
  }

  readSync(fd: number, into: Buffer, offset: number, length: number, position: number): number {
    this.onReadSync();
    return this.#copy(fd, into, offset, length, position);
  }

  async size(fd: number): Promise<number> {
    return this.#file(fd).bytes.length;
  }

  async fdatasync(fd: number): Promise<void> {
    const file = this.#file(fd);
    const covered = file.unsynced.filter(({ isDoomed }) => !isDoomed); // only what was written before the call is promised
    try {
      await this.#called('fdatasync', '');
    } catch (error) {
      for (const write of covered) write.isDoomed = true;
      throw error;
    }
    const safe = covered.filter(({ isDoomed }) => !isDoomed);
    file.durable = safe.reduce((image, { position, bytes }) => put(image, position, bytes), file.durable);
    file.unsynced = file.unsynced.filter((write) => !safe.includes(write));
  }

  async syncDirectory(path: string): Promise<void> {
    const node = this.#folder(path);
    const live = new Map(node.live);
    await this.#called('syncDirectory', path);
    node.durable = live;
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#called('makeDirectory', path);
    const { parent, name } = this.#place(path);
    if (!parent.live.has(name)) parent.live.set(name, folder());
  }

  async link(from: string, to: string): Promise<void> {
    await this.#called('link', to);
    const source = this.#place(from);
    const target = this.#place(to);
    if (target.parent.live.has(target.name)) throw errno('EEXIST');
    target.parent.live.set(target.name, source.parent.live.get(source.name)!);
  }

  async unlink(path: string): Promise<void> {
    await this.#called('unlink', path);
    const { parent, name } = this.#place(path);
    if (!parent.live.delete(name)) throw errno('ENOENT');
  }

  async removeDirectory(path: string): Promise<void> {
    await this.#called('removeDirectory', path);
    const { parent, name } = this.#place(path);
    const node = parent.live.get(name);
    if (node?.kind !== 'folder') throw errno(node === undefined ? 'ENOENT' : 'ENOTDIR');
    if (node.live.size > 0) throw errno('ENOTEMPTY');
    parent.live.delete(name);
  }

  async readWhole(path: string): Promise<Buffer> {
    await this.#called('readWhole', path);
    const { parent, name } = this.#place(path);
    const node = parent.live.get(name);
    if (node?.kind !== 'file') throw errno('ENOENT');
    return Buffer.from(node.bytes);
  }

  async names(path: string): Promise<string[]> {
    await this.#called('names', path);
    return [...this.#folder(path).live.keys()].reverse();
  }

  async facts(path: string): Promise<{ size: number; modifiedMs: number }> {
    await this.#called('facts', path);
    const { parent, name } = this.#place(path);
    const node = path === '/' ? this.#root : parent.live.get(name);
    if (!node) throw errno('ENOENT');
    return { size: node.kind === 'file' ? node.bytes.length : 0, modifiedMs: 0 };
  }

  async space(path: string): Promise<{ totalBytes: number; freeBytes: number; availableBytes: number }> {
    await this.#called('space', path);
    return { totalBytes: 1000, freeBytes: 400, availableBytes: 300 };
  }

  async #called(call: string, path: string): Promise<void> {
    this.calls.push(call);
    await this.before(call, path);
  }

  /** Nothing behind the end, as a kernel does. */
  #copy(fd: number, into: Buffer, offset: number, length: number, position: number): number {
    return this.#file(fd)
      .bytes.subarray(position, position + length)
      .copy(into, offset);
  }

  #file(fd: number): FileNode {
    const node = this.#open.get(fd);
    if (node?.kind !== 'file') throw errno('EBADF');
    return node;
  }

  #folder(path: string): FolderNode {
    let node: Node | undefined = this.#root;
    for (const name of path.split('/').filter(Boolean))
      node = node?.kind === 'folder' ? node.live.get(name) : undefined;
    if (node?.kind !== 'folder') throw errno('ENOENT');
    return node;
  }

  #place(path: string): { parent: FolderNode; name: string } {
    const slash = path.lastIndexOf('/');
    return { parent: this.#folder(path.slice(0, slash)), name: path.slice(slash + 1) };
  }
}

/** How much of each backing store is in use: an image that ends there grows in place, since no other one sees what lies behind. */
const used = new WeakMap<ArrayBufferLike, number>();

function put(image: Buffer, position: number, bytes: Buffer): Buffer {
  const length = Math.max(image.length, position + bytes.length);
  const growsInPlace = position >= image.length && used.get(image.buffer) === image.length;
  const store = growsInPlace && length <= image.buffer.byteLength ? image.buffer : new ArrayBuffer(2 * length + 4096);
  const grown = Buffer.from(store, 0, length);
  if (store !== image.buffer) image.copy(grown);
  else if (position > image.length) grown.fill(0, image.length, position);
  bytes.copy(grown, position);
  used.set(store, length);
  return grown;
}

/** A clock that stands still until it is told to go on. */
export class StoppedClock implements Clock {
  nowMs = 1_000_000;
  #sleepers: { untilMs: number; wake: () => void }[] = [];

  steadyMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return this.nowMs;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ untilMs: this.nowMs + ms, wake: resolve });
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  }

  async advance(ms: number): Promise<void> {
    this.nowMs += ms;
    for (const sleeper of this.#sleepers.filter(({ untilMs }) => untilMs <= this.nowMs)) sleeper.wake();
    this.#sleepers = this.#sleepers.filter(({ untilMs }) => untilMs > this.nowMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
