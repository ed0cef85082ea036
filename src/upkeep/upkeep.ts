// Upkeep, front door: what the pilot process runs all the time so that the storage stays small, true and fast. Quick doers
// share one loop, in the order in which they build on each other; slow ones have their own, so that they hold nobody up.
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { dayMs, GiB, hourMs, MiB, minuteMs, secondMs } from '../base/units.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CopyResult } from '../objects/copy-blocks.ts';
import type { Storage } from '../objects/open-storage.ts';
import type { SeatMap } from '../objects/seats.ts';
import { AreaSplitter } from './area-splitter.ts';
import { Checkpointer } from './checkpoint.ts';
import { Collector } from './collector.ts';
import { Compactor } from './compactor.ts';
import { Expiry } from './expiry.ts';
import { Folder } from './folder.ts';
import { GoneSweeper } from './gone-sweeper.ts';
import { acquireLease, type Lease } from './lease.ts';
import { OrphanSweeper } from './orphan-sweeper.ts';
import { PackCollector } from './pack-collector.ts';
import { DoerLoop, type DoerStatus } from './run-doers.ts';
import { type ScrubbedPiece, Scrubber } from './scrubber.ts';
import { Control, type Doer, type UpkeepDeps, type UpkeepKnobs } from './upkeep-deps.ts';
import { WatermarkRaiser } from './watermark.ts';

export { type Census, type PartitionCensus, takeCensus } from './census.ts';
export type { DoerStatus } from './run-doers.ts';
export { DoerLoop } from './run-doers.ts';
export type { ScrubbedPiece } from './scrubber.ts';
export { Control, type Doer, type UpkeepKnobs } from './upkeep-deps.ts';
export { RollingWalk, walkKind, walkPages } from './walk-rows.ts';

export interface UpkeepOptions {
  /** The catalog itself, for rows that need no log: lease, watermark. */
  readonly catalog: Catalog;
  /** The pilot's own share of the storage. */
  readonly storage: Storage;
  readonly partitions: SeatMap;
  readonly clock: Clock;
  readonly random: Random;
  readonly knobs?: Partial<UpkeepKnobs>;
  readonly onError: (doer: string, error: unknown) => void;
  readonly onScrubbed?: (piece: ScrubbedPiece) => void;
  readonly onCompacted?: (result: CopyResult) => void;
  /** Another pilot leads now (or the catalog failed): this process must exit. */
  readonly onLost: (error: unknown) => void;
}

export interface Upkeep {
  readonly epoch: number;
  /** For what else the leader writes: rows that need no log. */
  readonly control: Control;
  /** For those of its rows that do. */
  readonly logged: Control;
  status(): readonly DoerStatus[];
  /** Waits for the ticks that run. */
  stop(): Promise<void>;
}

/** Right after a start the processors belong to those who serve. */
const startCalmMs = 5 * secondMs;

const defaults: UpkeepKnobs = {
  readMarginMs: 5 * secondMs,
  dropMarginMs: 25 * secondMs,
  areaBytesMax: 1 * GiB,
  areaBytesMin: 64 * MiB,
  orphanGraceMs: 1 * dayMs,
  checkpointEveryMs: 1 * hourMs,
  checkpointMarginMs: 2 * minuteMs,
  compactBytesPerTick: 64 * MiB,
  settledMs: 5 * secondMs,
  everyMsMax: 6 * hourMs,
  scrubEveryDays: 30,
};

export async function startUpkeep(options: UpkeepOptions): Promise<Upkeep> {
  const { catalog, storage, partitions, clock, random, onError, onLost, onScrubbed = () => {}, onCompacted } = options;
  const lease = await acquireLease({ catalog, clock, session: storage.session.id });
  const control = new Control(storage.catalog, lease);
  const unlogged = new Control(catalog, lease);
  const deps: UpkeepDeps = { storage, partitions, clock, random, control, knobs: { ...defaults, ...options.knobs } };

  const stopping = new AbortController();
  const runner = { clock, signal: stopping.signal, onError, everyMsMax: deps.knobs.everyMsMax };
  const folder = new Folder(catalog, unlogged);
  const quick = [
    renewal(lease),
    new WatermarkRaiser(catalog, unlogged, clock),
    folder,
    new AreaSplitter(deps),
    new Collector(deps),
    new PackCollector(deps, folder),
    new GoneSweeper(storage.catalog, control),
  ];
  const slow = [new Compactor(deps, onCompacted), new Expiry(deps), new Checkpointer(deps), new OrphanSweeper(deps)];
  const idle = [new Scrubber(deps, onScrubbed)];
  const later = { ...runner, firstAfterMs: Math.min(startCalmMs, runner.everyMsMax) };
  const loops = [new DoerLoop(quick, runner), new DoerLoop(slow, later), new DoerLoop(idle, later)];
  const ended = Promise.all(loops.map((loop) => loop.ended)).catch((error) => {
    stopping.abort();
    onLost(error);
  });

  return {
    epoch: lease.epoch,
    control: unlogged,
    logged: control,
    status: () => loops.flatMap((loop) => loop.status()),
    async stop() {
      stopping.abort();
      await ended;
      await Promise.allSettled(loops.map((loop) => loop.ended));
    },
  };
}

const renewal = (lease: Lease): Doer => ({ name: 'lease', everyMs: 10 * secondMs, tick: () => lease.renew() });
