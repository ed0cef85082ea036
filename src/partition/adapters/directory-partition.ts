// A partition in a local directory: one file per pack under packs/<first two hex digits>/. Local filesystems only.
import { dirname, join, resolve } from 'node:path';
import { chunkBytes, takeChunk } from '../../base/chunk-pool.ts';
import type { Clock } from '../../base/clock.ts';
import { reached } from '../../base/crash-points.ts';
import { Fault } from '../../base/fault.ts';
import type { Random } from '../../base/random.ts';
import type { ByteRange } from '../../base/range.ts';
import { KiB, secondMs } from '../../base/units.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import { packFile, packOfFile } from '../pack-name.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../partition.ts';
import { directoryFault, errorCode } from './directory-faults.ts';
import { claimDirectory, makeDurableDirectory, markerName, WrongMarker } from './directory-marker.ts';
import { DirectoryPackWriter } from './directory-pack-writer.ts';
import { type FileLayer, systemFileLayer } from './file-layer.ts';
import { OpenFiles } from './open-files.ts';
import { probeDirectory } from './probe-directory.ts';
import { unlinkDurably } from './unlink-durably.ts';

export interface DirectoryPartitionOptions {
  readonly id: PartitionId;
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  /** False: fail unless the directory was this partition before (a file system that is not mounted looks empty). */
  readonly create?: boolean;
  /** Read descriptors kept open. */
  readonly openFilesMax?: number;
  readonly files?: FileLayer;
}

const pieceBytes = 128 * KiB; // of the ends of long reads, and of all of them while no whole chunk can be had
const manyReaders = 64; // where there are more, each holds one slice
const smallBytesMax = 64 * KiB;
const slowReadMs = 1; // a synchronous read that took longer came from the disk, or the process lost its core meanwhile:
const slowPauseMinMs = 16; // the first pause is short, a file that stays slow soon pauses long
const slowPauseMaxMs = 1 * secondMs;
const idleFileMs = 30 * secondMs;

export class DirectoryPartition implements Partition {
  readonly id: PartitionId;
  readonly #clock: Clock;
  readonly #files: FileLayer;
  readonly #directory: string;
  readonly #packs: string;
  readonly #readers: OpenFiles;
  readonly #durableFolders = new Set<string>(); // whose own entry this process has synced
  #probes = 0;

  private constructor(options: DirectoryPartitionOptions, files: FileLayer) {
    this.id = options.id;
    this.#clock = options.clock;
    this.#files = files;
    this.#directory = resolve(options.directory);
    this.#packs = join(this.#directory, 'packs');
    this.#readers = new OpenFiles({
      files,
      clock: options.clock,
      openFilesMax: options.openFilesMax ?? 256,
      idleMs: idleFileMs,
      pathOf: (pack) => this.#path(pack),
    });
  }

  /** Claims the directory (see directory-marker.ts) and makes what is missing in it. */
  static async mount(options: DirectoryPartitionOptions): Promise<DirectoryPartition> {
    const { id, random, create = true, files = systemFileLayer } = options;
    const partition = new DirectoryPartition(options, files);
    try {
      if (create) await makeDurableDirectory(files, partition.#directory);
      await claimDirectory(files, random, partition.#directory, id, create);
      await files.makeDirectory(partition.#packs);
      await files.syncDirectory(partition.#directory);
    } catch (error) {
      if (error instanceof WrongMarker)
        throw new Fault({ kind: 'partition-down', partition: id, message: error.message });
      throw directoryFault(error, id);
    }
    return partition;
  }

  async open(pack: PackId): Promise<PackWriter> {
    const path = this.#path(pack);
    const folder = dirname(path);
    try {
      // never with its parents: where a file system is not mounted, nothing may be written below the mount point
      if (!this.#durableFolders.has(folder)) await this.#files.makeDirectory(folder);
      const fd = await this.#readers.sparing(() => this.#files.open(path, 'wx'));
      reached('directory: pack file made');
      const syncEntry = (): Promise<void> => this.#syncEntry(folder);
      const faultOf = (error: unknown): Fault => directoryFault(error, this.id);
      return new DirectoryPackWriter({ pack, fd, files: this.#files, syncEntry, faultOf });
    } catch (error) {
      throw errorCode(error) === 'EEXIST' ? directoryFault(error, this.id, pack) : directoryFault(error, this.id);
    }
  }

  async *read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    this.#path(pack); // checks the id
    signal?.throwIfAborted();
    const file = await this.#reader(pack);
    try {
      for (const { start, end } of ranges) {
        for (let at = start; at < end; ) {
          signal?.throwIfAborted();
          const left = end - at;
          const many = this.#readers.users > manyReaders;
          const bytes =
            (left >= chunkBytes && !many ? takeChunk() : undefined) ??
            Buffer.allocUnsafe(Math.min(left, many ? smallBytesMax : pieceBytes));
          const length = await this.#files.read(file.fd, bytes, 0, bytes.length, at);
          if (length === 0) throw await this.#short(pack, file.fd, end);
          at += length;
          yield length === bytes.length ? bytes : bytes.subarray(0, length);
        }
      }
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      throw directoryFault(error, this.id);
    } finally {
      this.#readers.release(file);
    }
  }

  /** −1 while the file is not open yet, after a slow read, and where fewer bytes stand than asked for: `read` says why. */
  readSmall(pack: PackId, offset: number, length: number, into: Buffer): number {
    const file = this.#readers.peek(pack);
    if (file === undefined || length > smallBytesMax || file.usedMs < file.slowUntilMs) return -1;
    try {
      const read = this.#files.readSync(file.fd, into, 0, length, offset);
      const tookMs = this.#clock.monotonicMs() - file.usedMs;
      if (tookMs > slowReadMs) {
        file.slowPauseMs = Math.min(slowPauseMaxMs, Math.max(slowPauseMinMs, file.slowPauseMs * 4));
        file.slowUntilMs = file.usedMs + tookMs + file.slowPauseMs;
      } else if (file.slowPauseMs > 0) file.slowPauseMs = Math.floor(file.slowPauseMs / 2);
      return read === length ? read : -1;
    } catch {
      return -1;
    }
  }

  async remove(packs: readonly PackId[]): Promise<void> {
    const paths = packs.map((pack) => this.#path(pack));
    try {
      for (const pack of packs) void this.#readers.drop(pack);
      await unlinkDurably(this.#files, paths);
    } catch (error) {
      throw directoryFault(error, this.id);
    }
  }

  async *list(after?: PackId): AsyncIterable<PackInfo> {
    try {
      for (const folder of (await this.#files.names(this.#packs)).sort()) {
        if (!/^[0-9a-f]{2}$/.test(folder) || (after !== undefined && folder < after.slice(0, 2))) continue;
        for (const name of (await this.#files.names(join(this.#packs, folder))).sort()) {
          const pack = packOfFile(name);
          if (pack === undefined || !pack.startsWith(folder) || (after !== undefined && pack <= after)) continue;
          const facts = await this.#facts(join(this.#packs, folder, name));
          if (facts) yield { pack, bytes: facts.size, modifiedMs: facts.modifiedMs };
        }
      }
    } catch (error) {
      throw directoryFault(error, this.id);
    }
  }

  /** Of the file system that the directory lies on. */
  async stat(): Promise<PartitionStat> {
    try {
      const { totalBytes, freeBytes, availableBytes } = await this.#files.space(this.#directory);
      return { usedBytes: totalBytes - freeBytes, freeBytes: availableBytes };
    } catch (error) {
      throw directoryFault(error, this.id);
    }
  }

  async probe(signal?: AbortSignal): Promise<Probe> {
    this.#probes += 1;
    const path = join(this.#directory, `probe.${process.pid}.${this.#probes % 16}`);
    return await probeDirectory(path, { files: this.#files, clock: this.#clock, signal });
  }

  async close(): Promise<void> {
    this.#readers.closeAll();
  }

  #path(pack: PackId): string {
    const file = packFile(pack);
    return join(this.#packs, file.slice(0, 2), file);
  }

  async #reader(pack: PackId): ReturnType<OpenFiles['use']> {
    try {
      return await this.#readers.use(pack);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw directoryFault(error, this.id);
      const mounted = await this.#facts(join(this.#directory, markerName)).catch(() => undefined);
      if (mounted) throw directoryFault(error, this.id, pack);
      throw new Fault({ kind: 'partition-down', partition: this.id, message: `${this.#directory} is not there` });
    }
  }

  async #short(pack: PackId, fd: number, wanted: number): Promise<Fault> {
    return new Fault({ kind: 'pack-short', partition: this.id, pack, wanted, size: await this.#files.size(fd) });
  }

  async #syncEntry(folder: string): Promise<void> {
    await this.#files.syncDirectory(folder);
    reached('directory: entry durable');
    if (this.#durableFolders.has(folder)) return;
    await this.#files.syncDirectory(this.#packs);
    this.#durableFolders.add(folder);
  }

  async #facts(path: string): Promise<{ size: number; modifiedMs: number } | undefined> {
    try {
      return await this.#files.facts(path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined; // removed meanwhile
      throw error;
    }
  }
}
