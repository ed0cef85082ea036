// Keeps a reserve on the disk of the catalog: bodies, counters and whatever else makes it fill are refused or wait before it is reached;
// deletes and upkeep never do. (Partitions keep their own reserve where blocks are placed.)
import { statfs } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import { secondMs } from '../base/units.ts';
import type { BlockStore } from '../objects/block-store.ts';
import type { Objects } from '../objects/objects.ts';

const lookEveryMs = 1 * secondMs;

export interface SpaceWatch {
  hasRoom(): Promise<boolean>;
  /** Throws space-reserve-reached. */
  assertRoom(): Promise<void>;
}

export interface SpaceOptions {
  readonly path: string;
  readonly reserveBytes: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly freeBytes?: (path: string) => Promise<number>;
}

export function watchSpace({ path, reserveBytes, clock, freeBytes = freeOf }: SpaceOptions): SpaceWatch {
  let lookedMs = Number.NEGATIVE_INFINITY;
  let free = Number.POSITIVE_INFINITY;
  const hasRoom = async (): Promise<boolean> => {
    if (clock.monotonicMs() - lookedMs >= lookEveryMs) {
      lookedMs = clock.monotonicMs();
      free = await freeBytes(path);
    }
    return free >= reserveBytes;
  };
  return {
    hasRoom,
    async assertRoom() {
      if (!(await hasRoom())) throw new Fault({ kind: 'space-reserve-reached' });
    },
  };
}

async function freeOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

export function keepReserve(blocks: BlockStore, space: SpaceWatch): BlockStore {
  return {
    ...blocks,
    async write(where, body, options) {
      await space.assertRoom();
      return await blocks.write(where, body, options);
    },
  };
}

/** What grows the catalog without a body: a commit that finds no room at all would end the process. */
export function keepCatalogReserve(objects: Objects, space: SpaceWatch): Objects {
  const first =
    <A extends unknown[], R>(story: (...asked: A) => Promise<R>) =>
    async (...asked: A): Promise<R> => {
      await space.assertRoom();
      return await story(...asked);
    };
  const { createBucket, copy, copyPart, createUpload } = objects;
  return {
    ...objects,
    createBucket: first(createBucket),
    copy: first(copy),
    copyPart: first(copyPart),
    createUpload: first(createUpload),
  };
}
