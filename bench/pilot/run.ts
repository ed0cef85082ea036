// `npm run bench:pilot -- [--only NAME]… [--seed N] [--json FILE] [--keep]`: what the pilot does by itself on real processes; writes docs/PILOT.md.
// Exit codes: 0 all held, 1 something did not hold or failed, 2 wrong usage.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineLine } from '../../test/support/page.ts';
import { chance } from '../../test/unit/forecast/made-series.ts';
import { tellAnswer, writeAnswer } from '../trial-answer.ts';
import { job } from './job.ts';
import { splitMerge } from './split-merge.ts';
import type { PilotTrial } from './trial.ts';

const page = 'docs/PILOT.md';
const trials: readonly PilotTrial[] = [job, splitMerge];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const wanted = trials.filter(({ name }) => values.only === undefined || values.only.includes(name));
  const seed = Number(values.seed);
  if (wanted.length === 0 || !Number.isInteger(seed)) {
    say(`--only takes ${trials.map(({ name }) => name).join(', ')}; --seed a whole number`);
    return 2;
  }
  const machine = await machineLine();
  say(`npm run bench:pilot -- --seed ${seed}\n${machine}`);
  const results: Record<string, unknown> = {};
  let allHeld = true;
  for (const trial of wanted) {
    say(`\n${trial.name}: ${trial.headline}`);
    const dir = await mkdtemp(join(tmpdir(), 'echogate-bench-pilot-'));
    const startedMs = Date.now();
    const tell = (line: string): void => say(`  [${((Date.now() - startedMs) / 1000).toFixed(0)} s] ${line}`);
    try {
      const found = await trial.run({ dir, random: chance(seed), say: tell });
      results[trial.name] = found;
      if (!tellAnswer(found, say)) allHeld = false;
      const command = `npm run bench:pilot -- --only ${trial.name} --seed ${seed}`;
      await writeAnswer(page, trial, `\`${command}\` · ${machine}`, found);
      say(`  written to ${page}`);
    } finally {
      if (!values.keep) await rm(dir, { recursive: true, force: true });
    }
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  return allHeld ? 0 : 1;
}

process.exitCode = await main();
