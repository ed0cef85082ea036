// Every metric, declared once. No key labels, no bucket labels: what grows with the data does not belong into a time series.
// Each process counts in its own registry; the supervisor adds them up when asked.
import { AggregatorRegistry, collectDefaultMetrics, Gauge, type MetricObject, Registry } from 'prom-client';
import { pilotMetrics } from './pilot-metrics.ts';
import { CounterTally, HistogramTally, registerTally } from './tallies.ts';

/** The bounds that OpenTelemetry advises for the duration of HTTP requests. */
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const backendBuckets = [0.0005, 0.001, 0.0025, ...secondsBuckets];

export type Row = {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly buckets?: readonly number[];
};

const row = <const R extends Row>(metric: R): R => metric;

export const table = {
  requests: row({
    type: 'counter',
    name: 'echogate_s3_requests_total',
    help: 'S3 requests answered',
    labels: ['op', 'code'],
  }),
  duration: row({
    type: 'histogram',
    name: 'echogate_s3_request_duration_seconds',
    help: 'From the request line to the end of the answer',
    labels: ['op'],
    buckets: secondsBuckets,
  }),
  rejected: row({
    type: 'counter',
    name: 'echogate_s3_rejected_total',
    help: 'Requests refused before a handler ran',
    labels: ['reason'],
  }),
  bytesReceived: row({ type: 'counter', name: 'echogate_s3_bytes_received_total', help: 'Body bytes from clients' }),
  bytesSent: row({ type: 'counter', name: 'echogate_s3_bytes_sent_total', help: 'Body bytes to clients' }),
  partitionRequests: row({
    type: 'counter',
    name: 'echogate_partition_requests_total',
    help: 'Operations on partitions',
    labels: ['partition', 'kind', 'result'],
  }),
  partitionBytes: row({
    type: 'counter',
    name: 'echogate_partition_bytes_total',
    help: 'Bytes moved to and from partitions',
    labels: ['partition', 'kind'],
  }),
  partitionLatency: row({
    type: 'histogram',
    name: 'echogate_partition_latency_seconds',
    help: 'Duration of operations on partitions',
    labels: ['partition', 'kind'],
    buckets: backendBuckets,
  }),
  catalogBytes: row({
    type: 'gauge',
    name: 'echogate_catalog_bytes',
    help: 'The catalog: pages in use, and the file with its free pages',
    labels: ['part'],
  }),
  catalogRows: row({ type: 'gauge', name: 'echogate_catalog_rows', help: 'Rows of the catalog' }),
  upkeepTicks: row({
    type: 'gauge',
    name: 'echogate_upkeep_ticks',
    help: 'Pieces of work that each job of upkeep did since the pilot started',
    labels: ['doer'],
  }),
  upkeepFailures: row({
    type: 'gauge',
    name: 'echogate_upkeep_failures',
    help: 'Pieces of work that failed and were tried again',
    labels: ['doer'],
  }),
  compactedBlocks: row({
    type: 'counter',
    name: 'echogate_compacted_blocks_total',
    help: 'Blocks that compaction rewrote: moved, removed or moved by others meanwhile, or unreadable and left alone',
    labels: ['result'],
  }),
  scrubbedBytes: row({
    type: 'counter',
    name: 'echogate_scrub_bytes_total',
    help: 'Bytes of blocks read and checked in the background',
  }),
  scrubDamaged: row({
    type: 'counter',
    name: 'echogate_scrub_damaged_total',
    help: 'Blocks found damaged in the background',
    labels: ['mended'],
  }),
  echoReads: row({
    type: 'counter',
    name: 'echogate_echo_reads_total',
    help: 'Reads of blocks by the copy that was tried first, and why',
    labels: ['copy', 'because'],
  }),
  echoHedges: row({
    type: 'counter',
    name: 'echogate_echo_hedges_total',
    help: 'Reads that were late at their first copy and were asked for at a second one too',
  }),
  echoFills: row({
    type: 'counter',
    name: 'echogate_echo_fills_total',
    help: 'Echoes that were made, or could not be',
    labels: ['result'],
  }),
  echoBroken: row({
    type: 'counter',
    name: 'echogate_echo_broken_total',
    help: 'Echoes found missing or wrong when they were read; the read went on with another copy',
  }),
  echoDrops: row({
    type: 'counter',
    name: 'echogate_echo_drops_total',
    help: 'Echoes taken away, and why',
    labels: ['because'],
  }),
  demandRate: row({
    type: 'gauge',
    name: 'echogate_partition_demand',
    help: 'What clients asked of a partition in the last bin of five minutes, per second',
    labels: ['partition', 'resource'],
  }),
  forecastQuantile: row({
    type: 'gauge',
    name: 'echogate_forecast_demand',
    help: 'Forecast of the mean demand over the horizon, per second; the label says which quantile',
    labels: ['partition', 'resource', 'horizon', 'quantile'],
  }),
  pressure: row({
    type: 'gauge',
    name: 'echogate_partition_pressure',
    help: 'Greatest forecast share of capacity (90 % quantile) over the longest horizon; absent where capacity is not known',
    labels: ['partition'],
  }),
  overloadProb: row({
    type: 'gauge',
    name: 'echogate_partition_overload_probability',
    help: 'Probability that demand passes 85 % of capacity within the longest horizon',
    labels: ['partition'],
  }),
  imbalanceScore: row({
    type: 'gauge',
    name: 'echogate_partition_imbalance',
    help: 'Pressure above the least that the fleet could have',
    labels: ['partition'],
  }),
  forecastAge: row({
    type: 'gauge',
    name: 'echogate_forecast_age_seconds',
    help: 'Since the end of the last bin that the forecast knows; absent where there is none',
  }),
  ...pilotMetrics,
  restarts: row({
    type: 'gauge',
    name: 'echogate_child_restarts',
    help: 'Children replaced since the supervisor started',
    labels: ['crew'],
  }),
  build: row({
    type: 'gauge',
    name: 'echogate_build_info',
    help: 'Always 1; its labels say what runs',
    labels: ['version', 'node'],
  }),
} as const satisfies Record<string, Row>;

type MetricOf<R extends Row> = R['type'] extends 'counter'
  ? CounterTally
  : R['type'] extends 'gauge'
    ? Gauge
    : HistogramTally;
export type Metrics = { readonly [K in keyof typeof table]: MetricOf<(typeof table)[K]> } & {
  readonly registry: Registry;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const make = ({ name, help, type, labels = [], buckets = secondsBuckets }: Row) => {
    const options = { name, help, labelNames: [...labels] };
    if (type === 'gauge') return new Gauge({ ...options, registers: [registry] });
    const tally = type === 'counter' ? new CounterTally(options) : new HistogramTally(options, buckets);
    registerTally(registry, tally);
    return tally;
  };
  const made = Object.fromEntries(Object.entries(table).map(([name, metric]) => [name, make(metric)]));
  return { ...(made as unknown as Omit<Metrics, 'registry'>), registry };
}

/** Memory, event loop and garbage collection of this process, beside the metrics of the table. */
export const measureProcess = (metrics: Metrics): void =>
  collectDefaultMetrics({ register: metrics.registry, prefix: 'echogate_' });

export const snapshotOf = (metrics: Metrics): Promise<MetricObject[]> =>
  metrics.registry.getMetricsAsJSON() as unknown as Promise<MetricObject[]>;

/** Prometheus text of several processes' snapshots, added up. */
export async function mergeSnapshots(snapshots: readonly unknown[]): Promise<string> {
  return await AggregatorRegistry.aggregate(snapshots as object[]).metrics();
}

export interface SupervisorFigures {
  readonly restarts: Readonly<Record<string, number>>;
  readonly turnedAway: number;
}

/** The supervisor's own few figures, as a snapshot. */
export async function supervisorSnapshot(
  version: string,
  { restarts, turnedAway }: SupervisorFigures,
): Promise<unknown> {
  const metrics = createMetrics();
  metrics.build.set({ version, node: process.version }, 1);
  for (const [crew, count] of Object.entries(restarts)) metrics.restarts.set({ crew }, count);
  if (turnedAway > 0) {
    metrics.requests.of('none', '503').add(turnedAway);
    metrics.rejected.of('limit').add(turnedAway);
  }
  return await snapshotOf(metrics);
}
