// `npm run bench:echo -- [--only NAME]… [--traces DIR] [--scale F] [--seed N] [--json FILE] [--write]`: what echoes do for those who read, on real
// processes; writes docs/ECHO.md. Exit codes: 0 all held, 1 something did not hold or failed, 2 wrong usage.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineLine } from '../../test/support/page.ts';
import { chance } from '../../test/unit/forecast/made-series.ts';
import { tellAnswer, writeAnswer } from '../trial-answer.ts';
import { cycle } from './cycle.ts';
import { down } from './down.ts';
import { flash } from './flash.ts';
import { Fleet, serviceLine } from './fleet.ts';
import { foreseen } from './foreseen.ts';
import { fillShelf } from './shelf.ts';
import { slow } from './slow.ts';
import type { EchoTrial } from './trial.ts';
import { truth } from './truth.ts';

const page = 'docs/ECHO.md';
const trials: readonly EchoTrial[] = [flash, foreseen, down, slow, truth, cycle];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      traces: { type: 'string', default: '../shared/traces/blocks' },
      scale: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const wanted = trials.filter(({ name }) => values.only === undefined || values.only.includes(name));
  const [scale, seed] = [Number(values.scale), Number(values.seed)];
  if (wanted.length === 0 || !(scale > 0 && scale <= 10) || !Number.isInteger(seed)) {
    say(`--only takes ${trials.map(({ name }) => name).join(', ')}; --scale a factor up to 10; --seed a whole number`);
    return 2;
  }
  if (!existsSync(values.traces)) {
    say(`There are no access traces at ${values.traces}; give their folder with --traces. ${page} stays as it is.`);
    return 2;
  }
  const machine = await machineLine();
  say(`npm run bench:echo -- --scale ${scale} --seed ${seed}\n${machine}\n${serviceLine}`);
  const dir = await mkdtemp(join(tmpdir(), 'echogate-bench-echo-'));
  const fleet = await Fleet.start(dir);
  const results: Record<string, unknown> = {};
  let allHeld = true;
  try {
    await fleet.serve();
    const shelf = await fillShelf(fleet, say);
    for (const trial of wanted) {
      say(`\n${trial.name}: ${trial.headline}`);
      const startedMs = Date.now();
      const tell = (line: string): void => say(`  [${((Date.now() - startedMs) / 1000).toFixed(0)} s] ${line}`);
      const frame = { dir, fleet, shelf, traces: values.traces, random: chance(seed), scale, say: tell };
      const found = await trial.run(frame);
      results[trial.name] = found;
      if (!tellAnswer(found, say)) allHeld = false;
      if (scale !== 1 && !values.write) continue;
      const command = `npm run bench:echo -- --only ${trial.name}${scale === 1 ? '' : ` --scale ${scale}`} --seed ${seed}`;
      const setting = [`${serviceLine}.`, ...found.setting];
      await writeAnswer(page, trial, `\`${command}\` · ${machine}`, { ...found, setting });
      say(`  written to ${page}`);
    }
  } finally {
    await fleet.stop();
    await rm(dir, { recursive: true, force: true });
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  return allHeld ? 0 : 1;
}

process.exitCode = await main();
