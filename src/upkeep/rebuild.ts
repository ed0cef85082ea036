// rebuild, front door: a lost catalog anew from what lies on the partitions: the newest whole checkpoint and all logs behind it.
import type { Random } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import type { BlockId, PartitionId } from '../model/ids.ts';
import { compareRedo } from '../objects/redo-frame.ts';
import type { SeatMap } from '../objects/seats.ts';
import type { CheckpointNote } from './checkpoint.ts';
import { IdCounts } from './fsck/id-counts.ts';
import { findCheckpoints, noteIn } from './rebuild/checkpoints.ts';
import { type FoundPacks, findPacks } from './rebuild/find-packs.ts';
import { packRows } from './rebuild/pack-rows.ts';
import { type FrameReader, readFrames } from './rebuild/read-frames.ts';
import { relocate } from './rebuild/relocate.ts';
import { StampedRows } from './rebuild/stamped-rows.ts';
import { type Counted, writeClosing, writeRows } from './rebuild/write-catalog.ts';
import { recount, writeUsage } from './recount.ts';
import type { MendDeps } from './scrub/mend-block.ts';
import { wantCheckpoint } from './want-checkpoint.ts';

export type RebuildStep = 'packs found' | 'bytes read' | 'rows written';

export interface RebuildDeps {
  readonly partitions: SeatMap;
  /** Both empty. The first one holds rows while they are gathered and is of no use afterwards. */
  readonly scratch: Catalog;
  readonly target: Catalog;
  readonly random: Random;
  readonly nowMs: number;
  readonly onProgress: (step: RebuildStep, count: number) => void;
}

export interface RebuildReport {
  readonly checkpoint: CheckpointNote | undefined;
  readonly checkpointsPassedOver: number;
  readonly entries: number;
  readonly packs: number;
  readonly counted: Counted;
  readonly damage: readonly string[];
  readonly missingPacks: readonly string[];
  /** Of what lay in those, found elsewhere. */
  readonly blocksFound: number;
  readonly packsLeftAlone: number;
}

/** Packs on a partition that was left out may come from later runs than any that was seen. */
const runsApart = 1000;

/** Throws Unreachable when a partition cannot be listed and is not in `without`. */
export async function rebuildCatalog(deps: RebuildDeps, without: readonly PartitionId[]): Promise<RebuildReport> {
  const { partitions, target, nowMs, onProgress } = deps;
  const found = await findPacks(partitions, () => onProgress('packs found', 1));
  const lost = [...found.unreachable].filter(([id]) => !without.includes(id));
  if (lost.length > 0) throw new Unreachable(lost);

  const damage: string[] = [];
  const reader: FrameReader = {
    partitions,
    onRead: (bytes) => onProgress('bytes read', bytes),
    onDamage: (sentence) => damage.push(sentence),
  };
  const { newest, passedOver } = await findCheckpoints(reader, found.packs);
  const rows = new StampedRows(deps.scratch);
  for (const pack of newest?.packs ?? []) {
    for await (const entries of readFrames(reader, pack)) {
      if (noteIn(entries)?.id !== newest?.note.id) continue;
      await rows.add({ run: 0, stamp: 0 }, entries[0]!.writes.slice(1));
    }
  }
  const { run, entries } = await replayLogs(reader, found, newest?.note.from, rows);
  await rows.flush();

  const written = await writeRows(rows, target, (count) => onProgress('rows written', count));
  const elsewhere = written.made.filter((id) => !partitions.has(id) && !without.includes(id));
  if (elsewhere.length > 0) throw new Unreachable(elsewhere.map((id) => [id, 'it is not where a pool would make it']));
  const isKnown = async (block: BlockId): Promise<boolean> => (await target.get(keys.block(block))) !== undefined;
  const { rows: packs, missing, leftAlone } = await packRows(found, written, isKnown, nowMs);
  const runNow = Math.max(run, written.run, newest?.note.from.run ?? 0) + runsApart;
  const watermark = Math.max(written.watermark, written.sequence);
  await writeClosing(target, { packs, run: runNow, watermark, checkpoint: newest?.note });
  await writeUsage(target, await recount(target, packs));
  const blocksFound = missing.length === 0 ? 0 : await relocate(mendDeps(deps), new Set(missing));
  await wantCheckpoint(target, { reason: 'the catalog was rebuilt', run: runNow, atMs: nowMs });
  return {
    checkpoint: newest?.note,
    checkpointsPassedOver: passedOver,
    entries,
    packs: found.packs.length,
    counted: written.counted,
    damage: [...new Set(damage)],
    missingPacks: missing,
    blocksFound,
    packsLeftAlone: leftAlone,
  };
}

const mendDeps = ({ target, partitions, random, nowMs }: RebuildDeps): MendDeps => ({
  catalog: target,
  commit: (change) => target.commit(change),
  partitions,
  random,
  nowMs: () => nowMs,
});

/** Every entry that is not older than `from`, in any order; returns the greatest run and how many different ones there were. */
async function replayLogs(
  reader: FrameReader,
  { packs }: FoundPacks,
  from: CheckpointNote['from'] | undefined,
  rows: StampedRows,
): Promise<{ run: number; entries: number }> {
  const seen = new IdCounts();
  let run = 0;
  for (const pack of packs) {
    if (pack.holds !== 'log') continue;
    for await (const entries of readFrames(reader, pack)) {
      for (const entry of entries) {
        run = Math.max(run, entry.run);
        if (from !== undefined && compareRedo(entry, from) < 0) continue;
        seen.add(entry.run.toString(16).padStart(8, '0') + entry.stamp.toString(16).padStart(16, '0'));
        await rows.add(entry, entry.writes);
      }
    }
  }
  return { run, entries: seen.size };
}

export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly partitions: readonly PartitionId[];
  constructor(lost: readonly (readonly [PartitionId, string])[]) {
    super(lost.map(([id, message]) => `partition ${id} cannot be read: ${message}`).join('; '));
    this.partitions = lost.map(([id]) => id);
  }
}
