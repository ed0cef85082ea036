// Three lists per set, keyed by `file::case`: pass, planned, excluded (with the reason behind " # ").
// They are strict in both directions: a listed pass that fails is an error, and so is a planned case that passes.
// A reason that opens with `http:` or `https:` excludes the case from that lane alone.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SetName } from './arguments.ts';

export type Outcome = 'passed' | 'failed' | 'skipped';

export interface Lists {
  readonly pass: ReadonlySet<string>;
  readonly planned: ReadonlySet<string>;
  readonly excluded: ReadonlyMap<string, string>;
}

export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** On the pass list, but did not pass. */
  readonly broken: readonly string[];
  /** On the planned list, but passed: promote it. */
  readonly promoted: readonly string[];
  /** On no list. */
  readonly unlisted: readonly string[];
  /** On a list, but not in the run. */
  readonly vanished: readonly string[];
}

const fileOf = (folder: string, set: SetName, list: keyof Lists) => join(folder, `${set}.${list}.txt`);

export type Lane = 'http' | 'https';

export function readLists(folder: string, set: SetName, lane: Lane): Lists {
  const lines = (list: keyof Lists): string[] => {
    const file = fileOf(folder, set, list);
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
  };
  const excluded = new Map(
    lines('excluded').flatMap((line) => {
      const [name = '', reason = ''] = line.split(' # ');
      if (reason === '') throw new Error(`${fileOf(folder, set, 'excluded')}: "${name}" has no reason behind " # "`);
      const only = /^(https?): /.exec(reason)?.[1];
      return only === undefined || only === lane ? [[name, reason] as const] : [];
    }),
  );
  const judged = (list: 'pass' | 'planned') => new Set(lines(list).filter((name) => !excluded.has(name)));
  return { pass: judged('pass'), planned: judged('planned'), excluded };
}

export function judge(outcomes: ReadonlyMap<string, Outcome>, lists: Lists): Verdict {
  const names = (outcome: Outcome) => [...outcomes].filter(([, seen]) => seen === outcome).map(([name]) => name);
  const listed = [...lists.pass, ...lists.planned, ...lists.excluded.keys()];
  return {
    passed: names('passed').length,
    failed: names('failed').length,
    skipped: names('skipped').length,
    broken: [...lists.pass].filter((name) => outcomes.has(name) && outcomes.get(name) !== 'passed'),
    promoted: [...lists.planned].filter((name) => outcomes.get(name) === 'passed'),
    unlisted: [...outcomes.keys()].filter(
      (name) => !lists.pass.has(name) && !lists.planned.has(name) && !lists.excluded.has(name),
    ),
    vanished: listed.filter((name) => !outcomes.has(name)),
  };
}

export function writeLists(folder: string, set: SetName, outcomes: ReadonlyMap<string, Outcome>, lists: Lists): void {
  const open = [...outcomes].filter(([name]) => !lists.excluded.has(name));
  const write = (list: 'pass' | 'planned', keep: (outcome: Outcome) => boolean) =>
    writeFileSync(
      fileOf(folder, set, list),
      `${open
        .filter(([, outcome]) => keep(outcome))
        .map(([name]) => name)
        .sort()
        .join('\n')}\n`,
    );
  write('pass', (outcome) => outcome === 'passed');
  write('planned', (outcome) => outcome !== 'passed');
}
