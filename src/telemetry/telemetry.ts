// Telemetry's door: what every process counts, where the counts meet, and how it writes down what happened.
export {
  type BinCounts,
  binOf,
  binSec,
  type Cause,
  type CounterBatch,
  type CounterStore,
  type HeatedBlock,
  heatedMax,
  type ServedCount,
} from './counter-store.ts';
export { type DemandCount, DemandCounter, type DemandRecorder } from './demand-counter.ts';
export { foldBins, rings } from './fold-bins.ts';
export { latencyQuantile, sumLatencies, sureP99Ms } from './latency-steps.ts';
export { createLogger, type Logger } from './logger.ts';
export {
  createMetrics,
  type Metrics,
  measureProcess,
  mergeSnapshots,
  snapshotOf,
  supervisorSnapshot,
} from './metrics.ts';
export { CountReporter } from './report-counts.ts';
export { ServedCounter, type ServedSample } from './served-counter.ts';
