// Divides an area at the key that halves what is asked of it, so that its halves can lie on two partitions. Where one key or one block has more than
// half of it, dividing would help nobody: that is what echoes are for.
import type { Clock } from '../../base/clock.ts';
import { reached } from '../../base/crash-points.ts';
import { type Random, randomId } from '../../base/random.ts';
import { secondMs } from '../../base/units.ts';
import type { Catalog, Change } from '../../catalog/catalog.ts';
import { keys } from '../../catalog/keys.ts';
import { encodeAct } from '../../catalog/records/act.ts';
import type { AreaId } from '../../model/ids.ts';
import { divideArea } from '../../objects/divide-area.ts';
import type { SeatMap } from '../../objects/seats.ts';
import type { SplitArea } from '../placement.ts';
import type { AreaRows } from './area-rows.ts';
import { nameBlocks } from './name-blocks.ts';
import { done, type Outcome, refused } from './outcome.ts';
import { type Demand, weighKeys } from './weigh-keys.ts';

export interface DividerDeps {
  readonly catalog: Catalog;
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
  readonly deltaKey: () => Buffer;
  readonly areas: AreaRows;
  readonly partitions: SeatMap;
  readonly clock: Pick<Clock, 'wallMs' | 'sleep'>;
  readonly isPaused: () => boolean;
  readonly random: Random;
  readonly demandOf: (area: AreaId) => Promise<Demand>;
  readonly onFailed: (area: AreaId, error: unknown) => void;
}

const pausedLookMs = 1 * secondMs;
const shareMax = 0.5;
/** A half may not be smaller: the other one would be as hot as the whole. */
const halfMin = 0.2;

export class AreaDivider {
  readonly #deps: DividerDeps;
  /** Those whose blocks are being named, lower and upper. */
  readonly #naming = new Map<string, { readonly areas: readonly AreaId[]; readonly ended: Promise<void> }>();
  readonly #stopping = new AbortController();

  constructor(deps: DividerDeps) {
    this.#deps = deps;
  }

  async divide({ area: id, home }: Omit<SplitArea, 'kind' | 'because'>): Promise<Outcome> {
    const { areas, catalog, clock, commit, partitions, random } = this.#deps;
    const seat = partitions.get(home);
    if (seat === undefined) return refused(`there is no partition ${home}`);
    if (seat.online?.() === false) return refused(`${home} takes no new blocks`);
    if ([...this.#naming.values()].some((one) => one.areas.includes(id)))
      return refused(`${id} was divided a moment ago, and its blocks are still being told apart`);
    const found = await areas.find(id);
    if (found === undefined) return refused(`there is no area ${id}`);
    const { middle, topKey, topBlockShare } = await weighKeys(catalog, found, await this.#deps.demandOf(id));
    const percent = (share: number): string => `${Math.round(share * 100)} %`;
    if (topBlockShare > shareMax) return refused(`one block has ${percent(topBlockShare)} of what is asked of ${id}`);
    if (topKey.share > shareMax)
      return refused(`the key ${JSON.stringify(topKey.key)} has ${percent(topKey.share)} of what is asked of ${id}`);
    if (middle === undefined || Math.min(middle.upperShare, 1 - middle.upperShare) < halfMin)
      return refused(`no key of ${id} divides what is asked of it`);
    const upper = { id: randomId(random), homes: [{ partition: home, weight: 1 }] };
    const startedSec = Math.floor(clock.wallMs() / 1000);
    const division = divideArea(found.row, { ...middle, upper, atSec: startedSec });
    const act = encodeAct({ kind: 'division', upper: upper.id, startedSec });
    const change = { checks: division.checks, writes: [...division.writes, [keys.act(id, ''), act] as const] };
    if ((await commit(change)) !== 'done') return refused(`${id} was changed by somebody else: the plan is stale`);
    reached('division: divided, blocks not named');
    this.resume(id, upper.id);
    return done(
      `from ${JSON.stringify(middle.key)} on (${percent(middle.upperShare)} of the demand) it is ${upper.id} now`,
    );
  }

  /** The blocks of the upper part are told apart, in the background. */
  resume(lower: AreaId, upper: AreaId): void {
    const ended = this.#name(lower, upper)
      .catch((error: unknown) => {
        // Its row stands: it is done after the next start.
        if (!this.#stopping.signal.aborted) this.#deps.onFailed(lower, error);
      })
      .finally(() => this.#naming.delete(lower));
    this.#naming.set(lower, { areas: [lower, upper], ended });
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#naming.values()].map(({ ended }) => ended));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.settled();
  }

  async #name(lower: AreaId, upper: AreaId): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#deps.isPaused()) await this.#deps.clock.sleep(pausedLookMs, signal);
    await nameBlocks(this.#deps, lower, upper, signal);
    reached('division: before its end');
    await this.#deps.commit({ checks: [], writes: [[keys.act(lower, ''), undefined]] });
  }
}
