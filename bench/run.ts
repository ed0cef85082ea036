// `npm run bench -- [--only NAME]…`: the product beside named baselines, on this machine's loopback; see docs/PERFORMANCE.md.
// Exit codes: 0 measured, 1 errors or a bench that failed, 2 wrong usage or no wrk, 130 and 143 ended by a signal.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineLine } from '../test/support/page.ts';
import { type Asked, readArguments } from './arguments.ts';
import { createArms } from './arms/arms.ts';
import type { Bench, Frame, Outcome } from './bench.ts';
import { benches } from './benches.ts';
import { createProfiler } from './profiler.ts';
import { terminalLines, writePage, writeProfile } from './report.ts';
import { wrkMissing } from './wrk.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const asked = readArguments(process.argv.slice(2), benches);
  const mistake = typeof asked === 'string' ? asked : wrkMissing();
  if (typeof asked === 'string' || mistake !== undefined) {
    say(mistake!);
    return 2;
  }
  const machine = await machineLine();
  say(`${asked.command}\n${machine}`);
  const results: Record<string, unknown> = {};
  const peaksMiB = new Map<string, number>();
  let bad = 0;
  for (const bench of asked.benches) {
    const outcome = await runOne(bench, { ...asked, peaksMiB });
    if (outcome === undefined || outcome.errors > 0) bad++;
    if (outcome === undefined) continue;
    if (outcome.peakMiB !== undefined) peaksMiB.set(bench.name, outcome.peakMiB);
    results[bench.name] = outcome;
    for (const line of terminalLines(outcome)) say(`  ${line}`);
    const why = whyUnwritten(asked) ?? (await writePage(bench, outcome, asked.command));
    say(why === undefined ? '  written to docs/PERFORMANCE.md' : `  not written to docs/PERFORMANCE.md: ${why}`);
  }
  if (asked.json !== undefined) {
    await writeFile(asked.json, `${JSON.stringify({ command: asked.command, machine, results }, null, 2)}\n`);
  }
  return bad === 0 ? 0 : 1;
}

function whyUnwritten({ profile, write, isFull }: Pick<Asked, 'profile' | 'write' | 'isFull'>): string | undefined {
  if (profile) return 'a profiled run is slower (its profile is, with --write)';
  return isFull || write ? undefined : 'less than full volume (--write does it all the same)';
}

type Given = Asked & Pick<Frame, 'peaksMiB'>;

async function runOne(bench: Bench, given: Given): Promise<Outcome | undefined> {
  say(`\n${bench.name}: ${bench.headline}`);
  const startedMs = Date.now();
  const tell = (line: string): void => say(`  [${((Date.now() - startedMs) / 1000).toFixed(0)} s] ${line}`);
  const dir = await mkdtemp(join(tmpdir(), `echogate-bench-${bench.name}-`));
  const profiles = join(dir, 'profiles');
  await mkdir(profiles);
  const profiler = given.profile ? createProfiler(profiles) : undefined;
  const arms = createArms(given, dir, tell, profiler?.dir);
  let clearing: Promise<void> | undefined;
  const clear = async (): Promise<void> => {
    await arms.stop();
    await rm(dir, { recursive: true, force: true });
  };
  // Ctrl-C under npm arrives twice.
  const onSignal = (signal: NodeJS.Signals): void => {
    if (clearing !== undefined) return;
    say(`  ${signal}: stopping what was started`);
    clearing = clear().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  try {
    const outcome = await bench.run({
      ...given,
      dir,
      profiler,
      say: tell,
      startArms: arms.start,
      startEchogate: arms.startEchogate,
    });
    for (const line of profiler?.report() ?? []) say(line);
    if (profiler !== undefined && given.write) await writeProfile(bench, profiler.report(true), given.command);
    return outcome;
  } catch (error) {
    say(`  ${bench.name} failed: ${(error as Error).stack}`);
    return undefined;
  } finally {
    await (clearing ?? clear());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
  }
}

process.exitCode = await main();
