// The rows that say which blocks an operator wants to have echoes, and how many. They are logged like what clients write, so they outlive the
// echo map, and each process's commits stand under its own right to commit.
import type { Catalog, Check, Row, Write } from '../../catalog/catalog.ts';
import { after, idOf, keys, prefixEnd, tag } from '../../catalog/keys.ts';
import { decodePin, encodePin } from '../../catalog/records/pin.ts';
import type { BlockId } from '../../model/ids.ts';

export interface PinTools {
  /** Commits to it are logged. */
  readonly catalog: Catalog;
  readonly check: () => Check;
}

export interface Pin {
  readonly block: BlockId;
  readonly count: number;
}

const rowsPerCommit = 500;

export async function pinnedCount(catalog: Catalog, block: BlockId): Promise<number | undefined> {
  const row = await catalog.get(keys.pin(block));
  return row && decodePin(row.value).count;
}

/** `count` 0: they are pinned no more. Says of how many that changed something. */
export async function writePins(
  { catalog, check }: PinTools,
  blocks: readonly BlockId[],
  count: number,
): Promise<number> {
  const writes: Write[] = [];
  for (const block of blocks) {
    if (((await pinnedCount(catalog, block)) ?? 0) === count) continue;
    writes.push([keys.pin(block), count === 0 ? undefined : encodePin({ count })]);
  }
  for (let at = 0; at < writes.length; at += rowsPerCommit) {
    // Pins are not compared first: of two operators the later one is right.
    await catalog.commit({ checks: [check()], writes: writes.slice(at, at + rowsPerCommit) });
  }
  return writes.length;
}

export async function pagePins(catalog: Catalog, last: BlockId | undefined, limit: number): Promise<readonly Pin[]> {
  const all = keys.first(tag.pin);
  const rows: readonly Row[] = await catalog.range(last === undefined ? all : after(keys.pin(last)), prefixEnd(all), {
    limit,
  });
  return rows.map(({ key, value }) => ({ block: idOf(key), ...decodePin(value) }));
}
