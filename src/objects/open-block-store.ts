// Binds the parts of the block store: areas and seats say where, body writers cut, shelves fill packs, the ledger keeps their
// rows; reads look locations up afresh and check every slice.
import { ByteBudget } from '../base/budget.ts';
import type { Clock } from '../base/clock.ts';
import { isFault } from '../base/fault.ts';
import type { Random } from '../base/random.ts';
import type { ByteRange } from '../base/range.ts';
import { MiB } from '../base/units.ts';
import type { Catalog, Write } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { encodeBlock } from '../catalog/records/block.ts';
import { encodeDelta } from '../catalog/records/delta.ts';
import type { BlockRef } from '../model/block.ts';
import type { AreaId, PackId, PartitionId } from '../model/ids.ts';
import type { Partition } from '../partition/partition.ts';
import type { DemandRecorder } from '../telemetry/telemetry.ts';
import type { BlockStore, ReadAbout, UploadBytes, WrittenBlocks } from './block-store.ts';
import { BodyWriter, type Placement } from './body-writer.ts';
import type { Copies } from './copies.ts';
import { HomeTurns } from './home-turns.ts';
import { KnownAreas } from './known-areas.ts';
import type { PackLedger } from './pack-ledger.ts';
import { type PackShelf, packShelf } from './pack-shelf.ts';
import { packedBytes } from './packed-bytes.ts';
import type { StoredBlock } from './place-block.ts';
import { piecesOf, readBlocks } from './read-blocks.ts';
import { readSmall } from './read-small.ts';
import { RunningReads } from './running-reads.ts';
import { isOnline, type SeatMap, Seats } from './seats.ts';
import type { Session } from './session.ts';
import type { SharedReads } from './shared-reads.ts';
import { SlicePool } from './slice-pool.ts';
import { storeShort } from './store-short.ts';

export interface BlockStoreDeps {
  readonly catalog: Catalog;
  readonly partitions: SeatMap;
  readonly session: Session;
  readonly ledger: PackLedger;
  readonly clock: Clock;
  readonly random: Random;
  /** Of all bodies together that this process holds while they are written. */
  readonly bytesInFlightMax?: number;
  /** Free bytes of a partition below which it takes no new blocks. */
  readonly reserveBytes?: number;
  readonly demand?: DemandRecorder;
  /** Which copies of a block there are; without it there is the primary alone. */
  readonly copies?: Pick<Copies, 'inTurn' | 'hedge' | 'replica'>;
  /** Identical reads as one: given by whoever joins them too. */
  readonly shared?: SharedReads;
}

export interface OpenBlockStore extends BlockStore {
  /** Partitions that take new bytes now: online, and not at their reserve. */
  roomy(): Promise<readonly PartitionId[]>;
  /** Start of the oldest running read: what the heartbeat publishes. */
  oldestReadMs(): number;
  /** Now and then: ends packs that nobody writes to, lets go of memory that nobody needs. */
  tidy(): void;
  /** Ends all open packs; no write may be running any more. The ledger is closed by whoever made it. */
  close(): Promise<void>;
}

/** Blocks of one version behind this offset are spread over all partitions. */
const homeBytesMax = 64 * MiB;

export function openBlockStore(deps: BlockStoreDeps): OpenBlockStore {
  const { catalog, session, ledger, clock, random, demand } = deps;
  const budget = new ByteBudget({ bytesMax: deps.bytesInFlightMax ?? 256 * MiB, clock });
  const reserveBytes = deps.reserveBytes ?? 256 * MiB;
  const seats = new Seats({ seats: deps.partitions, catalog, clock, reserveBytes });
  const areas = new KnownAreas(catalog, clock);
  const turns = new HomeTurns();
  const slices = new SlicePool();
  const reads = new RunningReads(clock);
  const shelves = new Map<PartitionId, { readonly partition: Partition; readonly shelf: PackShelf }>();
  const storing = { budget, seats, shelf: (id: PartitionId) => shelf(id), random, clock };
  const { copies, shared } = deps;
  const partition = (id: PartitionId) => seats.partition(id) ?? copies?.replica(id)?.partition;
  const readDeps = {
    catalog,
    partition,
    ...(demand && { demand }),
    ...(copies && { copies }),
    ...(shared && { shared }),
  };

  const shelf = (id: PartitionId): PackShelf => {
    const partition = seats.partition(id)!;
    const found = shelves.get(id);
    if (found?.partition === partition) return found.shelf;
    void found?.shelf.close(); // of one that has gone, and come again
    const shelf = packShelf({ partition, ledger, clock });
    shelves.set(id, { partition, shelf });
    return shelf;
  };

  /** What takes no new blocks any more shall soon hold nothing: no pack stays open there, no id waits. */
  const leave = async (id: PartitionId, shelf: PackShelf): Promise<void> => {
    await shelf.close();
    await ledger.handBack(id);
  };

  const publish = (area: AreaId, stored: readonly StoredBlock[]): WrittenBlocks => {
    for (const { row } of stored) demand?.write(area, row.partition, row.length);
    const rows = stored.map(({ id, row }): Write => [keys.block(id), encodeBlock(row)]);
    const delta: Write[] = rows.length === 0 ? [] : [[session.deltaKey(), encodeDelta(deltaOf(area, stored))]];
    const blocks = stored.map(({ id, row }): BlockRef => ({ id, length: row.length }));
    const size = blocks.reduce((sum, block) => sum + block.length, 0);
    const settle = (): void => {
      for (const { placed } of stored) placed.settle();
    };
    return { size, blocks, checks: [session.check()], writes: [...rows, ...delta], settle };
  };

  return {
    async write(where, body, { signal, length }) {
      await seats.refresh();
      const area = await areas.of(where.bucket, where.key, () => seats.ordered([])[0]!);
      const bodyStart = where.part === undefined ? 0 : (where.part - 1) * (length ?? 0);
      let wanted: readonly PartitionId[] | undefined;
      const placement: Placement = (offset) => {
        wanted = seats.ordered(bodyStart + offset < homeBytesMax ? turns.next(area.homes) : []);
        return wanted;
      };
      const { atOnce } = body;
      try {
        if (atOnce !== undefined && length !== undefined) {
          return publish(area.id, await storeShort(storing, { length, atOnce }, placement(0), area.id));
        }
        const writer = new BodyWriter({ ...storing, slices }, area.id, placement, length, signal);
        return publish(area.id, await writeBody(writer, body));
      } catch (error) {
        const [home] = wanted ?? placement(0);
        if (home !== undefined && isLackOfRoom(error)) demand?.write(area.id, home, length ?? 0);
        throw error;
      }
    },

    async *read(blocks: readonly BlockRef[], range: ByteRange, signal?: AbortSignal, about?: ReadAbout) {
      const ended = reads.begin();
      try {
        yield* readBlocks(readDeps, piecesOf(blocks, range), signal, about);
      } finally {
        ended();
      }
    },

    readSmall: (blocks, range) => readSmall(readDeps, blocks, range),
    beginRead: () => reads.begin(),
    sessionCheck: () => session.check(),
    async roomy() {
      await seats.refresh();
      return seats.roomy();
    },
    oldestReadMs: () => reads.oldestMs(),
    tidy() {
      for (const [id, { shelf }] of shelves) {
        const seat = deps.partitions.get(id);
        if (seat !== undefined && isOnline(seat)) shelf.tidy();
        else leave(id, shelf).catch(() => {}); // tried again with the next beat
      }
      slices.tidy();
    },

    async close() {
      await Promise.all([...shelves.values()].map(({ shelf }) => shelf.close()));
    },
  };
}

async function writeBody(writer: BodyWriter, body: UploadBytes): Promise<StoredBlock[]> {
  try {
    await writer.begin();
    for await (const chunk of body) await writer.add(chunk);
    return await writer.finish();
  } catch (error) {
    await writer.giveUp();
    throw error;
  }
}

/** Refused for what we lack: what the client wanted is demand all the same. */
const isLackOfRoom = (error: unknown): boolean =>
  (['overloaded', 'partition-busy', 'partition-down', 'partition-full'] as const).some((kind) => isFault(error, kind));

function deltaOf(area: AreaId, stored: readonly StoredBlock[]) {
  const packs = new Map<PackId, number>();
  let bytes = 0;
  for (const { row } of stored) {
    packs.set(row.pack, (packs.get(row.pack) ?? 0) + packedBytes(row.length));
    bytes += row.length;
  }
  return { packs: [...packs], areas: [[area, bytes] as const], buckets: [] };
}
