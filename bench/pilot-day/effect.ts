// What the pilot's decisions came to: each partition's demand beside what it would have been had no area left its first home, and how well the day
// was foreseen. Clients ask for the same things either way, so both are sums of what was measured.
import type { DayPartition, DayRecord, DayStep, Foreseen } from './record.ts';

/** Per bin; undefined where nobody watched. */
export interface PartitionDay extends DayPartition {
  readonly demand: readonly (number | undefined)[];
  /** Demand if every area had stayed where it was when the day began. */
  readonly stayed: readonly (number | undefined)[];
  readonly served: readonly (number | undefined)[];
  readonly foreseen: readonly (Foreseen | undefined)[];
}

export function partitionDays({ partitions, areas, bins }: DayRecord): PartitionDay[] {
  const homes = new Map(areas.map(({ id, home }) => [id, home]));
  return partitions.map((partition) => {
    const { id } = partition;
    const sum = (isOurs: (of: { area: string; partition: string }) => boolean) =>
      bins.map(({ isWatched, demand }) =>
        isWatched ? demand.filter(isOurs).reduce((all, { reads }) => all + reads, 0) : undefined,
      );
    return {
      ...partition,
      demand: sum((of) => of.partition === id),
      stayed: sum(({ area, partition: now }) => (homes.get(area) ?? now) === id),
      served: bins.map(({ isWatched, served }) => (isWatched ? (served[id] ?? 0) : undefined)),
      foreseen: bins.map(({ forecast }) => forecast[id]),
    };
  });
}

export interface StepEffect {
  readonly decision: number;
  readonly atSec: number;
  readonly step: DayStep;
  /** Of whom it relieves: demand over capacity before it, half an hour later, and as it would have been then. */
  readonly source?: { readonly before?: number; readonly after?: number; readonly otherwise?: number };
}

/** In bins: means over a quarter of an hour. */
const window = 3;
const laterBins = 6;

export function effectsOf(record: DayRecord, days: readonly PartitionDay[]): StepEffect[] {
  return record.decisions.flatMap(({ id: decision, atSec, steps }) =>
    steps.map((step): StepEffect => {
      const day = days.find(({ id }) => id === step.from);
      const bin = Math.floor((atSec - record.fromSec) / record.stepSec);
      if (day === undefined) return { decision, atSec, step };
      const pressure = (rows: PartitionDay['demand'], from: number): number | undefined => {
        const found = rows.slice(Math.max(0, from), Math.max(0, from + window)).filter((each) => each !== undefined);
        return found.length === 0
          ? undefined
          : found.reduce((sum, each) => sum + each, 0) / found.length / day.capacity;
      };
      const [before, after] = [pressure(day.demand, bin - window), pressure(day.demand, bin + laterBins)];
      const otherwise = pressure(day.stayed, bin + laterBins);
      const source = {
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
        ...(otherwise !== undefined && { otherwise }),
      };
      return { decision, atSec, step, source };
    }),
  );
}

export const isActed = ({ outcome }: DayStep): boolean => outcome === 'done' || outcome === 'begun';

/** Bins of demand above capacity. */
export const overOf = (rows: PartitionDay['demand'], capacity: number): number =>
  rows.filter((each) => each !== undefined && each > capacity).length;

export interface Coverage {
  readonly inside: number;
  readonly count: number;
}

/** Of the published band from 5 % to 95 % of the next five minutes. */
export function coverageOf({ demand, foreseen }: PartitionDay): Coverage {
  const judged = demand.flatMap((value, at) => {
    const band = foreseen[at];
    return value === undefined || band === undefined ? [] : [value >= band.q05 && value <= band.q95];
  });
  return { inside: judged.filter(Boolean).length, count: judged.length };
}

export interface DaySums {
  readonly requests: number;
  readonly failed: number;
  readonly slow: number;
  /** Partition-minutes of demand above capacity. */
  readonly overMinutes: number;
  readonly overMinutesOtherwise: number;
  readonly coverage: Coverage;
  /** By kind and outcome, e.g. "move begun". */
  readonly steps: Readonly<Record<string, number>>;
}

export function sumDay(record: DayRecord, days: readonly PartitionDay[]): DaySums {
  const requests = record.bins.map((bin) => bin.requests);
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const minutes = (of: 'demand' | 'stayed') =>
    (sum(days.map((day) => overOf(day[of], day.capacity))) * record.stepSec) / 60;
  const coverages = days.map(coverageOf);
  const steps: Record<string, number> = {};
  for (const { kind, outcome } of record.decisions.flatMap((each) => each.steps)) {
    const name = `${kind} ${outcome}`;
    steps[name] = (steps[name] ?? 0) + 1;
  }
  return {
    requests: sum(requests.map(({ ended }) => ended)),
    failed: sum(requests.map(({ failed }) => failed)),
    slow: sum(requests.map(({ slow }) => slow)),
    overMinutes: minutes('demand'),
    overMinutesOtherwise: minutes('stayed'),
    coverage: {
      inside: sum(coverages.map(({ inside }) => inside)),
      count: sum(coverages.map(({ count }) => count)),
    },
    steps,
  };
}

/** Of the day, by the hurried clock: 14:05. */
export const timeText = (sec: number): string => new Date(sec * 1000).toISOString().slice(11, 16);
export const partText = (part: number | undefined): string =>
  part === undefined || !Number.isFinite(part) ? '–' : `${Math.round(100 * part)} %`;
