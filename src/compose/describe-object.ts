// An object from its version down to the packs: which blocks, where each lies now.
import { isFault } from '../base/fault.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeBlock } from '../catalog/records/block.ts';
import { segmentsOf } from '../objects/manifest.ts';
import type { Bucket, Objects, Version } from '../objects/objects.ts';
import { Refusal } from './refusal.ts';

export interface Asked {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

interface DescribedBlock {
  readonly id: string;
  readonly start: number;
  readonly length: number;
  readonly partition: string;
  readonly pack: string;
  readonly offset: number;
  readonly generation: number;
}

/** Further ones are counted, not listed. */
const blocksShownMax = 1_000;

export async function describeObject({ catalog, objects }: { catalog: Catalog; objects: Objects }, asked: Asked) {
  const version = await findVersion(objects, asked);
  const blocks: DescribedBlock[] = [];
  const bytesOf = new Map<string, number>();
  let start = 0;
  let blockCount = 0;
  for await (const segment of segmentsOf(catalog, version, { start: 0, end: version.size })) {
    for (const { id, length } of segment.blocks) {
      const row = await catalog.get(keys.block(id));
      const at = row === undefined ? undefined : decodeBlock(row.value);
      const partition = at?.partition ?? 'missing';
      bytesOf.set(partition, (bytesOf.get(partition) ?? 0) + length);
      if (blocks.length < blocksShownMax) {
        const { pack = 'missing', offset = 0, generation = 0 } = at ?? {};
        blocks.push({ id, start, length, partition, pack, offset, generation });
      }
      start += length;
      blockCount += 1;
    }
  }
  return {
    ...asked,
    versionId: version.versionId,
    kind: version.kind,
    size: version.size,
    etag: version.etag,
    modified: new Date(version.modifiedSec * 1000).toISOString(),
    parts: version.partCount,
    blockCount,
    blocks,
    partitions: [...bytesOf].sort().map(([partition, bytes]) => ({ partition, bytes })),
  };
}

/** Of an object that can be read; a delete marker is none. */
export async function findVersion(
  objects: Pick<Objects, 'bucket' | 'peek'>,
  { bucket, key, versionId }: Asked,
): Promise<Version> {
  let found: Bucket;
  try {
    found = await objects.bucket(bucket);
  } catch (error) {
    if (isFault(error, 'bucket-missing')) throw new Refusal('not-found', `there is no bucket ${bucket}`);
    throw error;
  }
  const version = await objects.peek(found, key, versionId);
  if (version === undefined) throw new Refusal('not-found', `there is no object ${key} in ${bucket}`);
  if (version.kind === 'marker')
    throw new Refusal('not-found', `${key} is deleted: its newest version is a delete marker`);
  return version;
}
