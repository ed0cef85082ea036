// A day of real load replayed at the running gateway in a hurry: earlier days as history in its catalog, then real S3 requests, while what the
// gateway publishes is written down and held against what it measures.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import { keys } from '../../src/catalog/keys.ts';
import { decodeDemandBin } from '../../src/catalog/records/demand-bin.ts';
import { openWire } from '../../test/chaos/support/wire.ts';
import { startWorld, type World } from '../../test/chaos/support/world.ts';
import { drive, fill, type ReplayedSeries, scaledTo, stepSec, writeHistory } from './replayed-day.ts';

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

const partitions = 4;
const objectsPerArea = 16;
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
  const areas = await fill(first, { areas: series.length, partitions, objects: objectsPerArea });
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
      answered({ isGood }) {
        counts.requests += 1;
        if (!isGood) counts.failed += 1;
      },
      keyAt: (turn) => `o${turn % objectsPerArea}`,
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
