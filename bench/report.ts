// Outcomes for the terminal and for docs/PERFORMANCE.md.
import { machineLine, writeSection } from '../test/support/page.ts';
import type { Bench, Outcome, Table, Verdict } from './bench.ts';

const page = 'docs/PERFORMANCE.md';
const wordOf = ({ reached }: Verdict): string => (reached === undefined ? 'not measured' : reached ? 'yes' : '**no**');

export function terminalLines({ tables, verdicts, errors, peakMiB, notes }: Outcome): string[] {
  return [
    ...tables.flatMap((table) => ['', ...columns(table)]),
    '',
    ...verdicts.map((one) => `${wordOf(one).replaceAll('*', '').padEnd(13)} ${one.what}   measured ${one.measured}`),
    ...notes,
    ...(peakMiB === undefined ? [] : [`RssAnon of an echogate worker at its highest: ${peakMiB.toFixed(0)} MiB`]),
    ...(errors > 0 ? [`${errors} ERRORS: this is no result`] : []),
  ];
}

/** Returns why nothing was written, or undefined. */
export async function writePage(bench: Bench, outcome: Outcome, command: string): Promise<string | undefined> {
  if (outcome.errors > 0) return 'there were errors';
  const missing = outcome.verdicts.filter(({ reached }) => reached === undefined);
  if (missing.length > 0) return `not all arms were there: ${missing.map(({ what }) => what).join('; ')}`;
  const verdicts: Table = {
    head: ['target', 'measured', 'reached'],
    rows: outcome.verdicts.map((one) => [one.what, one.measured, wordOf(one)]),
  };
  await writeSection(page, bench.name, [
    `## ${bench.name}: ${bench.headline}`,
    '',
    `\`${command}\``,
    '',
    await machineLine(),
    '',
    ...[...outcome.tables, verdicts].flatMap((table) => [...markdown(table), '']),
    ...outcome.notes,
  ]);
  return undefined;
}

/** Beside the figures, which are measured without a profiler: where the time goes. */
export async function writeProfile(bench: Bench, profile: readonly string[], command: string): Promise<void> {
  await writeSection(page, `${bench.name}-profile`, [
    `### Where the time of ${bench.name} goes`,
    '',
    `\`${command}\``,
    '',
    await machineLine(),
    '',
    '```',
    ...profile.slice(profile.findIndex((line) => line !== '')),
    '```',
  ]);
}

const markdown = ({ head, rows }: Table): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

function columns({ head, rows }: Table): string[] {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [head, ...rows].map((cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  );
}
