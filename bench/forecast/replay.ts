// A day of real load replayed at the running gateway in a hurry: earlier days as history in its catalog, then real S3 requests, while what the
// gateway publishes is written down and held against what it measures.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import { keys } from '../../src/catalog/keys.ts';
import { decodeDemandBin, encodeDemandBin } from '../../src/catalog/records/demand-bin.ts';
import { openWire, type Wire } from '../../test/chaos/support/wire.ts';
import { startWorld, type World } from '../../test/chaos/support/world.ts';
import { chance } from '../../test/unit/forecast/made-series.ts';

export interface ReplayedSeries {
  readonly name: string;
  /** Requests per second by bin of five minutes, earlier days first, the day to be replayed last. */
  readonly values: Float64Array;
}

export interface ReplayOptions {
  readonly dir: string;
  readonly series: readonly ReplayedSeries[];
  /** So many of the last bins are replayed, the others are history. */
  readonly bins: number;
  /** Seconds of the trace in one of ours. */
  readonly factor: number;
  /** Real requests per second of each series, on average. */
  readonly perSec: number;
  readonly say: (line: string) => void;
}

export interface Judged {
  /** Forecasts of the next bin whose bin was measured, over all partitions, and how many of those bins were inside q05–q95. */
  readonly count: number;
  readonly inside: number;
  readonly below: number;
  readonly above: number;
  /** Part inside, by partition. */
  readonly insideOf: Readonly<Record<string, number>>;
  readonly horizons: readonly number[];
  readonly requests: number;
  readonly failed: number;
}

const stepSec = 300;
const partitions = 4;
const bucketsMax = 64;
const objectsPerArea = 16;
const objectBytes = 4096;
const [low, high] = [0.05, 0.95];

interface FlowSaid {
  readonly flow: string;
  readonly horizon: number;
  readonly mean: readonly number[];
}

interface Said {
  readonly levels: readonly number[];
  readonly originSec?: number;
  readonly partitions: readonly { readonly partition: string; readonly flows: readonly FlowSaid[] }[];
}

export async function replay(options: ReplayOptions): Promise<{ judged: Judged; world: World }> {
  const { dir, series, bins, factor, perSec, say } = options;
  const data = join(dir, 'data');
  const config = ['forecast: { horizons: [5m, 1h, 2h] }', 'log: { level: warn }'];
  const first = await startWorld({ dir, data, workers: 2, partitions, config });
  const areas = await fill(first, series.length);
  await first.stop();

  const length = series[0]!.values.length;
  // A whole day ends "now", so that hours of the day are hours of the day.
  const fromSec = Math.floor(Date.now() / 86_400_000) * 86_400;
  const scaled = series.map(({ values }) => scaledTo(values, perSec / factor));
  say(
    `${length - bins} bins of history of ${series.length} areas, then ${bins} bins in ${((bins * stepSec) / factor / 60).toFixed(1)} minutes`,
  );
  await writeHistory(data, areas, scaled, { from: length - bins, fromSec });

  const atMs = Date.now();
  const orders = { demandClock: { atMs, fromMs: fromSec * 1000, factor } };
  const world = await startWorld({
    ...{ dir, data, workers: 2, partitions, config },
    env: { ECHOGATE_TRIAL: JSON.stringify(orders) },
  });
  const nowSec = (): number => fromSec + ((Date.now() - atMs) / 1000) * factor;
  const untilSec = fromSec + bins * stepSec;
  const wire = openWire(world, 64);
  const counts = { requests: 0, failed: 0 };
  const loads = scaled.map((values, at) =>
    drive(wire, areas[at]!.bucket, {
      counts,
      nowSec,
      untilSec,
      rateAt: (bin) => (values[length - bins + bin] ?? 0) * factor,
      fromSec,
    }),
  );
  const said = await listen(world, { nowSec, untilSec, fromSec, bins, say });
  await Promise.all(loads);
  wire.close();
  await sleep(((2 * stepSec) / factor) * 1000);
  await world.stop();
  return { judged: { ...(await judge(data, said)), ...counts }, world };
}

interface FilledArea {
  readonly id: string;
  readonly bucket: string;
  readonly home: string;
}

/** Buckets of one area each, as many on each partition as on any other. */
async function fill(world: World, count: number): Promise<FilledArea[]> {
  const wire = openWire(world, 8);
  const body = Buffer.alloc(objectBytes, 'echo');
  const put = async (bucket: string, key?: string): Promise<void> => {
    const { status } = await wire.send({ method: 'PUT', bucket, ...(key !== undefined && { key, body }) });
    if (status !== 200) throw new Error(`PUT answered ${status}`);
  };
  const chosen: FilledArea[] = [];
  for (let at = 0; chosen.length < count; at++) {
    if (at === bucketsMax) throw new Error(`${bucketsMax} buckets, and not ${count / partitions} on each partition`);
    const bucket = `replay-${at}`;
    await put(bucket);
    for (let each = 0; each < objectsPerArea; each++) await put(bucket, `o${each}`);
    const { id, home } = await areaOf(world, bucket);
    if (chosen.filter((area) => area.home === home).length < count / partitions) chosen.push({ id, bucket, home });
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

function scaledTo(values: Float64Array, mean: number): Float64Array {
  const measured = values.filter((value) => Number.isFinite(value));
  const factor = (mean * measured.length) / measured.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value * factor);
}

async function writeHistory(
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

interface Drive {
  readonly counts: { requests: number; failed: number };
  readonly nowSec: () => number;
  readonly fromSec: number;
  readonly untilSec: number;
  /** Real requests per second in a bin of the replayed day. */
  readonly rateAt: (bin: number) => number;
}

/** Arrivals at random, as dense as the trace was at that time. */
async function drive(wire: Wire, bucket: string, { counts, nowSec, fromSec, untilSec, rateAt }: Drive): Promise<void> {
  const running = new Set<Promise<void>>();
  let dueMs = Date.now();
  for (let turn = 0; nowSec() < untilSec; turn++) {
    const rate = Math.max(0.05, rateAt(Math.floor((nowSec() - fromSec) / stepSec)));
    dueMs = Math.max(dueMs, Date.now() - 500) - (Math.log(1 - Math.random()) / rate) * 1000;
    while (Date.now() < dueMs && nowSec() < untilSec) await sleep(Math.min(50, Math.max(1, dueMs - Date.now())));
    counts.requests += 1;
    const one = wire
      .send({ method: 'GET', bucket, key: `o${turn % objectsPerArea}` })
      .then(({ status }) => {
        if (status !== 200) counts.failed += 1;
      })
      .catch(() => {
        counts.failed += 1;
      })
      .finally(() => running.delete(one));
    running.add(one);
  }
  await Promise.all(running);
}

interface Listen {
  readonly nowSec: () => number;
  readonly fromSec: number;
  readonly untilSec: number;
  readonly bins: number;
  readonly say: (line: string) => void;
}

async function listen(world: World, { nowSec, fromSec, untilSec, bins, say }: Listen): Promise<Map<number, Said>> {
  const said = new Map<number, Said>();
  let toldMs = Date.now();
  while (nowSec() < untilSec) {
    const answer = (await world.call('GET', '/v1/forecast').catch(() => undefined)) as Said | undefined;
    if (answer?.originSec !== undefined && answer.originSec >= fromSec - stepSec) said.set(answer.originSec, answer);
    if (Date.now() - toldMs > 15_000) {
      toldMs = Date.now();
      say(`bin ${Math.floor((nowSec() - fromSec) / stepSec)} of ${bins}, ${said.size} forecasts`);
    }
    await sleep(250);
  }
  return said;
}

/** Against what the gateway kept of its own counting. */
async function judge(data: string, said: ReadonlyMap<number, Said>): Promise<Omit<Judged, 'requests' | 'failed'>> {
  const catalog = openLmdbCatalog({ path: join(data, 'catalog') });
  const horizons = new Set<number>();
  let [count, inside, below, above] = [0, 0, 0, 0];
  const hits = new Map<string, boolean[]>();
  for (const [originSec, { levels, partitions: each }] of said) {
    const row = catalog.get(keys.demandBin(stepSec, originSec + stepSec));
    const bin = row && decodeDemandBin(row.value);
    if (bin === undefined || bin.seconds < stepSec * 0.9) continue;
    for (const { partition, flows } of each) {
      for (const { horizon } of flows) horizons.add(horizon);
      const reads = flows.find(({ flow, horizon }) => flow === 'readOps' && horizon === 1);
      if (reads === undefined) continue;
      const own = bin.demand.filter((one) => one.partition === partition);
      const actual = own.reduce((sum, { readOps }) => sum + readOps, 0) / Math.min(stepSec, bin.seconds);
      const [from, to] = [reads.mean[levels.indexOf(low)]!, reads.mean[levels.indexOf(high)]!];
      const isInside = actual >= from && actual <= to;
      count += 1;
      if (isInside) inside += 1;
      else if (actual < from) below += 1;
      else above += 1;
      hits.set(partition, [...(hits.get(partition) ?? []), isInside]);
    }
  }
  await catalog.close();
  const insideOf = Object.fromEntries(
    [...hits].sort().map(([partition, each]) => [partition, each.filter(Boolean).length / each.length]),
  );
  return { count, inside, below, above, insideOf, horizons: [...horizons].sort((a, b) => a - b) };
}
