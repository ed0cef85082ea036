// The pilot's planning put together: what counts where areas lie, what reads the view, what decides and what is asked of it by operators.
import type { Clock } from '../base/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Echo } from '../model/echo.ts';
import type { BlockId } from '../model/ids.ts';
import type { Metadata } from '../model/metadata.ts';
import type { Rules, Score, Step, UnderWay } from '../placement/placement.ts';
import type { CounterStore } from '../telemetry/telemetry.ts';
import { heatedMax } from '../telemetry/telemetry.ts';
import type { Control, Doer } from '../upkeep/upkeep.ts';
import type { Acts, Moved } from './acts.ts';
import { type CountedHoldings, HoldingCounter } from './count-holdings.ts';
import type { ForecastKeeper } from './forecast-keeper.ts';
import { type Decision, Journal, type StepResult } from './journal.ts';
import { PlanKeeper } from './plan-keeper.ts';
import { type PartitionPlace, ViewReader } from './read-view.ts';

export interface PlanningOptions {
  readonly mode: Decision['mode'];
  readonly everyMs: number;
  /** With the pace of moves and of ticks as configured. */
  readonly rules: Rules;
  /** Of who leads. */
  readonly epoch: number;
  readonly logged: Control;
  readonly places: () => Promise<readonly PartitionPlace[]>;
  /** Blocks that are read much get echoes. */
  readonly hasEchoes: boolean;
  /** Of each of these blocks; empty where nobody can be asked. */
  readonly echoesOf: (blocks: readonly BlockId[]) => Promise<ReadonlyMap<BlockId, readonly Echo[]>>;
  readonly acts: Acts;
  readonly onPlan: (cause: Decision['cause']) => void;
  readonly onStep: (kind: Step['kind'], outcome: StepResult['outcome']) => void;
}

export interface PlanningTools {
  readonly catalog: Catalog;
  readonly control: Control;
  readonly counters: CounterStore;
  readonly clock: Clock;
  readonly declared: Metadata;
}

export interface PlanShown {
  readonly decision: Decision;
  readonly scores: readonly Score[];
}

export interface PlanningStatus {
  readonly mode: Decision['mode'];
  readonly isPaused: boolean;
  /** For whoever wonders why nothing happens. */
  readonly notes: readonly string[];
  readonly scores: readonly Score[];
  readonly lastTickSec: number | undefined;
  readonly tookMs: number;
  readonly epoch: number;
  readonly underWay: readonly UnderWay[];
  readonly moved: readonly Moved[];
}

export interface Planning {
  readonly counting: Doer;
  readonly ticking: Doer;
  /** Undefined: they have not been counted yet. */
  holdings(): CountedHoldings | undefined;
  status(): Promise<PlanningStatus>;
  plan(cause: 'asked' | 'rebalance'): Promise<PlanShown>;
  apply(id: number): Promise<Decision>;
  pause(isPaused: boolean): Promise<void>;
  /** For what runs already. */
  isPaused(): boolean;
  /** The newest first. */
  journal(count: number): Promise<readonly Decision[]>;
  decision(id: number): Promise<Decision | undefined>;
  /** What it was made by, as canonical text; undefined: it is kept no more. */
  inputOf(id: number): Promise<string | undefined>;
}

export function openPlanning(
  options: PlanningOptions & PlanningTools,
  forecasts: Pick<ForecastKeeper, 'current' | 'capacities'>,
): Planning {
  const { acts, catalog, clock, counters, epoch, places } = options;
  const holdings = new HoldingCounter(catalog, clock);
  const journal = new Journal(options);
  const view = new ViewReader({
    ...options,
    holdings,
    capacities: () => forecasts.capacities(),
    hottest: (nowSec) => counters.hottest(heatedMax, nowSec),
  });
  const keeper = new PlanKeeper({ ...options, forecasts, journal, view });
  return {
    counting: holdings,
    ticking: keeper,
    holdings: () => holdings.counted,
    async status() {
      const { because, ...status } = await keeper.status();
      const notes = because === undefined ? [] : [`no plan is made: ${because}`];
      const domains = new Set((await places()).map(({ capacityDomain }) => capacityDomain));
      return {
        ...status,
        notes: [...notes, ...domainNotes(domains)],
        epoch,
        underWay: acts.underWay(),
        moved: acts.moved(),
      };
    },
    async plan(cause) {
      const { decision, planned } = await keeper.plan(cause);
      return { decision, scores: planned.scores() };
    },
    apply: (id) => keeper.apply(id),
    pause: (isPaused) => keeper.pause(isPaused),
    isPaused: () => keeper.isPaused,
    journal: (count) => journal.last(count),
    decision: (id) => journal.find(id),
    inputOf: (id) => journal.inputOf(id),
  };
}

const domainNotes = (domains: ReadonlySet<string>): string[] =>
  domains.size > 1
    ? []
    : [
        `all partitions share the capacity domain ${[...domains].join('')}: moving between them relieves nothing, so only what is stored can be balanced (echogate rebalance)`,
      ];
