// A real catalog and real directory partitions in a folder that goes away afterwards.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { type LmdbCatalog, openLmdbCatalog } from '../../../src/catalog/adapters/lmdb-catalog.ts';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import type { WrittenBlocks } from '../../../src/objects/block-store.ts';
import type { OpenBlockStore } from '../../../src/objects/open-block-store.ts';
import { openStorage, type Storage, type StorageDeps } from '../../../src/objects/open-storage.ts';
import type { Seat } from '../../../src/objects/seats.ts';
import type { Session } from '../../../src/objects/session.ts';
import { DirectoryPartition } from '../../../src/partition/adapters/directory-partition.ts';
import type { Partition } from '../../../src/partition/partition.ts';

export interface WorldOptions {
  readonly partitions?: readonly string[];
  readonly clock?: Clock;
  readonly bytesInFlightMax?: number;
  readonly reserveBytes?: number;
  readonly wrap?: (partition: Partition) => Partition;
  /** What each worker's storage has besides. */
  readonly more?: Pick<StorageDeps, 'copies' | 'shared' | 'demand'>;
}

export interface Worker {
  readonly storage: Storage;
  readonly session: Session;
  readonly store: OpenBlockStore;
  /** What stories commit to. */
  readonly catalog: Catalog;
  close(): Promise<void>;
}

export interface World {
  readonly folder: string;
  readonly raw: LmdbCatalog;
  readonly seats: ReadonlyMap<string, Seat>;
  readonly clock: Clock;
  /** Another process's share, as far as one process can play it. */
  worker(): Promise<Worker>;
  close(): Promise<void>;
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'echogate-blocks-'));
  const clock = options.clock ?? systemClock;
  const random = systemRandom;
  const raw = openLmdbCatalog({ path: join(folder, 'catalog') });
  const seats = new Map<string, Seat>();
  for (const id of options.partitions ?? ['p1', 'p2', 'p3', 'p4']) {
    const plain = await DirectoryPartition.mount({ id, directory: join(folder, id), clock, random });
    const partition = options.wrap?.(plain) ?? plain;
    seats.set(id, { partition, capacityWeight: 1, failureDomain: id });
  }
  const opened: Storage[] = [];
  return {
    folder,
    raw,
    seats,
    clock,
    async worker() {
      const storage = await openStorage({
        catalog: raw,
        partitions: seats,
        clock,
        random,
        pid: process.pid,
        reserveBytes: options.reserveBytes ?? 0,
        onFailed: () => {},
        ...options.more,
        ...(options.bytesInFlightMax && { bytesInFlightMax: options.bytesInFlightMax }),
      });
      opened.push(storage);
      return {
        storage,
        session: storage.session,
        store: storage.blocks,
        catalog: storage.catalog,
        close: () => storage.close(),
      };
    },
    async close() {
      for (const storage of opened) await storage.close();
      for (const { partition } of seats.values()) await partition.close();
      await raw.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Everything that waits waits 50 times shorter; the time of day is the real one. */
export const hurriedClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms / 50, signal),
};

export const bucketId = '0b'.repeat(16);

export async function* bodyOf(bytes: Buffer, chunkBytes = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

export async function publish({ catalog }: Worker, written: WrittenBlocks): Promise<'done' | 'conflict'> {
  const { checks, writes } = written;
  try {
    return await catalog.commit({ checks, writes });
  } finally {
    written.settle();
  }
}

export async function readAll(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
