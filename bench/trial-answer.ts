// What a trial on real processes says at its end, told on the terminal and written to its page.
import { writeSection } from '../test/support/page.ts';

export interface Verdict {
  readonly what: string;
  readonly measured: string;
  readonly isHeld: boolean;
}

export interface TrialAnswer {
  /** How it was done, in sentences. */
  readonly setting: readonly string[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly verdicts: readonly Verdict[];
  /** Out of the journal. */
  readonly decisions?: readonly string[];
}

export const ms = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(0)} ms` : '–');

/** Whether all held. */
export function tellAnswer(
  { head, rows, verdicts, decisions = [] }: TrialAnswer,
  say: (line: string) => void,
): boolean {
  for (const row of [head, ...rows]) say(`  ${row.join(' · ')}`);
  for (const decision of decisions) say(`  ${decision}`);
  for (const { what, measured, isHeld } of verdicts) say(`  ${isHeld ? 'held' : 'NOT HELD'}: ${what}: ${measured}`);
  return verdicts.every(({ isHeld }) => isHeld);
}

/** `source`: the command, and the machine that it ran on. */
export async function writeAnswer(
  page: string,
  { name, headline }: { readonly name: string; readonly headline: string },
  source: string,
  { setting, head, rows, verdicts, decisions }: TrialAnswer,
): Promise<void> {
  await writeSection(page, name, [
    `## ${headline[0]!.toUpperCase()}${headline.slice(1)}`,
    '',
    source,
    '',
    setting.join(' '),
    '',
    ...[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`),
    '',
    ...verdicts.map(({ what, measured, isHeld }) => `- ${isHeld ? 'Held' : '**Not held**'}: ${what}: **${measured}**.`),
    ...(decisions === undefined ? [] : ['', 'Out of the journal:', '', ...decisions.map((line) => `- ${line}`)]),
  ]);
}
