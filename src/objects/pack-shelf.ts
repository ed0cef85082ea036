// Where a worker puts the blocks of one partition: `put` resolves when the block is durable. How packs are filled depends
// on what the partition can do, and its first writer tells: appended and flushed (directories), or one write each (S3).
import type { Clock } from '../base/clock.ts';
import type { Location } from '../model/block.ts';
import type { BlockId } from '../model/ids.ts';
import type { Partition } from '../partition/partition.ts';
import { AppendingShelf } from './appending-shelf.ts';
import { BatchingShelf } from './batching-shelf.ts';
import { OpenPack } from './open-pack.ts';
import type { PackLedger } from './pack-ledger.ts';

export interface NewBlock {
  readonly id: BlockId;
  readonly length: number;
  readonly chunks: readonly Uint8Array[];
  readonly sliceCrcs: readonly number[];
  /** Told when nobody reads `chunks` any more, so that they can be used again; where that is not known, never. */
  readonly whenRead?: () => void;
}

export interface PlacedBlock {
  readonly location: Location;
  /** Call when the block was committed or given up: a pack is not marked sealed while it has unsettled blocks. */
  settle(): void;
}

export interface PackShelf {
  put(block: NewBlock): Promise<PlacedBlock>;
  /** Now and then: ends packs that nobody writes to. */
  tidy(): void;
  /** Ends what is open; puts that are under way are waited for. */
  close(): Promise<void>;
}

export interface ShelfDeps {
  readonly partition: Partition;
  readonly ledger: PackLedger;
  readonly clock: Clock;
}

/** A shelf that finds out at its first put what kind it is. */
export function packShelf(deps: ShelfDeps): PackShelf {
  let found: Promise<PackShelf> | undefined;
  let shelf: PackShelf | undefined;
  const find = (): Promise<PackShelf> => {
    found ??= OpenPack.open(deps).then((pack) => {
      shelf = pack.flushes ? new AppendingShelf(deps, pack) : new BatchingShelf(deps, pack);
      return shelf;
    });
    found.catch(() => {
      found = undefined; // the partition may be up at the next try
    });
    return found;
  };
  return {
    put: (block) => (shelf === undefined ? find().then((found) => found.put(block)) : shelf.put(block)),
    tidy: () => shelf?.tidy(),
    close: async () => {
      await found?.catch(() => undefined);
      await shelf?.close();
    },
  };
}
