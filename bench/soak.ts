// Twenty minutes of everything at once: does the memory of the workers grow? Paced below the limit, so that what is seen is what is
// kept and not what waits.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KiB, MiB } from '../src/base/units.ts';
import { type Arm, targetOf } from './arms/arm.ts';
import { inParallel } from './arms/s3-client.ts';
import type { Bench } from './bench.ts';
import { slopePerMinute } from './least-squares.ts';
import { rssAnonMiB } from './process-figures.ts';
import { type Load, runWrk } from './wrk.ts';

const sampleEveryMs = 1_000;
/** The engine's heap grows to its working size first. */
const settlingShare = 0.15;
/** Less than this is the noise of collections: over twenty minutes it would be 10 MiB. */
const slopeMax = 0.5;
const loadedMiBMax = 250;
const objects = 1_000;
const keyOf = (folder: string, at: number): string => `${folder}/${String(at).padStart(4, '0')}`;

export const soak: Bench = {
  name: 'soak',
  headline: 'memory under a mixed load: small and large reads and writes, listings',
  async run({ minutes, dir, startEchogate, say }) {
    const arm = await startEchogate('echogate');
    const small = join(dir, 'body-4k');
    const large = join(dir, 'body-8m');
    await writeFile(small, randomBytes(4 * KiB));
    await writeFile(large, randomBytes(8 * MiB));
    await inParallel(objects, 32, (at) => arm.store(keyOf('get', at), randomBytes(4 * KiB)));
    await inParallel(4, 2, (at) => arm.store(keyOf('large', at), randomBytes(8 * MiB)));

    const startedMs = performance.now();
    const samples: Sample[] = [];
    const timer = setInterval(() => {
      const minute = (performance.now() - startedMs) / 60_000;
      for (const pid of arm.pids) samples.push({ minute, pid, mib: rssAnonMiB(pid) ?? Number.NaN });
    }, sampleEveryMs);
    const progress = setInterval(() => say(`${latest(samples, arm.pids)} MiB`), 10_000);
    let requests = 0;
    let errors = 0;
    try {
      const loads = loadsOf(arm, small, large, minutes * 60);
      for (const measured of await Promise.all(loads.map((load) => runWrk(arm.origin, load, dir)))) {
        requests += measured.requests;
        errors += measured.errors;
      }
    } finally {
      clearInterval(timer);
      clearInterval(progress);
    }
    await arm.stop();

    const steady = samples.filter(({ minute }) => minute >= minutes * settlingShare);
    const perWorker = arm.pids.map((pid, at) => {
      const own = steady.filter((sample) => sample.pid === pid);
      const mib = own.map((sample) => sample.mib);
      return {
        name: `worker ${at + 1}`,
        slope: slopePerMinute(own.map((sample) => [sample.minute, sample.mib])),
        floorSlope: slopePerMinute(floors(own)),
        low: Math.min(...mib),
        high: Math.max(...samples.filter((sample) => sample.pid === pid).map((sample) => sample.mib)),
      };
    });
    const highest = Math.max(...perWorker.map(({ high }) => high));
    const steepest = Math.max(...perWorker.map(({ floorSlope }) => floorSlope));
    return {
      tables: [
        {
          head: ['worker', 'slope MiB/min', 'slope of the lowest in each minute', 'lowest MiB', 'highest MiB'],
          rows: perWorker.map((one) => [
            one.name,
            ...[one.slope, one.floorSlope].map((slope) => slope.toFixed(2)),
            ...[one.low, one.high].map((mib) => mib.toFixed(0)),
          ]),
        },
      ],
      verdicts: [
        {
          what: `slope of the lowest in each minute over ${minutes} min: ≤ ${slopeMax} MiB/min`,
          measured: `${steepest.toFixed(2)} MiB/min`,
          reached: Number.isNaN(steepest) ? undefined : steepest <= slopeMax,
        },
        {
          what: `RssAnon ≤ ${loadedMiBMax} MiB`,
          measured: `${highest.toFixed(0)} MiB`,
          reached: highest <= loadedMiBMax,
        },
      ],
      errors,
      peakMiB: highest,
      notes: [
        `${requests.toLocaleString('en-US')} requests in ${minutes} minutes, ${errors} errors. Least squares over samples of each second, without the first ${settlingShare * 100} %.`,
      ],
      raw: { samples },
    };
  },
};

interface Sample {
  readonly minute: number;
  readonly pid: number;
  readonly mib: number;
}

function loadsOf(arm: Arm, small: string, large: string, seconds: number): Load[] {
  const every = (folder: string, count: number, method: 'GET' | 'PUT'): string[] =>
    Array.from({ length: count }, (_, at) => targetOf(arm, method, keyOf(folder, at)));
  return [
    { method: 'GET', targets: every('get', objects, 'GET'), connections: 8, seconds, waitMs: 10 },
    { method: 'PUT', targets: every('put', 10 * objects, 'PUT'), body: small, connections: 8, seconds, waitMs: 50 },
    { method: 'GET', targets: [targetOf(arm, 'GET', '', [['list-type', '2']])], connections: 2, seconds, waitMs: 100 },
    { method: 'GET', targets: every('large', 4, 'GET'), connections: 2, seconds, waitMs: 200 },
    { method: 'PUT', targets: every('large', 4, 'PUT'), body: large, connections: 1, seconds, waitMs: 1_000 },
  ];
}

const latest = (samples: readonly Sample[], pids: readonly number[]): string =>
  pids.map((pid) => samples.findLast((sample) => sample.pid === pid)?.mib.toFixed(0) ?? '?').join(', ');

/** The lowest of each minute: what a collection leaves. */
function floors(samples: readonly Sample[]): [minute: number, mib: number][] {
  const lowest = new Map<number, number>();
  for (const { minute, mib } of samples) {
    const whole = Math.floor(minute);
    lowest.set(whole, Math.min(lowest.get(whole) ?? mib, mib));
  }
  return [...lowest];
}
