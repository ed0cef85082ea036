// Telemetry's door: what every process counts and how it writes down what happened.
export { createLogger, type Logger } from './logger.ts';
export {
  createMetrics,
  type Metrics,
  measureProcess,
  mergeSnapshots,
  snapshotOf,
  supervisorSnapshot,
} from './metrics.ts';
