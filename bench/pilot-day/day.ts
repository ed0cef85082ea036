// One day at the running gateway with its pilot in mode auto: four partitions that are granted little, in four domains, and a pool. What is asked,
// foreseen, decided and served is written down.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workersShare } from '../../src/compose/rations.ts';
import type { Decision } from '../../src/pilot/pilot.ts';
import { openWire } from '../../test/chaos/support/wire.ts';
import { startWorld, type World } from '../../test/chaos/support/world.ts';
import { machineLine } from '../../test/support/page.ts';
import { drive, fill, objectBytes, stepSec, writeHistory } from '../forecast/replayed-day.ts';
import type { ChosenDays } from './choose.ts';
import { readBins, type Said } from './read-bins.ts';
import { readDecisions } from './read-decisions.ts';
import { type BinRequests, type DayRecord, slowMs } from './record.ts';

export interface DayOptions extends ChosenDays {
  readonly dir: string;
  readonly bins: number;
  /** Seconds of the trace in one of ours. */
  readonly factor: number;
  /** So many series have boosted trees: they cost ten times the rest, and a hurried day has no time for many. */
  readonly trees: number;
  readonly say: (line: string) => void;
}

const partitions = 4;
const objectsPerArea = 128;
const daySec = 86_400;
/** Of the machine: so long the forecaster learns from the history, under load, before the day begins. */
const warmUpSec = 120;

/** `partitions:` has been written: these are the items of its list, and what follows. */
function configOf(
  data: string,
  { capacity, trees }: Pick<DayOptions, 'capacity' | 'trees'>,
  mode: 'off' | 'auto',
): string[] {
  // So much that clients may ask for `capacity`.
  const quota = `quota: { readBytesPerSec: ${Math.round((capacity * objectBytes) / workersShare)} }`;
  return [
    ...Array.from(
      { length: partitions },
      (_, at) =>
        `  - { id: p${at + 1}, directory: ${join(data, `p${at + 1}`)}, capacityDomain: d${at + 1}, failureDomain: d${at + 1}, ${quota} }`,
    ),
    `pools: [{ name: spare, directory: "${join(data, 'spare-{n}')}", capacityDomain: "spare-{n}", failureDomain: "spare-{n}", max: 1, ${quota} }]`,
    `pilot: { mode: ${mode} }`,
    `forecast: { horizons: [5m, 1h, 2h], trees: ${trees} }`,
    'log: { level: warn }',
  ];
}

export async function replayDay(options: DayOptions): Promise<DayRecord> {
  const { dir, series, bins, factor, capacity, skipped, say } = options;
  const data = join(dir, 'data');
  const usual = { dir, data, workers: 2, partitions: 0 };
  const filling = await startWorld({
    ...usual,
    config: configOf(data, { ...options, capacity: capacity * 1000 }, 'off'),
  });
  const filled = await fill(filling, { areas: series.length, partitions, objects: objectsPerArea });
  await filling.stop();
  const areas = filled.sort((a, b) => a.home.localeCompare(b.home));

  const length = series[0]!.values.length;
  const fromSec = Math.floor(Date.now() / 1000 / daySec) * daySec + skipped * stepSec;
  const byTheirClock = series.map(({ values }) => values.map((value) => value / factor));
  say(
    `${length - bins} bins of history of ${series.length} areas, then ${bins} bins in ${((bins * stepSec) / factor / 60).toFixed(1)} minutes`,
  );
  const ahead = Math.ceil((warmUpSec * factor) / stepSec);
  const startSec = fromSec - ahead * stepSec;
  await writeHistory(data, areas, byTheirClock, { from: length - bins - ahead, fromSec: startSec });

  const atMs = Date.now();
  const world = await startWorld({
    ...usual,
    config: configOf(data, options, 'auto'),
    env: { ECHOGATE_TRIAL: JSON.stringify({ demandClock: { atMs, fromMs: startSec * 1000, factor } }) },
  });
  const nowSec = (): number => startSec + ((Date.now() - atMs) / 1000) * factor;
  const untilSec = fromSec + bins * stepSec;
  const binNow = (): number => Math.min(bins - 1, Math.floor((nowSec() - fromSec) / stepSec));
  const warmUp = { ended: 0, failed: 0, slow: 0 };
  const requests = Array.from({ length: bins }, () => ({ ended: 0, failed: 0, slow: 0 }));
  const wire = openWire(world, 256);
  const loads = series.map(({ values }, at) =>
    drive(wire, areas[at]!.bucket, {
      answered({ isGood, tookMs }) {
        const of = requests[binNow()] ?? warmUp;
        of.ended += 1;
        if (!isGood) of.failed += 1;
        if (tookMs > slowMs) of.slow += 1;
      },
      // Some are read more than others, as everywhere.
      keyAt: () => `o${Math.floor(objectsPerArea * Math.random() ** 2)}`,
      ...{ nowSec, fromSec, untilSec },
      rateAt: (bin) => values[length - bins + bin] || 0,
    }),
  );
  const watched = await watch(world, { nowSec, fromSec, untilSec, bins, requests, say });
  await Promise.all(loads);
  wire.close();
  // Until what was counted last has been kept.
  await sleep(((2 * stepSec) / factor) * 1000 + 2000);
  const decided = await readDecisions(world, fromSec);
  await world.stop();
  const scale = { data, factor, fromSec, requests, said: watched.said };
  return {
    measuredOn: await machineLine(),
    ...{ factor, trees: options.trees, stepSec, fromSec, warmUp, ...decided },
    partitions: watched.partitions.map(({ id, capacityDomain }) => ({
      ...{ id, domain: capacityDomain, capacity },
      isMade: !/^p\d$/.test(id),
    })),
    areas: areas.map(({ id, bucket, home }, at) => ({ id, name: bucket, trace: series[at]!.name, home })),
    bins: await readBins(scale),
  };
}

interface Watched {
  readonly said: ReadonlyMap<number, Said>;
  readonly partitions: readonly { readonly id: string; readonly capacityDomain: string }[];
}

async function watch(
  world: World,
  options: {
    readonly nowSec: () => number;
    readonly fromSec: number;
    readonly untilSec: number;
    readonly bins: number;
    readonly requests: readonly BinRequests[];
    readonly say: (line: string) => void;
  },
): Promise<Watched> {
  const { nowSec, fromSec, untilSec, bins, requests, say } = options;
  const said = new Map<number, Said>();
  const found = new Map<string, Watched['partitions'][number]>();
  let toldMs = 0;
  while (nowSec() < untilSec) {
    const answer = (await world.call('GET', '/v1/forecast').catch(() => undefined)) as Said | undefined;
    // What was said first: later answers of one origin are the same.
    if (answer?.originSec !== undefined && answer.originSec >= fromSec - stepSec && !said.has(answer.originSec))
      said.set(answer.originSec, answer);
    if (Date.now() - toldMs > 15_000) {
      toldMs = Date.now();
      const map = (await world.call('GET', '/v1/map').catch(() => ({ partitions: [] }))) as Watched;
      for (const one of map.partitions) found.set(one.id, one);
      const { decisions } = (await world.call('GET', '/v1/journal?limit=1000').catch(() => ({ decisions: [] }))) as {
        decisions: readonly Decision[];
      };
      const sum = (of: keyof BinRequests): number => requests.reduce((all, bin) => all + bin[of], 0);
      const acted = decisions.filter(({ steps }) => steps.length > 0).length;
      say(
        `bin ${Math.floor((nowSec() - fromSec) / stepSec)} of ${bins}, ${said.size} forecasts, ${acted} decisions with steps, ${sum('ended')} requests, ${sum('failed')} failed, ${sum('slow')} slow`,
      );
    }
    await sleep(200);
  }
  return { said, partitions: [...found.values()].sort((a, b) => a.id.localeCompare(b.id)) };
}
