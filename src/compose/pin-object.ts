// Pins the blocks of an object: the pins first, so that they outlive whatever comes; then the echoes, as many as an answer may wait for. The
// pilot makes the others.
import { secondMs } from '../base/units.ts';
import { keys } from '../catalog/keys.ts';
import { decodeBlock } from '../catalog/records/block.ts';
import { pinBlock } from '../echo/acts/pin-block.ts';
import { writePins } from '../echo/acts/pins.ts';
import type { BlockRef } from '../model/block.ts';
import type { OpenEchoTools } from './echo-calls.ts';
import { type ObjectName, objectBlocks } from './object-blocks.ts';
import { Refusal } from './refusal.ts';

const blocksMax = 1_000;
/** The admin API waits half a minute for an answer. */
const patienceMs = 15 * secondMs;

interface Shown {
  readonly block: string;
  readonly bytes: number;
  readonly home: string;
  /** Where its echoes are. */
  readonly echoes: readonly string[];
  readonly made: number;
  readonly dropped: number;
  /** Why they are fewer than wanted. */
  readonly note?: string;
}

export async function pinObject(tools: OpenEchoTools, asked: ObjectName & { readonly count: number }): Promise<object> {
  const { catalog, sessionCheck, space, clock } = tools;
  const { bucket, key, count } = asked;
  const { blocks, isMore } = await objectBlocks(tools, asked, blocksMax);
  const name = `s3://${bucket}/${key}`;
  if (isMore)
    throw new Refusal('conflict', `${name} has more than ${blocksMax} blocks, the most that are pinned at once`);
  if (blocks.length === 0) throw new Refusal('conflict', `${name} has no bytes: there is nothing to pin`);
  if (count > 0 && !(await space.hasRoom())) {
    throw new Refusal('conflict', 'the disk of the catalog is full; make room first');
  }
  const tool = { catalog, check: sessionCheck };
  const ids = blocks.map(({ id }) => id);
  const changed = await writePins(tool, ids, count);
  const untilMs = clock.monotonicMs() + patienceMs;
  const shown: Shown[] = [];
  for (const block of blocks) {
    if (clock.monotonicMs() > untilMs) break;
    shown.push(await pinOne(tools, block, count));
  }
  return {
    bucket,
    key,
    count,
    blockCount: blocks.length,
    changed,
    waiting: blocks.length - shown.length,
    blocks: shown,
  };
}

async function pinOne({ catalog, echoes }: OpenEchoTools, { id, length }: BlockRef, count: number): Promise<Shown> {
  const found = await catalog.get(keys.block(id));
  const pin = echoes.pin();
  const nothing = { block: id, bytes: length, echoes: [], made: 0, dropped: 0 };
  if (found === undefined)
    return { ...nothing, home: 'missing', note: 'it is gone: the object was overwritten or removed' };
  if (pin === undefined) throw new Refusal('not-ready', 'this worker is just starting; try again in a second');
  const row = decodeBlock(found.value);
  try {
    const surplus = count === 0 ? 'pinned' : 'all';
    const { partitions, made, dropped, placesMax } = await pinBlock(pin, id, row, { count, surplus });
    const isShort = partitions.length < count;
    const why = placesMax < count ? 'no other domain has room' : 'the others are being made';
    const note = isShort && { note: `${count} wanted, ${partitions.length} made: ${why}` };
    return { ...nothing, home: row.partition, echoes: partitions, made, dropped, ...note };
  } catch (error) {
    const note = `${(error as Error).message}; it is tried again`;
    return { ...nothing, home: row.partition, note };
  }
}
