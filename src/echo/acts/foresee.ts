// Makes echoes before they are needed: of what is declared to become hot or to be read by a job, of what is hottest on a partition that is forecast
// to be overloaded, and of what is hottest at all. Those of the first two stay until the load is over, the others while their blocks are hot. What fails is tried again at the next tick.
import { isFault } from '../../base/fault.ts';
import { minuteMs, secondMs } from '../../base/units.ts';
import { keys } from '../../catalog/keys.ts';
import { decodeBlock } from '../../catalog/records/block.ts';
import type { Echo } from '../../model/echo.ts';
import type { AreaId, BlockId, PartitionId } from '../../model/ids.ts';
import { packedBytes } from '../../objects/packed-bytes.ts';
import type { HeatedBlock } from '../../telemetry/telemetry.ts';
import {
  type EchoMap,
  type ForeseenEchoes,
  foreseeEchoes,
  isNear,
  type Neighbour,
  type PlacedSpot,
  readsPerSec,
  Spill,
  standingHeat,
  standingSpot,
} from '../echo.ts';
import { findCandidates, type LookLimits } from './find-candidates.ts';
import { type MakeDeps, makeEchoes } from './make-echoes.ts';
import { walkEchoes } from './walk-echoes.ts';

export interface ForesightDeps extends Omit<MakeDeps, 'room'> {
  /** What is declared and forecast. */
  readonly spots: () => Promise<readonly PlacedSpot[]>;
  /** By the clock that demand is counted by, and what a moment of it is in ms of steady time. */
  readonly nowSec: () => number;
  readonly steadyMsAt: (sec: number) => number;
  /** The hottest blocks, the hottest first. */
  readonly hottest: () => Promise<readonly HeatedBlock[]>;
  /** Bytes of echoes that there may be, and of those that the hottest blocks have always. */
  readonly budgetBytes: () => Promise<{ readonly all: number; readonly standing: number }>;
  /** `echo.count`. */
  readonly count: number;
  /** Reads per second that a partition can do beyond what it is asked for; absent: not known. */
  readonly spareReads: () => Promise<ReadonlyMap<PartitionId, number>>;
  /** By `echo.counts`: which rule is a block's is not known here, so the least of its bucket's is taken. */
  readonly mostIn: () => Promise<(area: AreaId) => number>;
  readonly onFailed: (block: BlockId, error: unknown) => void;
  /** Of a tick; the usual ones when left out. */
  readonly limits?: LookLimits;
}

const atOnce = 4;
/** A plan is followed for so long; then there is a new one. */
const followedMs = 30 * secondMs;
/** So many failures of a tick say that more would follow. */
const failuresMax = 8;
/** Echoes are kept so far ahead at most, and renewed when half of it has run: what is no longer declared is soon judged by its heat again. */
const keptAheadMs = 30 * minuteMs;
/** Less more is not worth a write. */
const keptStepMs = 1 * minuteMs;

/** Without an end: as long as it is hot. */
type Wish = Pick<ForeseenEchoes, 'block' | 'count'> & Partial<Pick<ForeseenEchoes, 'untilSec'>>;

export class EchoForesight {
  readonly name = 'echo-foresight';
  readonly everyMs = 10 * secondMs;
  readonly #deps: ForesightDeps;
  /** Which spot is looked at first, where they are too many for one tick. */
  #turn = 0;
  #isStopped = false;

  constructor(deps: ForesightDeps) {
    this.#deps = deps;
  }

  async tick(): Promise<void> {
    const { map, read, count, nowSec: now } = this.#deps;
    const nowSec = now();
    const spots = (await this.#deps.spots()).filter((spot) => isNear(spot, nowSec));
    const hottest = await this.#deps.hottest();
    const isHot = hottest.some(({ heat }) => heat >= standingHeat);
    if (spots.length === 0 && !isHot) return; // what nobody wants or foresees costs nothing
    const [{ echoes, bytes }, neighbours, budgetBytes, mostIn] = await Promise.all([
      echoesIn(map),
      this.#deps.neighbours(),
      this.#deps.budgetBytes(),
      this.#deps.mostIn(),
    ]);
    const turn = spots.length === 0 ? 0 : this.#turn % spots.length;
    const turned = [...spots.slice(turn), ...spots.slice(0, turn)];
    const sights = { catalog: read.catalog, echoes, hottest, neighbours, mostIn };
    const found = await findCandidates(sights, turned, this.#deps.limits);
    this.#turn = turn + found.length;
    let leftBytes = budgetBytes.all - bytes;
    const plan: Wish[] = foreseeEchoes(found, { nowSec, leftBytes, count });
    const hot = await findCandidates(sights, [standingSpot(nowSec)], this.#deps.limits);
    const standing = foreseeEchoes(hot, { nowSec, leftBytes: budgetBytes.standing - bytes, count });
    const planned = new Set(plan.map(({ block }) => block));
    plan.push(...standing.flatMap(({ block, count }) => (planned.has(block) ? [] : [{ block, count }])));
    const room = (blockBytes: number): boolean => {
      leftBytes -= packedBytes(blockBytes);
      return leftBytes >= 0;
    };
    const heats = new Map(hottest.map(({ block, heat }) => [block, heat]));
    const spill = await this.#spill(echoes, heats);
    await this.#follow(plan, { echoes, heats, neighbours, spill, room });
  }

  /** A tick that runs ends with the echoes that it is at. */
  stop(): void {
    this.#isStopped = true;
  }

  /** What partitions would have to do more now if one of them died. */
  async #spill(echoes: ReadonlyMap<BlockId, readonly Echo[]>, heats: ReadonlyMap<BlockId, number>): Promise<Spill> {
    const { spareReads, read } = this.#deps;
    const spill = new Spill(await spareReads());
    if (!spill.isKnown) return spill;
    for (const [block, own] of echoes) {
      const heat = heats.get(block);
      const row = heat === undefined ? undefined : await read.catalog.get(keys.block(block));
      if (heat === undefined || row === undefined) continue;
      const { partition: home } = decodeBlock(row.value);
      for (const { partition } of own) spill.add(home, partition, readsPerSec(heat) / own.length);
    }
    return spill;
  }

  /** Not on partitions that could not carry the block's reads beside those that would come there with them. */
  #makeBy({ neighbours, spill, heats, room }: Seen, block: BlockId, home: PartitionId, count: number): MakeDeps {
    const perSec = readsPerSec(heats.get(block) ?? 0) / count;
    const { onMade } = this.#deps;
    return {
      ...this.#deps,
      room,
      neighbours: async () =>
        neighbours.map((each) => (spill.fits(home, each.partition, perSec) ? each : { ...each, isWilling: false })),
      onMade(made, partition, bytes) {
        spill.add(home, partition, perSec);
        onMade(made, partition, bytes);
      },
    };
  }

  /** Throws the failure that says most, if there was one. */
  async #follow(plan: readonly Wish[], seen: Seen): Promise<void> {
    const { clock, onFailed } = this.#deps;
    const untilMs = clock.monotonicMs() + followedMs;
    const failures: unknown[] = [];
    const left = plan.values();
    const runner = async (): Promise<void> => {
      for (const one of left) {
        if (this.#isStopped || clock.monotonicMs() > untilMs || failures.length >= failuresMax) return;
        try {
          await this.#give(one, seen);
        } catch (error) {
          failures.push(error);
          onFailed(one.block, error);
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, runner));
    if (failures.length > 0) throw failures.find((error) => isFault(error, 'session-fenced')) ?? failures[0];
  }

  async #give({ block, count, untilSec }: Wish, seen: Seen): Promise<void> {
    const known = seen.echoes.get(block) ?? [];
    const { map, clock, read, steadyMsAt } = this.#deps;
    const nowMs = clock.steadyMs();
    const keptUntilMs =
      untilSec === undefined ? undefined : Math.ceil(Math.min(steadyMsAt(untilSec), nowMs + keptAheadMs));
    for (const echo of known) {
      if (keptUntilMs === undefined) break; // it stays while it is hot
      const keptMs = echo.keptUntilMs ?? 0;
      // One that is being filled is its filler's; whoever changed it meanwhile knows better.
      if (echo.state !== 'ready' || keptMs - nowMs > keptAheadMs / 2 || keptUntilMs - keptMs < keptStepMs) continue;
      await map.change(echo, echo, { ...echo, keptUntilMs });
    }
    if (count <= known.length) return;
    const row = await read.catalog.get(keys.block(block));
    if (row === undefined) return;
    try {
      const wish = { count, isPinned: false, ...(keptUntilMs === undefined ? {} : { keptUntilMs }) };
      const home = decodeBlock(row.value);
      await makeEchoes(this.#makeBy(seen, block, home.partition, count), block, home, wish);
    } catch (error) {
      // Overwritten or deleted meanwhile: nobody will want it.
      if ((await read.catalog.get(keys.block(block))) !== undefined) throw error;
    }
  }
}

/** What a tick has found out. */
interface Seen {
  readonly echoes: ReadonlyMap<BlockId, readonly Echo[]>;
  readonly heats: ReadonlyMap<BlockId, number>;
  readonly neighbours: readonly Neighbour[];
  readonly spill: Spill;
  readonly room: (bytes: number) => boolean;
}

/** By block, and the bytes that they take. */
async function echoesIn(map: EchoMap): Promise<{ echoes: Map<BlockId, Echo[]>; bytes: number }> {
  const echoes = new Map<BlockId, Echo[]>();
  let bytes = 0;
  for await (const echo of walkEchoes(map)) {
    if (echo.state === 'descriptor') continue;
    bytes += packedBytes(echo.length);
    echoes.set(echo.block, [...(echoes.get(echo.block) ?? []), echo]);
  }
  return { echoes, bytes };
}
