// Rewrites what wastes space: packs of which less than half is alive, and small packs, merged area by area into full ones.
// Bounded bytes per tick, one partition at a time; the sources die by themselves once nothing in them is alive.
import { reached } from '../base/crash-points.ts';
import { MiB, minuteMs, secondMs } from '../base/units.ts';
import { idOf, keys, tag } from '../catalog/keys.ts';
import { decodePack } from '../catalog/records/pack.ts';
import type { AreaId, PackId, PartitionId } from '../model/ids.ts';
import { type BlockAt, blocksIn, type CopyDeps, type CopyResult, copyBlocks } from '../objects/copy-blocks.ts';
import { readPackIndex } from '../objects/read-pack-index.ts';
import { isOnline } from '../objects/seats.ts';
import { eachApart } from './each-apart.ts';
import { readUsage } from './folder.ts';
import type { Doer, UpkeepDeps } from './upkeep-deps.ts';
import { walkKind } from './walk-rows.ts';

const liveShareMin = 0.5;
const emptyPackBytes = 512; // header, index and footer of a pack, at most
// What merging makes is bigger than small, so that no pack is rewritten for being small again and again.
const smallBytes = 1 * MiB;
const smallPacksMin = 16;
const stuckMs = 10 * minuteMs;
const purePackBytesMin = 4 * MiB;

interface Candidate {
  readonly id: PackId;
  readonly partition: PartitionId;
  readonly liveBytes: number;
  readonly reason: 'sparse' | 'small';
}

export class Compactor implements Doer {
  readonly name = 'compactor';
  readonly everyMs = 5 * secondMs;
  readonly #deps: UpkeepDeps;
  readonly #copy: CopyDeps;
  /** Packs that were chosen, and until when they are not chosen again: whatever could not be emptied waits. */
  readonly #stuck = new Map<PackId, number>();
  readonly #onCompacted: (result: CopyResult) => void;

  constructor(deps: UpkeepDeps, onCompacted: (result: CopyResult) => void = () => {}) {
    this.#onCompacted = onCompacted;
    const { storage, control, partitions, clock } = deps;
    this.#deps = deps;
    this.#copy = {
      catalog: storage.catalog,
      commit: (change) => control.commit(change),
      partition: (id) => partitions.get(id)?.partition,
      session: storage.session,
      ledger: storage.ledger,
      clock,
    };
  }

  async tick(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const [id, untilMs] of this.#stuck) if (untilMs <= nowMs) this.#stuck.delete(id);
    const byPartition = new Map<PartitionId, Candidate[]>();
    for (const candidate of await this.#candidates()) {
      byPartition.set(candidate.partition, [...(byPartition.get(candidate.partition) ?? []), candidate]);
    }
    await eachApart(byPartition, ([partition, candidates]) => this.#compact(partition, this.#worthwhile(candidates)));
  }

  async #candidates(): Promise<Candidate[]> {
    const { storage, partitions, clock, knobs } = this.#deps;
    const found: Candidate[] = [];
    for await (const row of walkKind(storage.catalog, tag.pack)) {
      const { state, holds, partition, bytes, changedMs } = decodePack(row.value);
      const id = idOf(row.key);
      if (state !== 'sealed' || holds !== 'blocks' || this.#stuck.has(id)) continue;
      const seat = partitions.get(partition);
      if (seat === undefined || !isOnline(seat)) continue; // what lies there shall go away, not be written anew
      if (clock.steadyMs() - changedMs < knobs.settledMs) continue;
      const liveBytes = (await readUsage(storage.catalog, keys.usage('pack', id))).bytes;
      if (liveBytes <= 0) continue; // dies without help
      if (bytes === 0 || liveBytes < (bytes - emptyPackBytes) * liveShareMin)
        found.push({ id, partition, liveBytes, reason: 'sparse' });
      else if (bytes < smallBytes) found.push({ id, partition, liveBytes, reason: 'small' });
    }
    return found;
  }

  /** All sparse packs; small ones only when merging them makes something bigger. Up to one tick's bytes. */
  #worthwhile(candidates: readonly Candidate[]): Candidate[] {
    const small = candidates.filter(({ reason }) => reason === 'small');
    const sparse = candidates.filter(({ reason }) => reason === 'sparse');
    const chosen: Candidate[] = [];
    let bytes = 0;
    for (const candidate of [...sparse, ...(small.length >= smallPacksMin ? small : [])]) {
      if (bytes + candidate.liveBytes > this.#deps.knobs.compactBytesPerTick && chosen.length > 0) break;
      bytes += candidate.liveBytes;
      chosen.push(candidate);
    }
    return chosen;
  }

  async #compact(partition: PartitionId, packs: readonly Candidate[]): Promise<void> {
    for (const { id } of packs) this.#stuck.set(id, this.#deps.clock.monotonicMs() + stuckMs);
    const blocks: BlockAt[] = [];
    for (const { id } of packs) blocks.push(...(await this.#liveBlocks(partition, id)));
    const { pure, mixed } = byArea(blocks);
    reached('compaction: blocks chosen');
    for (const [areaPure, own] of pure) this.#onCompacted(await copyBlocks(this.#copy, own, { partition, areaPure }));
    if (mixed.length > 0) this.#onCompacted(await copyBlocks(this.#copy, mixed, { partition }));
  }

  async #liveBlocks(partition: PartitionId, pack: PackId): Promise<BlockAt[]> {
    const contents = await readPackIndex(this.#copy.partition(partition)!, pack);
    const ids = contents?.blocks.map(({ id }) => id) ?? [];
    return await blocksIn(this.#copy.catalog, pack, ids);
  }
}

/** Areas with enough bytes get packs of their own; the others share. */
function byArea(blocks: readonly BlockAt[]): { pure: Map<AreaId, BlockAt[]>; mixed: BlockAt[] } {
  const areas = new Map<AreaId, BlockAt[]>();
  for (const block of blocks) {
    const own = areas.get(block.row.area) ?? [];
    own.push(block);
    areas.set(block.row.area, own);
  }
  const pure = new Map<AreaId, BlockAt[]>();
  const mixed: BlockAt[] = [];
  for (const [area, own] of areas) {
    if (own.reduce((sum, { row }) => sum + row.length, 0) >= purePackBytesMin) pure.set(area, own);
    else mixed.push(...own);
  }
  return { pure, mixed };
}
