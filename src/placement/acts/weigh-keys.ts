// Where an area's demand falls among its keys: that of its hot blocks where their keys are, what is asked of the others by their bytes.
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type { Catalog, Row } from '../../catalog/catalog.ts';
import { after, keys, prefixEnd, tag, textOf } from '../../catalog/keys.ts';
import { decodeVersion, listViewOf } from '../../catalog/records/version.ts';
import type { BlockId } from '../../model/ids.ts';
import { segmentsOf } from '../../objects/manifest.ts';
import type { FoundArea } from './area-rows.ts';

/** The demand of an area, in reads as heat counts them. */
export interface Demand {
  readonly all: number;
  readonly hot: ReadonlyMap<BlockId, number>;
}

export interface Middle {
  /** The first key of the upper part, and how much of the demand that part has. */
  readonly key: string;
  readonly upperShare: number;
}

export interface Weighed {
  readonly middle: Middle | undefined;
  /** Share of the demand of the key that is asked for most, and of the block. */
  readonly topKey: { readonly key: string; readonly share: number };
  readonly topBlockShare: number;
}

interface Page {
  readonly first: Buffer;
  readonly heat: number;
  readonly bytes: number;
}

const pageRows = 1000;

export async function weighKeys(catalog: Catalog, area: FoundArea, demand: Demand): Promise<Weighed> {
  const [from, to] = currentRange(area);
  const pages: Page[] = [];
  const tops = { heat: { key: '', heat: 0, bytes: 0 }, bytes: { key: '', heat: 0, bytes: 0 }, block: 0 };
  let [heat, bytes] = [0, 0];
  for (let start = from; ; await turnOfOthers()) {
    const rows = await catalog.range(start, to, { limit: pageRows });
    const page = { first: rows[0]?.key ?? start, heat: 0, bytes: 0 };
    for (const row of rows) {
      const one = await weigh(catalog, row, demand.hot, (each) => (tops.block = Math.max(tops.block, each)));
      page.heat += one.heat;
      page.bytes += one.bytes;
      if (one.heat > tops.heat.heat) tops.heat = one;
      if (one.bytes > tops.bytes.bytes) tops.bytes = one;
    }
    if (rows.length > 0) pages.push(page);
    heat += page.heat;
    bytes += page.bytes;
    if (rows.length < pageRows) break;
    start = after(rows.at(-1)!.key);
  }
  // Where nobody asks, bytes are the best guess at who will.
  const rest = demand.all === 0 && heat === 0 ? 1 : Math.max(0, demand.all - heat);
  const total = heat + (bytes > 0 ? rest : 0);
  const shareOf = (one: { heat: number; bytes: number }): number =>
    total === 0 ? 0 : (one.heat + (bytes > 0 ? (rest * one.bytes) / bytes : 0)) / total;
  const top = shareOf(tops.heat) >= shareOf(tops.bytes) ? tops.heat : tops.bytes;
  const topKey = { key: top.key, share: shareOf(top) };
  const topBlockShare = total === 0 ? 0 : tops.block / total;
  let below = 0;
  for (const page of pages) {
    const share = shareOf(page);
    if (below + share < 0.5) {
      below += share;
      continue;
    }
    const middle = await cutIn(catalog, page.first, to, below, async (row) =>
      shareOf(await weigh(catalog, row, demand.hot, () => {})),
    );
    return { middle, topKey, topBlockShare };
  }
  return { middle: undefined, topKey, topBlockShare };
}

/** Before or behind the key that passes the half, whichever is nearer to it. The first key of an area cannot begin its upper part. */
async function cutIn(
  catalog: Catalog,
  first: Buffer,
  to: Buffer,
  start: number,
  shareOf: (row: Row) => Promise<number>,
): Promise<Middle | undefined> {
  let below = start;
  for (let from = first; ; ) {
    const rows = await catalog.range(from, to, { limit: pageRows });
    for (const [at, row] of rows.entries()) {
      const share = await shareOf(row);
      if (below + share < 0.5) {
        below += share;
        continue;
      }
      const next = rows[at + 1] ?? (await catalog.range(after(row.key), to, { limit: 1 }))[0];
      const isBefore = below > 0 && 0.5 - below <= below + share - 0.5;
      if (isBefore || next === undefined)
        return below > 0 ? { key: textOf(row.key, 1), upperShare: 1 - below } : undefined;
      return { key: textOf(next.key, 1), upperShare: 1 - below - share };
    }
    if (rows.length < pageRows) return undefined;
    from = after(rows.at(-1)!.key);
  }
}

async function weigh(
  catalog: Catalog,
  { key, value }: Row,
  hot: ReadonlyMap<BlockId, number>,
  onBlock: (heat: number) => void,
): Promise<{ key: string; heat: number; bytes: number }> {
  const { kind, size } = listViewOf(value);
  const found = { key: textOf(key, 1), heat: 0, bytes: kind === 'object' ? size : 0 };
  if (found.bytes === 0 || hot.size === 0) return found;
  for await (const { blocks } of segmentsOf(catalog, decodeVersion(value), { start: 0, end: size })) {
    for (const { id } of blocks) {
      const heat = hot.get(id) ?? 0;
      onBlock(heat);
      found.heat += heat;
    }
  }
  return found;
}

/** The area's keys among current versions. */
function currentRange({ bucket, from, to }: FoundArea): readonly [from: Buffer, to: Buffer] {
  return [
    keys.current(bucket, from),
    to === undefined ? prefixEnd(keys.first(tag.current, bucket)) : keys.current(bucket, to),
  ];
}
