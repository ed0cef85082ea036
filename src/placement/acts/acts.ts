// The door of what carries plans out: steps are given to it, and it says at once what became of them or why not. What takes longer goes on by
// itself, stands in the journal of the catalog, and is gone on with by whoever leads next.
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Change } from '../../catalog/catalog.ts';
import type { EchoMap } from '../../echo/echo.ts';
import type { AreaId } from '../../model/ids.ts';
import type { Storage } from '../../objects/open-storage.ts';
import type { SeatMap } from '../../objects/seats.ts';
import { binOf, binSec, type CounterStore, heatedMax } from '../../telemetry/telemetry.ts';
import type { Step, UnderWay } from '../placement.ts';
import { AreaDivider } from './area-divider.ts';
import { AreaRows } from './area-rows.ts';
import { standingActs } from './move-journal.ts';
import { type MoveEnd, type MoveProgress, Movers } from './movers.ts';
import { type Outcome, refused } from './outcome.ts';
import { reHome } from './re-homer.ts';
import type { Demand } from './weigh-keys.ts';

export type { MoveEnd, MoveProgress } from './movers.ts';
export type { Outcome } from './outcome.ts';

export interface ActsOptions {
  /** The pilot's own share. */
  readonly storage: Pick<Storage, 'catalog' | 'session' | 'ledger'> & {
    readonly blocks: Pick<Storage['blocks'], 'roomy'>;
  };
  /** Under the right of who leads; logged. */
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
  readonly partitions: SeatMap;
  readonly echoes: EchoMap;
  /** Undefined: nobody counts, and nothing is known to be hot. */
  readonly counters: Pick<CounterStore, 'bins' | 'hottest'> | undefined;
  readonly clock: Clock;
  /** Of the counters. */
  readonly nowSec: () => number;
  readonly random: Random;
  /** Of one move. */
  readonly bytesPerSec: () => number;
  /** Of all moves together. */
  readonly bytesInFlightMax: () => Promise<number>;
  readonly isPaused: () => boolean;
  readonly onMoved: (end: MoveEnd) => void;
  readonly onFailed: (area: AreaId, error: unknown) => void;
}

/** What is asked of an area now is what was asked of it in so many bins. */
const demandBins = 6;
const heatPerRead = 60 / Math.LN2;

export class PlacementActs {
  readonly #options: ActsOptions;
  readonly #areas: AreaRows;
  readonly #movers: Movers;
  readonly #divider: AreaDivider;

  constructor(options: ActsOptions) {
    this.#options = options;
    const { storage, counters, nowSec } = options;
    const { catalog, session, ledger, blocks } = storage;
    this.#areas = new AreaRows(catalog);
    this.#movers = new Movers({
      ...options,
      ...{ catalog, session, ledger, areas: this.#areas },
      hottest: async () => (await counters?.hottest(heatedMax, nowSec())) ?? [],
      roomy: () => blocks.roomy(),
      onEnded: options.onMoved,
    });
    this.#divider = new AreaDivider({
      ...options,
      ...{ catalog, areas: this.#areas },
      deltaKey: () => session.deltaKey(),
      demandOf: (area) => this.#demandOf(area),
    });
  }

  /** What stands in the journal goes on. */
  async resume(): Promise<void> {
    for (const { row, ...name } of await standingActs(this.#options.storage.catalog)) {
      if (row.kind === 'move') this.#movers.resume(name, row);
      else this.#divider.resume(name.area, row.upper);
    }
  }

  async carryOut(step: Step): Promise<Outcome> {
    switch (step.kind) {
      case 're-home':
        return await reHome({ ...this.#options, areas: this.#areas }, step);
      case 'move':
        return await this.#movers.begin(step);
      case 'split-area':
        if (this.#movers.isMoved(step.area)) return refused(`${step.area} is being moved`);
        return await this.#divider.divide(step);
      default:
        return refused(`${step.kind} is not a matter of areas`);
    }
  }

  underWay(): readonly UnderWay[] {
    return this.#movers.underWay();
  }

  /** For whoever shows how far moves have come. */
  progress(): readonly MoveProgress[] {
    return this.#movers.progress();
  }

  /** When what goes on now has ended. */
  async settled(): Promise<void> {
    await Promise.all([this.#movers.settled(), this.#divider.settled()]);
  }

  /** What is under way stands in the journal. */
  async stop(): Promise<void> {
    await Promise.all([this.#movers.stop(), this.#divider.stop()]);
  }

  async #demandOf(area: AreaId): Promise<Demand> {
    const { counters, nowSec } = this.#options;
    if (counters === undefined) return { all: 0, hot: new Map() };
    const toSec = binOf(nowSec());
    const [hottest, bins] = await Promise.all([
      counters.hottest(heatedMax, nowSec()),
      counters.bins(toSec - demandBins * binSec, toSec),
    ]);
    const own = bins.flatMap(({ demand }) => demand).filter((one) => one.area === area);
    const seconds = bins.reduce((sum, bin) => sum + bin.seconds, 0);
    const reads = own.reduce((sum, { readOps }) => sum + readOps, 0);
    const hot = hottest.filter((one) => one.area === area).map(({ block, heat }) => [block, heat] as const);
    return { all: seconds > 0 ? (heatPerRead * reads) / seconds : 0, hot: new Map(hot) };
  }
}
