// What the echo map holds, an entry a line. Whose key a block is of stands nowhere: its area names the bucket.
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeBlock } from '../catalog/records/block.ts';
import { walkEchoes } from '../echo/acts/walk-echoes.ts';
import type { Echo } from '../model/echo.ts';
import type { BlockId } from '../model/ids.ts';
import { areaRanges } from '../pilot/read-declared.ts';
import type { OpenEchoTools } from './echo-calls.ts';

interface Query {
  readonly bucket: string | undefined;
  readonly limit: number;
}

/** `total` and `bytes`: also of those that are not shown. */
export async function listEchoes({ catalog, echoes, clock }: OpenEchoTools, { bucket, limit }: Query): Promise<object> {
  const bucketOf = await bucketFinder(catalog);
  const nowMs = clock.steadyMs();
  const shown: object[] = [];
  let [total, bytes] = [0, 0];
  for await (const echo of walkEchoes(echoes.map)) {
    const its = bucket === undefined && shown.length >= limit ? undefined : await bucketOf(echo.block);
    if (bucket !== undefined && its !== bucket) continue;
    total += 1;
    if (echo.place !== undefined) bytes += echo.length;
    if (shown.length < limit) shown.push({ bucket: its, ...described(echo, nowMs) });
  }
  return { echoes: shown, total, bytes };
}

export const described = ({ block, partition, state, length, sinceMs, isPinned }: Echo, nowMs: number) => ({
  block,
  partition,
  state,
  bytes: length,
  ageSec: Math.max(0, Math.round((nowMs - sinceMs) / 1000)),
  pinned: isPinned,
});

/** Undefined: the block, or its bucket, is no more. */
async function bucketFinder(catalog: Catalog): Promise<(block: BlockId) => Promise<string | undefined>> {
  const buckets = new Map((await areaRanges(catalog)).map(({ area, bucket }) => [area, bucket]));
  return async (block) => {
    const row = await catalog.get(keys.block(block));
    return row && buckets.get(decodeBlock(row.value).area);
  };
}
