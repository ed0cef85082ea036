// Where settings come from besides the file: flags and the environment, each value judged by its knob.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { didYouMean } from './did-you-mean.ts';
import type { Knob, KnobName, Settings } from './knobs.ts';
import type { Mistake } from './mistakes.ts';
import type { Env } from './read-file.ts';

export interface Sources {
  readonly file?: string;
  readonly env: Env;
  /** By knob name, as the command line gave them. */
  readonly flags: Readonly<Partial<Record<KnobName, string | boolean>>>;
  /** What this command takes instead of a knob's default. */
  readonly defaults?: Partial<Settings>;
  readonly cwd: string;
}

export const commandLine = 'command line';
export const environment = 'environment';

type AnyKnob = Knob<unknown>;

export function flagValue(name: KnobName, knob: AnyKnob, sources: Sources, mistakes: Mistake[]): unknown {
  const raw = sources.flags[name];
  if (raw === undefined) return undefined;
  const parsed = knob.kind(sources.cwd).safeParse(raw);
  if (parsed.success) return parsed.data;
  mistakes.push({ key: `--${knob.flag}`, source: commandLine, message: parsed.error.issues[0]?.message ?? 'is wrong' });
  return undefined;
}

export function envValue(knob: AnyKnob, sources: Sources, mistakes: Mistake[]): unknown {
  if (knob.env === undefined) return undefined;
  const fileName = sources.env[`${knob.env}_FILE`];
  let raw = sources.env[knob.env];
  if (raw === undefined && fileName) {
    try {
      raw = readFileSync(resolve(sources.cwd, fileName), 'utf8').trim();
    } catch (error) {
      const message = `cannot be read: ${(error as Error).message}`;
      mistakes.push({ key: `${knob.env}_FILE`, source: environment, message });
      return undefined;
    }
  }
  if (raw === undefined || raw === '') return undefined;
  const parsed = knob.kind(sources.cwd).safeParse(raw);
  if (parsed.success) return parsed.data;
  mistakes.push({ key: knob.env, source: environment, message: parsed.error.issues[0]?.message ?? 'is wrong' });
  return undefined;
}

/** Read elsewhere: by the commands that speak to a running server. */
const otherVariables = ['ECHOGATE_ENDPOINT', 'ECHOGATE_ADMIN_URL', 'ECHOGATE_DEBUG'];
/** Keys of one partition or pool. */
const ownKeys = /^ECHOGATE_(PARTITION|POOL)_/;
const nearEdits = 2;

/** A variable of ours that nobody reads and that looks like one that somebody would. */
export function checkVariables(env: Env, known: readonly string[], mistakes: Mistake[]): void {
  const all = [...known.flatMap((name) => [name, `${name}_FILE`]), ...otherVariables];
  for (const name of Object.keys(env)) {
    if (!name.startsWith('ECHOGATE_') || ownKeys.test(name) || all.includes(name)) continue;
    const near = didYouMean(name, all, nearEdits);
    if (near !== undefined)
      mistakes.push({ key: name, source: environment, message: `is unknown; did you mean ${near}?` });
  }
}
