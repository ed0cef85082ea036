// Takes echoes away for an operator, pinned ones too: their pins first, or the pilot would make them anew. A crowd may still make new ones.
import { secondMs } from '../base/units.ts';
import { dropEcho } from '../echo/acts/drop-echo.ts';
import { pagePins, writePins } from '../echo/acts/pins.ts';
import { walkEchoes } from '../echo/acts/walk-echoes.ts';
import type { Echo } from '../model/echo.ts';
import type { BlockId, PartitionId } from '../model/ids.ts';
import type { OpenEchoTools } from './echo-calls.ts';
import { type ObjectName, objectBlocks } from './object-blocks.ts';
import { Refusal } from './refusal.ts';

export type Doomed =
  | ({ readonly kind: 'object' } & ObjectName)
  /** Its id, or the last 8 digits of it at least. */
  | { readonly kind: 'block'; readonly block: string }
  | { readonly kind: 'all'; readonly partition: PartitionId | undefined };

const pageEntries = 500;
/** More than the largest object has. */
const blocksMax = 1_000_000;
const idDigits = 32;
/** The admin API waits half a minute for an answer. */
const patienceMs = 15 * secondMs;

/** `isMore`: it took too long for one answer; whoever wants the rest gone asks again. */
interface Dropped {
  dropped: number;
  bytes: number;
  unpinned: number;
  isMore: boolean;
}

export async function dropEchoes(tools: OpenEchoTools, doomed: Doomed): Promise<object> {
  const untilMs = tools.clock.monotonicMs() + patienceMs;
  const done: Dropped = { dropped: 0, bytes: 0, unpinned: 0, isMore: false };
  // Whoever asks again and again comes to an end: each answer has done something.
  const isLate = (): boolean => done.dropped > 0 && tools.clock.monotonicMs() > untilMs;
  if (doomed.kind === 'all') {
    if (doomed.partition !== undefined) await dropFrom(tools, doomed.partition, done, isLate);
    else await dropAll(tools, done, isLate);
    return done;
  }
  const blocks = doomed.kind === 'object' ? await blocksOf(tools, doomed) : await blocksLike(tools, doomed.block);
  done.unpinned = await writePins(pinTools(tools), blocks, 0);
  for (const block of blocks) {
    if (isLate()) return { ...done, isMore: true };
    for (const echo of await tools.echoes.map.of(block)) await drop(tools, echo, done);
  }
  return done;
}

async function dropAll(tools: OpenEchoTools, done: Dropped, isLate: () => boolean): Promise<void> {
  for (;;) {
    const pins = await pagePins(tools.catalog, undefined, pageEntries);
    const blocks = pins.map(({ block }) => block);
    done.unpinned += await writePins(pinTools(tools), blocks, 0);
    if (pins.length < pageEntries) break;
  }
  await walk(tools, done, isLate, (echo) => drop(tools, echo, done));
}

async function dropFrom(tools: OpenEchoTools, partition: string, done: Dropped, isLate: () => boolean): Promise<void> {
  await walk(tools, done, isLate, async (echo) => {
    if (echo.partition !== partition) return;
    if (echo.isPinned) done.unpinned += await writePins(pinTools(tools), [echo.block], 0);
    await drop(tools, echo, done);
  });
}

async function walk(
  { echoes }: OpenEchoTools,
  done: Dropped,
  isLate: () => boolean,
  visit: (echo: Echo) => Promise<void>,
): Promise<void> {
  for await (const echo of walkEchoes(echoes.map)) {
    if (isLate()) {
      done.isMore = true;
      return;
    }
    await visit(echo);
  }
}

async function drop({ echoes }: OpenEchoTools, echo: Echo, done: Dropped): Promise<void> {
  const pin = echoes.pin();
  if (pin === undefined) throw new Refusal('not-ready', 'this worker is just starting; try again in a second');
  if (!(await dropEcho(pin, echo))) return;
  pin.onDropped(echo);
  done.dropped += 1;
  if (echo.place !== undefined) done.bytes += echo.length;
}

async function blocksOf(tools: OpenEchoTools, name: ObjectName): Promise<readonly BlockId[]> {
  return (await objectBlocks(tools, name, blocksMax)).blocks.map(({ id }) => id);
}

/** Of those that have echoes or are pinned: the only one whose id ends so. */
async function blocksLike(tools: OpenEchoTools, digits: string): Promise<readonly BlockId[]> {
  if (digits.length === idDigits) return [digits];
  const found = new Set<BlockId>();
  const note = ({ block }: { readonly block: BlockId }): void => {
    if (block.endsWith(digits)) found.add(block);
  };
  for await (const echo of walkEchoes(tools.echoes.map)) note(echo);
  for (let last: BlockId | undefined; ; ) {
    const pins = await pagePins(tools.catalog, last, pageEntries);
    pins.forEach(note);
    if (pins.length < pageEntries) break;
    last = pins.at(-1)!.block;
  }
  if (found.size === 0) throw new Refusal('not-found', `no block whose id ends in ${digits} has echoes`);
  if (found.size > 1)
    throw new Refusal('conflict', `the ids of ${found.size} blocks end in ${digits}; write more of it`);
  return [...found];
}

const pinTools = ({ catalog, sessionCheck }: OpenEchoTools) => ({ catalog, check: sessionCheck });
