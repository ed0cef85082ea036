// Batches of counts for the tests of counter stores, and what is expected of their sums.
import type { BinCounts, CounterBatch, ServedCount } from '../../src/telemetry/counter-store.ts';
import type { DemandCount } from '../../src/telemetry/demand-counter.ts';
import { latencySteps } from '../../src/telemetry/latency-steps.ts';

/** The start of a bin. */
export const t0 = 1_800_000_000;

/** Names that would break a store which writes them into keys or scripts as they are. */
export const oddNames = [
  '',
  ' ',
  'a',
  'a\nb',
  'b\nc',
  '"',
  '\\',
  '{x}',
  '}{',
  '\0',
  'ü',
  '🪣',
  '__proto__',
  '%s:*',
  'x'.repeat(5000),
];

export const demandOf = (
  area: string,
  partition: string,
  [readOps = 0, writeOps = 0, readBytes = 0, writeBytes = 0]: readonly number[],
) => ({ area, partition, readOps, writeOps, readBytes, writeBytes }) satisfies DemandCount;

export const servedOf = (partition: string, cause: ServedCount['cause'], ops: number, step = 0): ServedCount => ({
  partition,
  cause,
  readOps: ops,
  writeOps: 2 * ops,
  readBytes: 3 * ops,
  writeBytes: 4 * ops,
  errors: 5 * ops,
  throttled: 6 * ops,
  latency: Array.from({ length: latencySteps }, (_, at) => (at === step ? ops : 0)),
});

export const batchOf = (part: Partial<CounterBatch>): CounterBatch => ({
  process: 'worker 1',
  timeSec: t0,
  seconds: 1,
  demand: [],
  served: [],
  blocks: [],
  ...part,
});

const keyOf = (row: DemandCount | ServedCount): string =>
  JSON.stringify('area' in row ? [row.area, row.partition] : [row.partition, row.cause]);

/** Rows of a bin have no order: here they have one, so that bins can be compared. */
export const inOrder = (bins: readonly BinCounts[]): BinCounts[] => {
  const sorted = <R extends DemandCount | ServedCount>(rows: readonly R[]): R[] =>
    [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return bins.map(({ startSec, seconds, demand, served }) => ({
    startSec,
    seconds,
    demand: sorted(demand),
    served: sorted(served),
  }));
};

type AnyRow = DemandCount | ServedCount;
interface Sums {
  readonly seconds: Map<string, number>;
  readonly demand: Map<string, AnyRow>;
  readonly served: Map<string, AnyRow>;
}

/** Row by row and number by number, as plainly as can be: the stores' own sums are not asked. */
export function sumOf(batches: readonly CounterBatch[]): BinCounts[] {
  const bins = new Map<number, Sums>();
  for (const batch of batches) {
    const startSec = batch.timeSec - (batch.timeSec % 10);
    const bin: Sums = bins.get(startSec) ?? { seconds: new Map(), demand: new Map(), served: new Map() };
    bins.set(startSec, bin);
    bin.seconds.set(batch.process, (bin.seconds.get(batch.process) ?? 0) + batch.seconds);
    for (const row of batch.demand) addRow(bin.demand, row);
    for (const row of batch.served) addRow(bin.served, row);
  }
  const all = [...bins].map(([startSec, { seconds, demand, served }]) => ({
    startSec,
    seconds: Math.max(...seconds.values()),
    demand: [...demand.values()] as DemandCount[],
    served: [...served.values()] as ServedCount[],
  }));
  return inOrder(all.sort((a, b) => a.startSec - b.startSec));
}

function addRow(rows: Map<string, AnyRow>, row: AnyRow): void {
  const old = (rows.get(keyOf(row)) ?? {}) as Record<string, number | number[]>;
  const sum = Object.entries(row).map(([name, value]: [string, number | readonly number[] | string]) => {
    const before = old[name];
    if (typeof value === 'string') return [name, value];
    if (typeof value === 'number') return [name, Number(before ?? 0) + value];
    return [name, value.map((each, at) => each + (Array.isArray(before) ? before[at]! : 0))];
  });
  rows.set(keyOf(row), Object.fromEntries(sum));
}
