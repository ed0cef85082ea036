// A bin's counts as fields of one Redis hash, and back. A field's name is a JSON array, so that names may hold any character.
import type { BinCounts, Cause, CounterBatch, ServedCount } from '../counter-store.ts';
import type { DemandCount } from '../demand-counter.ts';
import { latencySteps } from '../latency-steps.ts';

const demandSums = ['readOps', 'writeOps', 'readBytes', 'writeBytes'] as const;
const servedSums = [...demandSums, 'errors', 'throttled'] as const;

type Field = readonly [name: string, amount: number];

/** What is to be added to which field; zeros are left out, but for one that shows that the row is there. */
export function fieldsOf({ process, seconds, demand, served }: CounterBatch): Field[] {
  const fields: Field[] = [[nameOf('seconds', process), seconds]];
  for (const count of demand) {
    for (const sum of demandSums) {
      if (sum === 'readOps' || count[sum] !== 0)
        fields.push([nameOf('demand', count.area, count.partition, sum), count[sum]]);
    }
  }
  for (const count of served) {
    const { partition, cause, latency } = count;
    for (const sum of servedSums) {
      if (sum === 'readOps' || count[sum] !== 0) fields.push([nameOf('served', partition, cause, sum), count[sum]]);
    }
    for (const [step, ended] of latency.entries()) {
      if (ended !== 0) fields.push([nameOf('latency', partition, cause, String(step)), ended]);
    }
  }
  return fields;
}

const nameOf = (...parts: readonly string[]): string => JSON.stringify(parts);

type Sums<T> = { -readonly [K in keyof T]: T[K] };

/** The bin that these fields are; undefined when there are none. */
export function binFrom(startSec: number, fields: Readonly<Record<string, string>>): BinCounts | undefined {
  const demand = new Map<string, Sums<DemandCount>>();
  const served = new Map<string, Sums<Omit<ServedCount, 'latency'>> & { latency: number[] }>();
  let watchedSec: number | undefined;
  for (const [name, text] of Object.entries(fields)) {
    const [kind, first, second, sum] = JSON.parse(name) as [string, string, string, string];
    const amount = Number(text);
    if (kind === 'seconds') watchedSec = Math.max(watchedSec ?? 0, amount);
    else if (kind === 'demand') {
      const none = { area: first, partition: second, readOps: 0, writeOps: 0, readBytes: 0, writeBytes: 0 };
      rowOf(demand, nameOf(first, second), none)[sum as (typeof demandSums)[number]] = amount;
    } else {
      const ops = { readOps: 0, writeOps: 0, readBytes: 0, writeBytes: 0, errors: 0, throttled: 0 };
      const latency = new Array<number>(latencySteps).fill(0);
      const none = { partition: first, cause: second as Cause, ...ops, latency };
      const row = rowOf(served, nameOf(first, second), none);
      if (kind === 'latency') row.latency[Number(sum)] = amount;
      else row[sum as (typeof servedSums)[number]] = amount;
    }
  }
  if (watchedSec === undefined) return undefined;
  return { startSec, seconds: watchedSec, demand: [...demand.values()], served: [...served.values()] };
}

function rowOf<Row>(rows: Map<string, Row>, id: string, none: Row): Row {
  const row = rows.get(id) ?? none;
  rows.set(id, row);
  return row;
}
