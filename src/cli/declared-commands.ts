// `echogate job|hint|calendar add|list|rm`: what the running server is told of load to come.
import { type DeclaredKind, readDeclared } from '../config/config.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { hint, humanBytes, say, sayJson, table } from './print.ts';
import { adminClient } from './server-access.ts';

type Options = { readonly data?: string; readonly config?: string; readonly json?: boolean } & Readonly<
  Record<string, unknown>
>;
type Row = Readonly<Record<string, unknown>>;

const words: Readonly<Record<DeclaredKind, string>> = { jobs: 'job', hints: 'hint', calendars: 'calendar' };

/** `keys`: the options that belong to the declaration; they are judged here, before anybody is asked. */
export async function addDeclared(
  kind: DeclaredKind,
  name: string,
  options: Options,
  keys: readonly string[],
): Promise<void> {
  const written = Object.fromEntries(keys.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])));
  const body = { name, ...written };
  const read = readDeclared(kind, body);
  if ('mistakes' in read) {
    throw new CommandError(read.mistakes.map(asOption).join('\n  '), {
      exitCode: exitCodes.usage,
      next: `echogate ${words[kind]} add --help shows examples.`,
    });
  }
  const answer = await adminClient(options).request('POST', `/v1/${kind}`, body);
  if (options.json) return sayJson(answer);
  const shown = answer[words[kind]] as Row;
  say(`declared ${words[kind]} ${name}${comingText(shown)}`);
  for (const note of notesOf(shown)) hint(`note: ${note}`);
}

export async function listDeclared(kind: DeclaredKind, options: Options): Promise<void> {
  const answer = await adminClient(options).request('GET', `/v1/${kind}`);
  if (options.json) return sayJson(answer);
  const rows = answer[kind] as readonly Row[];
  if (rows.length === 0) return say(`no ${kind}`);
  const { head, cells } = tables[kind];
  say(table(rows.map(cells), head));
  for (const row of rows) for (const note of notesOf(row)) hint(`${row.name}: ${note}`);
}

export async function removeDeclared(kind: DeclaredKind, name: string, options: Options): Promise<void> {
  const answer = await adminClient(options).request('DELETE', `/v1/${kind}/${encodeURIComponent(name)}`);
  if (options.json) sayJson(answer);
  else say(`removed ${words[kind]} ${name}`);
}

/** `timeZone names no …` → `--time-zone names no …`; the name is no option. */
const asOption = (mistake: string): string =>
  mistake.replace(/^([a-z]\w*)/, (key) =>
    key === 'name' ? key : `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );

const notesOf = ({ notes }: Row): string[] => (Array.isArray(notes) ? notes.map(String) : []);
const comingText = ({ state, next }: Row): string => {
  if (state === 'over') return ', which is over';
  return next === undefined ? '' : `; next ${next}`;
};
const text = (value: unknown): string => (value === undefined ? '-' : String(value));
const bytes = (value: unknown): string => (value === undefined ? '-' : humanBytes(Number(value)));
const where = ({ bucket, prefix = '' }: Row): string => (bucket === undefined ? 'all buckets' : `${bucket}/${prefix}`);

function spanText(sec: unknown): string {
  const value = Number(sec);
  const [unit, name] = value % 3600 === 0 ? [3600, 'h'] : value % 60 === 0 ? [60, 'm'] : [1, 's'];
  return `${value / Number(unit)}${name}`;
}

const tables: Readonly<Record<DeclaredKind, { head: string[]; cells: (row: Row) => string[] }>> = {
  jobs: {
    head: ['NAME', 'WHEN', 'TIME ZONE', 'WHERE', 'REQUESTS', 'READ', 'WRITTEN', 'DURATION', 'NEXT', 'FROM'],
    cells: (row) => [
      text(row.name),
      text(row.cron),
      text(row.timeZone),
      where(row),
      text(row.requests),
      bytes(row.readBytes),
      bytes(row.writeBytes),
      spanText(row.durationSec),
      row.state === 'running' ? 'running' : text(row.next),
      text(row.origin),
    ],
  },
  hints: {
    head: ['NAME', 'WHERE', 'FACTOR', 'BEGINS', 'ENDS', 'STATE', 'FROM'],
    cells: (row) => [row.name, where(row), `×${row.factor}`, row.from, row.to, row.state, row.origin].map(text),
  },
  calendars: {
    head: ['NAME', 'DAYS', 'TIME ZONE', 'WHERE', 'LIKE', 'FACTOR', 'NEXT', 'FROM'],
    cells: (row) => [
      text(row.name),
      daysText(row.days as readonly string[]),
      text(row.timeZone),
      where(row),
      text(row.like),
      row.factor === undefined ? '-' : `×${row.factor}`,
      row.state === 'over' ? 'over' : text(row.next),
      text(row.origin),
    ],
  },
};

const daysShown = 3;
const daysText = (days: readonly string[]): string =>
  days.length <= daysShown
    ? days.join(',')
    : `${days.slice(0, daysShown).join(',')} and ${days.length - daysShown} more`;
