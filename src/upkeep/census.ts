// Counts what there is, catalog against partitions, without changing anything: for operators and for tests that must see that
// nothing is left behind.
import type { Catalog } from '../catalog/catalog.ts';
import { idOf, keys, tag } from '../catalog/keys.ts';
import { decodePack, type PackRow } from '../catalog/records/pack.ts';
import type { PackId, PartitionId } from '../model/ids.ts';
import type { SeatMap } from '../objects/seats.ts';
import { listSessions } from '../objects/sessions.ts';
import { readUsage } from './folder.ts';
import { walkKind } from './walk-rows.ts';

export interface PartitionCensus {
  /** Packs of any content on the partition, and their bytes. */
  readonly packs: number;
  readonly packBytes: number;
  /** What blocks that are referenced take of them, as far as it is folded. */
  readonly liveBytes: number;
  /** On the partition, but unknown to the catalog. */
  readonly orphanPacks: number;
  /** Sealed in the catalog, but not on the partition: bytes are lost. */
  readonly missingPacks: number;
}

export interface Census {
  readonly partitions: ReadonlyMap<PartitionId, PartitionCensus>;
  /** Waiting for the folder and the collector. */
  readonly deltas: number;
  readonly dropped: number;
  readonly deadPacks: number;
  /** Reserved by sessions that have ended: the pack collector seals or removes them. */
  readonly abandonedPacks: number;
  /** Ended, and kept until nothing of theirs is left. */
  readonly fencedSessions: number;
  /** What is being done with areas: moves that are not over. */
  readonly acts: number;
}

export async function takeCensus(catalog: Catalog, seats: SeatMap): Promise<Census> {
  const partitions = new Map<PartitionId, PartitionCensus>();
  // Rows are looked at before and after the files: a row stands there before its file comes and until its file has gone.
  const rowsBefore = await packRows(catalog);
  const files = new Map<PartitionId, Map<PackId, number>>();
  for (const [id, { partition }] of seats) {
    const found = new Map<PackId, number>();
    for await (const { pack, bytes } of partition.list()) found.set(pack, bytes);
    files.set(id, found);
  }
  const rows = await packRows(catalog);
  const isSealed = (pack: PackId): boolean =>
    rowsBefore.get(pack)?.state === 'sealed' && rows.get(pack)?.state === 'sealed';
  // Or its file was there, and went together with its row before the rows were looked at again.
  const isKnown = (pack: PackId, id: PartitionId): boolean =>
    rows.get(pack)?.partition === id || rowsBefore.get(pack)?.partition === id;
  for (const [id, found] of files) {
    const { bytes: liveBytes } = await readUsage(catalog, keys.usage('partition', id));
    const own = [...rows.keys()].filter((pack) => rows.get(pack)?.partition === id);
    partitions.set(id, {
      packs: found.size,
      packBytes: [...found.values()].reduce((sum, bytes) => sum + bytes, 0),
      liveBytes,
      orphanPacks: [...found.keys()].filter((pack) => !isKnown(pack, id)).length,
      missingPacks: own.filter((pack) => isSealed(pack) && !found.has(pack)).length,
    });
  }
  const count = async (kind: Parameters<typeof walkKind>[1]): Promise<number> => {
    let rowCount = 0;
    for await (const _ of walkKind(catalog, kind)) rowCount += 1;
    return rowCount;
  };
  const sessions = await listSessions(catalog);
  const live = new Set(sessions.filter(({ state }) => state === 'live').map(({ id }) => id));
  // Packs before sessions: whoever reserved a pack that was seen had its session by then.
  const abandoned = [...rows.values()].filter(({ state, session }) => state === 'reserved' && !live.has(session));
  return {
    partitions,
    deltas: await count(tag.delta),
    dropped: await count(tag.dropped),
    deadPacks: [...rows.values()].filter(({ state }) => state === 'dead').length,
    abandonedPacks: abandoned.length,
    fencedSessions: sessions.length - live.size,
    acts: await count(tag.act),
  };
}

async function packRows(catalog: Catalog): Promise<Map<PackId, PackRow>> {
  const rows = new Map<PackId, PackRow>();
  for await (const row of walkKind(catalog, tag.pack)) rows.set(idOf(row.key), decodePack(row.value));
  return rows;
}
