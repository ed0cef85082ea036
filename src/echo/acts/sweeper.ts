// Takes echoes away: of blocks that are no more, of claims whose filler died, of what has grown cold, and whatever is beyond the budget, the
// coldest first and what is foreseen last; a tenth of the budget is kept free for what is far hotter. Cold is judged by what clients want, never by
// how calm a partition looks: the echo is what made it calm.
import type { Clock } from '../../base/clock.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { idOf, keys, prefixEnd, tag } from '../../catalog/keys.ts';
import { decodeBlock } from '../../catalog/records/block.ts';
import { decodeUsage } from '../../catalog/records/delta.ts';
import { decodePack } from '../../catalog/records/pack.ts';
import type { Echo } from '../../model/echo.ts';
import type { BlockId, PackId, PartitionId } from '../../model/ids.ts';
import { packedBytes } from '../../objects/packed-bytes.ts';
import { crowdPart, type EchoMap, muchColder } from '../echo.ts';
import { countOff, type DropDeps, dropEcho } from './drop-echo.ts';
import { pinnedCount } from './pins.ts';
import { walkEchoes } from './walk-echoes.ts';

export interface SweeperDeps extends DropDeps {
  readonly map: EchoMap;
  readonly catalog: Catalog;
  /** False: echoes are descriptors here, and those that have bytes were made before. */
  readonly keepsBytes: boolean;
  readonly clock: Clock;
  /** Nothing shall stay on that partition, or it is gone. */
  readonly isLeaving: (partition: PartitionId) => boolean;
  /** Reads of the hottest blocks, halved each minute; what is not among them is cold. Undefined: nobody counts. */
  readonly heat: () => Promise<ReadonlyMap<BlockId, number> | undefined>;
  /** Bytes of echoes that there may be. */
  readonly budgetBytes: () => Promise<number>;
  readonly onDropped: (echo: Echo, because: DropReason) => void;
}

export type DropReason =
  | 'block-gone'
  | 'claim-ran-out'
  | 'home-moved-here'
  | 'partition-leaves'
  | 'cold'
  | 'budget'
  | 'mode';

const packsPerTick = 1000;
/** Fewer reads in the last minute or two, and the echo goes. */
const leaveHeat = 4;
/** An echo is not judged by its heat sooner: made and dropped again and again it would cost more than it helps. */
const settledMs = 180_000;
/** A pack of an echo may have been written and not entered yet; what somebody counted off may not be folded yet. */
const unnamedMs = 120_000;
/** Many of them are gone by then; the others are noticed anew. */
const unnamedMax = 100_000;

interface Kept {
  readonly echo: Echo;
  readonly heat: number;
}

function hottestOf(hot: ReadonlyMap<BlockId, number> | undefined, kept: readonly Kept[]): number {
  const has = new Set(kept.map(({ echo }) => echo.block));
  let most = 0;
  for (const [block, heat] of hot ?? []) if (heat > most && !has.has(block)) most = heat;
  return most;
}

/** It is foreseen that it will be wanted, however cold it is now. */
const isKept = ({ keptUntilMs = 0 }: Echo, nowMs: number): boolean => keptUntilMs > nowMs;

export class EchoSweeper {
  readonly name = 'echo-sweeper';
  readonly everyMs = 10_000;
  readonly #deps: SweeperDeps;
  /** Where the walk over packs goes on. */
  #packsFrom: Buffer = keys.first(tag.pack);
  /** By this sweeper: an entry that comes back is not counted off again. */
  readonly #countedOff = new Set<PackId>();
  /** Packs that no entry names, since when. */
  readonly #unnamed = new Map<PackId, number>();

  constructor(deps: SweeperDeps) {
    this.#deps = deps;
  }

  async tick(): Promise<void> {
    const { map, heat, budgetBytes } = this.#deps;
    let hot: ReadonlyMap<BlockId, number> | undefined;
    const kept: Kept[] = [];
    const packs = new Set<PackId>();
    let asked: Promise<typeof hot> | undefined;
    for await (const echo of walkEchoes(map)) {
      asked ??= heat(); // a fleet without echoes asks nobody
      hot = await asked;
      if (echo.place !== undefined) packs.add(echo.place.pack);
      const because = await this.#doomed(echo, hot);
      if (because !== undefined) await this.#drop(echo, because);
      else if (echo.state === 'ready') kept.push({ echo, heat: hot?.get(echo.block) ?? 0 });
    }
    if (kept.length > 0) await this.#keepBudget(kept, hottestOf(hot, kept), await budgetBytes());
    await this.#sweepPacks(packs);
  }

  async #doomed(echo: Echo, hot: ReadonlyMap<BlockId, number> | undefined): Promise<DropReason | undefined> {
    const { catalog, clock, keepsBytes, isLeaving } = this.#deps;
    const row = await catalog.get(keys.block(echo.block));
    if (row === undefined) return 'block-gone';
    const nowMs = clock.steadyMs();
    if (echo.state === 'filling') return (echo.untilMs ?? 0) < nowMs ? 'claim-ran-out' : undefined;
    if (decodeBlock(row.value).partition === echo.partition) return 'home-moved-here';
    if (isLeaving(echo.partition)) return 'partition-leaves';
    if (echo.state === 'ready' && !keepsBytes) return 'mode';
    if ((await this.#isPinned(echo)) || hot === undefined || nowMs - echo.sinceMs < settledMs) return undefined;
    if (isKept(echo, nowMs)) return undefined;
    return (hot.get(echo.block) ?? 0) < leaveHeat ? 'cold' : undefined;
  }

  /** `wanted`: heat of the hottest block without an echo. For it there is always some room, if it is that of what is far colder. */
  async #keepBudget(kept: readonly Kept[], wanted: number, budgetBytes: number): Promise<void> {
    let bytes = kept.reduce((sum, { echo }) => sum + packedBytes(echo.length), 0);
    const nowMs = this.#deps.clock.steadyMs();
    const rank = ({ echo }: Kept): number => (echo.isPinned ? 2 : isKept(echo, nowMs) ? 1 : 0);
    for (const each of [...kept].sort((a, b) => rank(a) - rank(b) || a.heat - b.heat)) {
      const { echo, heat } = each;
      const givesWay = bytes > (1 - crowdPart) * budgetBytes && rank(each) === 0 && heat < muchColder * wanted;
      if (echo.isPinned || (bytes <= budgetBytes && !givesWay)) break;
      bytes -= packedBytes(echo.length);
      await this.#drop(echo, 'budget');
    }
  }

  /** A pin may be gone before its echoes are: whoever took it back met whoever made them. */
  async #isPinned(echo: Echo): Promise<boolean> {
    if (!echo.isPinned) return false;
    if ((await pinnedCount(this.#deps.catalog, echo.block)) !== undefined) return true;
    await this.#deps.map.change(echo, echo, { ...echo, isPinned: false });
    return true; // judged like others from the next tick on
  }

  async #drop(echo: Echo, because: DropReason): Promise<void> {
    if (await dropEcho(this.#deps, echo, (pack) => this.#isCounted(pack))) this.#deps.onDropped(echo, because);
  }

  /** An entry may come back that was taken for lost: from a Redis that was restored, or was another one for a while. */
  async #isCounted(pack: PackId): Promise<boolean> {
    if (this.#countedOff.has(pack)) return false;
    const row = await this.#deps.catalog.get(keys.pack(pack));
    return row !== undefined && decodePack(row.value).state !== 'dead';
  }

  /** Packs of echoes that no entry names: their filler died, or the map lost them. */
  async #sweepPacks(named: ReadonlySet<PackId>): Promise<void> {
    const { catalog, clock } = this.#deps;
    const nowMs = clock.steadyMs();
    if (this.#unnamed.size > unnamedMax) this.#unnamed.clear();
    const end = prefixEnd(keys.first(tag.pack));
    const rows = await catalog.range(this.#packsFrom, end, { limit: packsPerTick });
    this.#packsFrom =
      rows.length < packsPerTick ? keys.first(tag.pack) : Buffer.concat([rows.at(-1)!.key, Buffer.of(0)]);
    for (const { key, value } of rows) {
      const { holds, state } = decodePack(value);
      const pack = idOf(key);
      if (holds !== 'echo' || state !== 'sealed' || named.has(pack)) {
        this.#unnamed.delete(pack);
        continue;
      }
      const sinceMs = this.#unnamed.get(pack);
      if (sinceMs === undefined) this.#unnamed.set(pack, nowMs);
      if (nowMs - (sinceMs ?? nowMs) < unnamedMs) continue;
      this.#unnamed.set(pack, nowMs); // what is counted off now may not be folded at the next look
      const usage = await catalog.get(keys.usage('pack', pack));
      const bytes = usage === undefined ? 0 : decodeUsage(usage.value).bytes;
      if (bytes <= 0) continue;
      if (this.#countedOff.size > unnamedMax) this.#countedOff.clear();
      this.#countedOff.add(pack);
      await countOff(this.#deps, pack, bytes);
    }
  }
}
