// Runs trials from the command line: `npm run chaos -- kills --kills 300 --seed 7`. At full volume a trial's section of its page in
// docs/ is written anew; with less only if asked for by --write.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineLine, writeSection } from './page.ts';
import { seeded, type Trial, type Volumes } from './trial.ts';

export interface TrialProgram {
  /** The npm script, for the lines that quote commands. */
  readonly script: string;
  /** e.g. docs/RELIABILITY.md */
  readonly page: string;
  readonly trials: readonly Trial[];
}

/** Resolves with the exit code: 0 all held, 1 something broke, 2 wrong usage. */
export async function runTrials(program: TrialProgram, args: readonly string[]): Promise<number> {
  const asked = readArguments(program, args);
  if (typeof asked === 'string') {
    say(asked);
    return 2;
  }
  let broken = 0;
  for (const trial of asked.trials) broken += await runOne(program, trial, asked);
  return broken === 0 ? 0 : 1;
}

interface Asked {
  readonly trials: readonly Trial[];
  readonly volumes: Volumes;
  readonly seed: number;
  readonly short: boolean;
  readonly write: boolean;
}

async function runOne(program: TrialProgram, trial: Trial, asked: Asked): Promise<number> {
  const base = asked.short ? trial.short : trial.full;
  const volumes = Object.fromEntries(Object.entries(base).map(([name, value]) => [name, asked.volumes[name] ?? value]));
  const reason = trial.unable?.();
  if (reason !== undefined) {
    say(`${trial.name}: cannot run here: ${reason}`);
    return 1;
  }
  const flags = Object.entries(volumes).map(([name, value]) => `--${name} ${value}`);
  const command = ['npm run', program.script, '--', trial.name, ...flags, `--seed ${asked.seed}`].join(' ');
  say(`\n${trial.name}: ${trial.promise}\n  ${command}`);
  const startedMs = Date.now();
  const dir = await mkdtemp(join(tmpdir(), `echogate-${trial.name}-`));
  const elapsed = () => `${((Date.now() - startedMs) / 1000).toFixed(0)} s`;
  const tools = {
    seed: asked.seed,
    random: seeded(asked.seed),
    dir,
    say: (line: string) => say(`  [${elapsed()}] ${line}`),
  };
  try {
    const { figures, broken } = await trial.run(volumes, tools);
    for (const [what, value] of figures) say(`  ${what}: ${value}`);
    for (const line of broken.slice(0, 50)) say(`  BROKEN: ${line}`);
    say(`  ${broken.length === 0 ? 'held' : `${broken.length} broken`} (${elapsed()})`);
    const isFull = Object.entries(trial.full).every(([name, value]) => volumes[name]! >= value);
    if (isFull || asked.write) {
      const rows = [...figures, ['seconds', ((Date.now() - startedMs) / 1000).toFixed(0)] as const];
      const verdict = broken.length === 0 ? 'Held.' : `**Broken**: ${broken.slice(0, 10).join(' · ')}`;
      const table = ['| what | figure |', '| --- | --- |', ...rows.map(([what, value]) => `| ${what} | ${value} |`)];
      await writeSection(program.page, trial.name, [
        `## ${trial.name}: ${trial.promise}`, '', `\`${command}\``, '', await machineLine(), '', verdict, '', ...table,
      ]); // biome-ignore format: a page
    }
    return broken.length;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function readArguments(program: TrialProgram, args: readonly string[]): Asked | string {
  const names: string[] = [];
  const volumes: Record<string, number> = {};
  let short = false;
  let write = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === '--short') short = true;
    else if (word === '--write') write = true;
    else if (word.startsWith('--')) {
      const value = Number(args[++at]);
      if (!Number.isFinite(value)) return `${word} needs a number\n${usage(program)}`;
      volumes[word.slice(2)] = value;
    } else names.push(word);
  }
  const unknown = names.filter((name) => !program.trials.some((trial) => trial.name === name));
  const trials = program.trials.filter((trial) => names.length === 0 || names.includes(trial.name));
  const known = new Set(['seed', ...trials.flatMap((trial) => Object.keys(trial.full))]);
  const odd = Object.keys(volumes).filter((name) => !known.has(name));
  if (unknown.length > 0 || odd.length > 0) return `unknown: ${[...unknown, ...odd].join(', ')}\n${usage(program)}`;
  const { seed = Date.now() % 1_000_000, ...rest } = volumes;
  return { trials, volumes: rest, seed, short, write };
}

const usage = ({ script, trials }: TrialProgram): string =>
  [
    `npm run ${script} -- [NAME…] [--short] [--write] [--seed N] [--VOLUME N]…`,
    ...trials.map(({ name, full, promise }) => {
      const flags = Object.entries(full).map(([flag, value]) => `--${flag} ${value}`);
      return `  ${name} ${flags.join(' ')}\n      ${promise}`;
    }),
  ].join('\n');

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
