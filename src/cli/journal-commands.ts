// `echogate journal`, `journal export` and `replay`: what the pilot decided, in full, and the same decisions made again.
import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Decision } from '../pilot/pilot.ts';
import type { Step } from '../placement/placement.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { type AreaNames, decisionText } from './plan-text.ts';
import { hint, say, sayJson } from './print.ts';
import { type AdminClient, adminClient } from './server-access.ts';

type Options = { readonly data?: string; readonly config?: string; readonly json?: boolean } & Readonly<
  Record<string, unknown>
>;

/** A line of an exported journal. */
interface Entry {
  readonly decision: Decision;
  readonly areas: AreaNames;
  /** What it was decided by: canonical text, compressed, in base64. */
  readonly input?: string;
}

const limitMax = 1000;

export async function showJournal(options: Options): Promise<void> {
  const limit = Number(options.limit ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax)
    throw new CommandError(`--limit must be a whole number between 1 and ${limitMax}`, { exitCode: exitCodes.usage });
  const answer = await adminClient(options).request('GET', `/v1/journal?limit=${limit}`);
  if (options.json) return sayJson(answer);
  const decisions = answer.decisions as readonly Decision[];
  if (decisions.length === 0) return say('nothing has been decided yet');
  say(
    decisions
      .toReversed()
      .map((each) => decisionText(each, answer.areas as AreaNames))
      .join('\n\n'),
  );
}

export async function exportJournal(file: string, options: Options): Promise<void> {
  const client = adminClient(options);
  const entries = await entriesOf(client, await idsOf(client));
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  await writeFile(file, file.endsWith('.gz') ? gzipSync(lines) : lines);
  const inputs = entries.filter(({ input }) => input !== undefined).length;
  if (options.json) return sayJson({ file, decisions: entries.length, inputs });
  say(`wrote ${entries.length} decisions to ${file}, ${inputs} of them with all that they were made by`);
}

/** The oldest first. */
async function idsOf(client: AdminClient): Promise<number[]> {
  const { decisions } = await client.request('GET', `/v1/journal?limit=${limitMax}`);
  return (decisions as readonly Decision[]).map(({ id }) => id).reverse();
}

async function entriesOf(client: AdminClient, ids: readonly number[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const id of ids) entries.push((await client.request('GET', `/v1/journal/${id}?input=true`)) as unknown as Entry);
  return entries;
}

interface Result {
  readonly id: number;
  readonly isSameInput: boolean;
  readonly isSamePlan: boolean;
  readonly steps: readonly Step[];
  readonly was: Decision;
  readonly areas: AreaNames;
}

/** `what`: a file, the number of a decision of the running server, or all of its decisions when not told. */
export async function replayJournal(what: string | undefined, options: Options): Promise<void> {
  const entries = await found(what, options);
  const { replay } = await import('../pilot/pilot.ts');
  const results: Result[] = [];
  const unread: number[] = [];
  for (const { decision, areas, input } of entries) {
    if (input === undefined) continue;
    const text = gunzipSync(Buffer.from(input, 'base64')).toString('utf8');
    const { plan, isSameInput, isSamePlan } = replay(text, decision);
    if (plan === undefined && isSameInput) unread.push(decision.id);
    else results.push({ id: decision.id, isSameInput, isSamePlan, steps: plan?.steps ?? [], was: decision, areas });
  }
  const left = entries.length - results.length - unread.length;
  const isSame = results.every((each) => each.isSameInput && each.isSamePlan);
  if (options.json) sayJson({ isSame, left, unread, replayed: results.map(({ was: _, areas: __, ...each }) => each) });
  else {
    for (const { id, isSameInput, isSamePlan, steps, was, areas } of results) {
      const count = steps.length === 1 ? '1 step' : `${steps.length} steps`;
      if (!isSameInput) say(`plan ${id}: what it was made by is not what it was`);
      else if (isSamePlan) say(`plan ${id}: the same, ${count}`);
      else say(`plan ${id}: ANOTHER plan now, of ${count}; it was\n${decisionText(was, areas)}`);
    }
    if (unread.length > 0)
      hint(`made by another version of echogate, by what this one cannot read: plan ${unread.join(', ')}`);
    if (left > 0) hint(`of ${left} older decisions what they were made by is kept no more`);
  }
  if (results.length === 0) throw new CommandError('there is no decision that could be made again');
  if (!isSame) throw new CommandError('not all decisions came out as they were');
}

async function found(what: string | undefined, options: Options): Promise<Entry[]> {
  if (what === undefined || /^\d+$/.test(what)) {
    const client = adminClient(options);
    return await entriesOf(client, what === undefined ? await idsOf(client) : [Number(what)]);
  }
  let bytes: Buffer;
  try {
    bytes = await readFile(what);
  } catch (error) {
    throw new CommandError(`cannot read ${what}: ${(error as Error).message}`, { cause: error });
  }
  try {
    const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const entry = JSON.parse(line) as Entry;
        if (typeof entry.decision?.digest !== 'string') throw new Error('a line is no decision');
        return entry;
      });
  } catch (error) {
    throw new CommandError(`${what} is no journal: ${(error as Error).message}`, {
      exitCode: exitCodes.usage,
      next: 'Write one with: echogate journal export FILE',
    });
  }
}
