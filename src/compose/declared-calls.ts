// What the admin API does with declared jobs, hints and calendars: those of the configuration file are shown, those made at run time are rows.
import type { Clock } from '../base/clock.ts';
import type { Catalog, Change, Check } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { type DeclaredRow, encodeDeclared } from '../catalog/records/declared.ts';
import { type DeclaredKind, readDeclared } from '../config/config.ts';
import { type Metadata, metadataLimits } from '../model/metadata.ts';
import { areaRanges, declaredRows } from '../pilot/read-declared.ts';
import { describeDeclared } from './describe-declared.ts';
import { Refusal } from './refusal.ts';
import type { SpaceWatch } from './watch-space.ts';

export interface DeclaredTools {
  /** Commits to it stand in the redo log. */
  readonly catalog: Catalog;
  /** Of this process's session, for every commit. */
  readonly sessionCheck: () => Check;
  readonly configured: Metadata;
  readonly clock: Clock;
  readonly space: SpaceWatch;
}

type Params = Readonly<Record<string, unknown>>;

const words: Readonly<Record<DeclaredKind, string>> = { jobs: 'job', hints: 'hint', calendars: 'calendar' };

/** `jobs.list`, `hints.add`, `calendars.remove` … Throws Refusal. */
export async function answerDeclared(tools: DeclaredTools, method: string, params: Params): Promise<unknown> {
  const [kind, what] = method.split('.') as [DeclaredKind, string];
  if (what === 'list') return { [kind]: await list(tools, kind) };
  if (what === 'add') return await add(tools, kind, params);
  return await remove(tools, kind, String(params.name));
}

async function list(tools: DeclaredTools, kind: DeclaredKind): Promise<object[]> {
  const { catalog, configured, clock } = tools;
  const rows = await declaredRows(catalog);
  const taken = new Set(configured[kind].map(({ name }) => name));
  const all = {
    configured,
    rows: { ...rows, [kind]: rows[kind].filter(({ name }) => !taken.has(name)) } as Metadata,
  };
  return describeDeclared(kind, all, await areaRanges(catalog), clock.wallMs() / 1000);
}

async function add(tools: DeclaredTools, kind: DeclaredKind, params: Params): Promise<object> {
  const { catalog, configured, space } = tools;
  const read = readDeclared(kind, params);
  if ('mistakes' in read) throw new Refusal('bad-request', read.mistakes.join('; '));
  const { value } = read;
  const { name } = value;
  if (configured[kind].some((each) => each.name === name)) {
    throw new Refusal('conflict', `a ${words[kind]} ${name} stands in the configuration file; change it there`);
  }
  if (!(await space.hasRoom())) throw new Refusal('conflict', 'the disk of the catalog is full; make room first');
  const rows = await declaredRows(catalog);
  if (rows[kind].length >= metadataLimits.rowsMax) {
    throw new Refusal(
      'conflict',
      `there are ${rows[kind].length} ${kind} already, the most that are taken; remove one first`,
    );
  }
  const key = keys.declared(kind, name);
  if ((await catalog.get(key)) !== undefined) {
    throw new Refusal('conflict', `there is a ${words[kind]} ${name} already; remove it first`);
  }
  const row = { kind, value } as DeclaredRow;
  await commit(tools, { checks: [[key, 'absent']], writes: [[key, encodeDeclared(row)]] });
  const shown = await list(tools, kind);
  return { [words[kind]]: shown.find((each) => (each as { name: string }).name === name) };
}

async function remove(tools: DeclaredTools, kind: DeclaredKind, name: string): Promise<object> {
  const { catalog, configured } = tools;
  const row = await catalog.get(keys.declared(kind, name));
  if (row === undefined) {
    if (configured[kind].some((each) => each.name === name)) {
      throw new Refusal('conflict', `${words[kind]} ${name} stands in the configuration file; remove it there`);
    }
    throw new Refusal('not-found', `there is no ${words[kind]} ${name}`);
  }
  await commit(tools, { checks: [[row.key, row.version]], writes: [[row.key, undefined]] });
  return { removed: name };
}

async function commit({ catalog, sessionCheck }: DeclaredTools, { checks, writes }: Change): Promise<void> {
  if ((await catalog.commit({ checks: [sessionCheck(), ...checks], writes })) === 'done') return;
  throw new Refusal('conflict', 'somebody else changed it at the same moment; look and try again');
}
