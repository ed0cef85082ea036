// What something costs those who read: small GETs with it and without, in pairs that share their noise.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KiB } from '../src/base/units.ts';
import { type Arm, targetOf } from './arms/arm.ts';
import { inParallel } from './arms/s3-client.ts';
import type { Bench } from './bench.ts';
import { median } from './contest.ts';
import { runWrk } from './wrk.ts';

const objects = 1_000;
const connections = 16;
/** Four pairs for each round of the other benches. */
const pairsPerRound = 4;
const secondsPerRun = 4;
const leastRatio = 0.95;
/** Two-sided 95 % of Student's t; 20 pairs leave 19 degrees of freedom, more only narrow it. */
const tQuantile = 2.093;
const keyOf = (at: number): string => `paired/${String(at).padStart(4, '0')}`;

export interface PairedOptions {
  readonly name: string;
  readonly headline: string;
  /** Settings by the environment of both, and of the one without it. */
  readonly env?: Readonly<Record<string, string>>;
  readonly without: Readonly<Record<string, string>>;
  /** More of a configuration file, beside data and ports. */
  readonly config?: (dir: string) => readonly string[];
  readonly notes?: readonly string[];
}

export const inPairs = ({ name, headline, env = {}, without, config, notes = [] }: PairedOptions): Bench => ({
  name,
  headline,
  async run({ rounds, dir, startEchogate, say }) {
    const start = (arm: string, more: Readonly<Record<string, string>>) => {
      if (config === undefined) return startEchogate(arm, { ...env, ...more });
      const file = join(dir, `${arm}.yaml`);
      writeFileSync(file, `${config(join(dir, arm)).join('\n')}\n`);
      return startEchogate(arm, { ...env, ...more }, file);
    };
    const arms = { with: await start('with', {}), without: await start('without', without) };
    const bytes = randomBytes(4 * KiB);
    for (const arm of Object.values(arms)) await inParallel(objects, 32, (at) => arm.store(keyOf(at), bytes));
    let errors = 0;
    const measure = async (arm: Arm): Promise<number> => {
      const targets = Array.from({ length: objects }, (_, at) => targetOf(arm, 'GET', keyOf(at)));
      const load = { method: 'GET', targets, connections, seconds: secondsPerRun } as const;
      const measured = await runWrk(arm.origin, load, dir);
      errors += measured.errors;
      return measured.requests / measured.seconds;
    };
    for (let turn = 0; turn < 3; turn++) for (const arm of Object.values(arms)) await measure(arm);
    const pairs: { readonly with: number; readonly without: number }[] = [];
    for (let pair = 0; pair < rounds * pairsPerRound; pair++) {
      // Who goes first changes, so that nobody always comes after the other.
      const order = pair % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const);
      const rates = { with: 0, without: 0 };
      for (const name of order) rates[name] = await measure(arms[name]);
      pairs.push(rates);
      say(`pair ${pair + 1}: ${rates.with.toFixed(0)} with, ${rates.without.toFixed(0)} without`);
    }
    for (const arm of Object.values(arms)) await arm.stop();
    const { middle, low, high } = intervalOf(pairs.map((pair) => Math.log(pair.with / pair.without)));
    const rate = (name: 'with' | 'without'): string => median(pairs.map((pair) => pair[name])).toFixed(0);
    return {
      tables: [
        {
          head: ['pairs', 'GET/s with', 'GET/s without', 'with / without', '95 % interval'],
          rows: [
            [
              String(pairs.length),
              rate('with'),
              rate('without'),
              middle.toFixed(3),
              `${low.toFixed(3)} – ${high.toFixed(3)}`,
            ],
          ],
        },
      ],
      verdicts: [
        {
          what: `lower bound of the ratio over at least 20 pairs: ≥ ${leastRatio}`,
          measured: `${low.toFixed(3)} of ${pairs.length} pairs`,
          reached: pairs.length < 20 ? undefined : low >= leastRatio,
        },
      ],
      errors,
      peakMiB: undefined,
      notes: [
        ...notes,
        "Geometric mean of the ratios of the pairs, with the interval of Student's t over their logarithms.",
      ],
      raw: { pairs },
    };
  },
});

function intervalOf(logs: readonly number[]) {
  const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
  const variance = logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, logs.length - 1);
  const half = tQuantile * Math.sqrt(variance / logs.length);
  return { middle: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) };
}
