// The blocks of the current version of an object, as many as somebody can work with.

import type { BlockRef } from '../model/block.ts';
import { segmentsOf } from '../objects/manifest.ts';
import { findVersion } from './describe-object.ts';
import type { EchoTools } from './echo-calls.ts';

export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** `isMore`: there are further ones behind the first `limit`. */
export async function objectBlocks(
  { catalog, objects }: Pick<EchoTools, 'catalog' | 'objects'>,
  { bucket, key }: ObjectName,
  limit: number,
): Promise<{ blocks: readonly BlockRef[]; isMore: boolean }> {
  const version = await findVersion(objects, { bucket, key, versionId: undefined });
  const blocks: BlockRef[] = [];
  for await (const segment of segmentsOf(catalog, version, { start: 0, end: version.size })) {
    blocks.push(...segment.blocks);
    if (blocks.length > limit) return { blocks: blocks.slice(0, limit), isMore: true };
  }
  return { blocks, isMore: false };
}
