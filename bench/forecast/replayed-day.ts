// What replays of a day at the running gateway share: areas of known homes, earlier days as history in the catalog, and real S3 requests as dense
// as the trace was at that time of its day.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import { keys } from '../../src/catalog/keys.ts';
import { encodeDemandBin } from '../../src/catalog/records/demand-bin.ts';
import { openWire, type Wire } from '../../test/chaos/support/wire.ts';
import type { World } from '../../test/chaos/support/world.ts';
import { chance } from '../../test/unit/forecast/made-series.ts';

export interface ReplayedSeries {
  readonly name: string;
  /** Requests per second by bin of five minutes, earlier days first, the day to be replayed last. */
  readonly values: Float64Array;
}

export const stepSec = 300;
export const objectBytes = 4096;
const bucketsMax = 64;

export interface FilledArea {
  readonly id: string;
  readonly bucket: string;
  readonly home: string;
}

/** Buckets of one area each, as many on each partition as on any other. */
export async function fill(
  world: World,
  { areas, partitions, objects }: { areas: number; partitions: number; objects: number },
): Promise<FilledArea[]> {
  const wire = openWire(world, 16);
  const body = Buffer.alloc(objectBytes, 'echo');
  const put = async (bucket: string, key?: string): Promise<void> => {
    const { status } = await wire.send({ method: 'PUT', bucket, ...(key !== undefined && { key, body }) });
    if (status !== 200) throw new Error(`PUT answered ${status}`);
  };
  const chosen: FilledArea[] = [];
  for (let at = 0; chosen.length < areas; at++) {
    if (at === bucketsMax) throw new Error(`${bucketsMax} buckets, and not ${areas / partitions} on each partition`);
    const bucket = `replay-${at}`;
    await put(bucket);
    await Promise.all(Array.from({ length: objects }, (_, each) => put(bucket, `o${each}`)));
    const { id, home } = await areaOf(world, bucket);
    const isWanted = chosen.filter((area) => area.home === home).length < areas / partitions;
    if (isWanted) chosen.push({ id, bucket, home });
    // Homes follow what is stored, and that is looked at once a second.
    else await sleep(1100);
  }
  wire.close();
  return chosen;
}

async function areaOf(world: World, name: string): Promise<{ id: string; home: string }> {
  const map = (await world.call('GET', '/v1/map')) as {
    partitions: { id: string; areas: { area: string; bucket: string; home?: string }[] }[];
  };
  for (const { id, areas } of map.partitions) {
    const found = areas.find(({ bucket, home }) => bucket === name && home === id);
    if (found !== undefined) return { id: found.area, home: id };
  }
  throw new Error(`no area of ${name} on the map`);
}

export function scaledTo(values: Float64Array, mean: number): Float64Array {
  const measured = values.filter((value) => Number.isFinite(value));
  const factor = (mean * measured.length) / measured.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value * factor);
}

export async function writeHistory(
  data: string,
  areas: readonly FilledArea[],
  series: readonly Float64Array[],
  { from, fromSec }: { from: number; fromSec: number },
): Promise<void> {
  const catalog = openLmdbCatalog({ path: join(data, 'catalog') });
  const random = chance(1);
  for (let bin = 0; bin < from; bin += 100) {
    const rows = Array.from({ length: Math.min(100, from - bin) }, (_, each) => {
      const startSec = fromSec - (from - bin - each) * stepSec;
      const demand = areas.flatMap(({ id: area, home: partition }, at) => {
        const value = series[at]![bin + each]!;
        if (!Number.isFinite(value)) return [];
        const readOps = arrivals(value * stepSec, random);
        return [{ area, partition, readOps, writeOps: 0, readBytes: readOps * objectBytes, writeBytes: 0 }];
      });
      return [
        keys.demandBin(stepSec, startSec),
        encodeDemandBin({ startSec, seconds: stepSec, demand, served: [] }),
      ] as const;
    });
    await catalog.commit({ checks: [], writes: rows });
  }
  await catalog.close();
}

/** So many as come at random where `mean` are expected, like those of the replayed day. */
function arrivals(mean: number, random: () => number): number {
  let count = -1;
  for (let left = mean; left >= 0; count++) left += Math.log(1 - random());
  return count;
}

/** How one request ended. */
export interface Answered {
  readonly isGood: boolean;
  readonly tookMs: number;
}

export interface Drive {
  readonly answered: (one: Answered) => void;
  /** Of the object that is read at a turn. */
  readonly keyAt: (turn: number) => string;
  readonly nowSec: () => number;
  readonly fromSec: number;
  readonly untilSec: number;
  /** Real requests per second in a bin of the replayed day. */
  readonly rateAt: (bin: number) => number;
}

/** Arrivals at random, as dense as the trace was at that time. */
export async function drive(wire: Wire, bucket: string, options: Drive): Promise<void> {
  const { answered, keyAt, nowSec, fromSec, untilSec, rateAt } = options;
  const running = new Set<Promise<void>>();
  let dueMs = Date.now();
  for (let turn = 0; nowSec() < untilSec; turn++) {
    const rate = Math.max(0.05, rateAt(Math.floor((nowSec() - fromSec) / stepSec)));
    dueMs = Math.max(dueMs, Date.now() - 500) - (Math.log(1 - Math.random()) / rate) * 1000;
    while (Date.now() < dueMs && nowSec() < untilSec) await sleep(Math.min(50, Math.max(1, dueMs - Date.now())));
    const sentMs = performance.now();
    const one = wire
      .send({ method: 'GET', bucket, key: keyAt(turn) })
      .then(({ status }) => status === 200)
      .catch(() => false)
      .then((isGood) => {
        answered({ isGood, tookMs: performance.now() - sentMs });
        running.delete(one);
      });
    running.add(one);
  }
  await Promise.all(running);
}
