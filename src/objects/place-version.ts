// Puts a new version (or marker) on top of a key: what becomes of the head and of the null version, by the bucket's versioning.
import type { Change } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { encodeSequence } from '../catalog/records/sequence.ts';
import { encodeVersion } from '../catalog/records/version.ts';
import type { Bucket } from '../model/bucket.ts';
import type { Version } from '../model/object.ts';
import type { Held } from './drop.ts';
import { type Head, readOlderNull } from './head.ts';
import { nextSequence, readWatermark } from './sequence.ts';
import type { Tools } from './story.ts';
import { makeVersionId, nullVersionId } from './version-ids.ts';

export interface Placed {
  readonly version: Version;
  readonly change: Change;
  /** Versions that this one replaces: their bytes are to be released in the same commit. */
  readonly replaced: readonly Held[];
}

export type Unplaced = Omit<Version, 'sequence' | 'versionId'>;

/** `head` must have been read before the call: the watermark is read after it. */
export async function placeVersion(
  tools: Tools,
  bucket: Bucket,
  key: string,
  head: Head,
  unplaced: Unplaced,
): Promise<Placed> {
  const sequence = await sequenceAfter(tools, head.row);
  const versionId = bucket.versioning === 'enabled' ? makeVersionId(sequence, tools.random) : nullVersionId;
  const version: Version = { ...unplaced, sequence, versionId };
  const checks = [head.check];
  const writes: [Buffer, Buffer | undefined][] = [[head.check[0], encodeVersion(version)]];
  const replaced: Held[] = [];

  const previous = head.live;
  if (previous !== undefined && previous.versionId === versionId) {
    replaced.push(previous); // null over null
  } else if (previous !== undefined) {
    writes.push([keys.version(bucket.id, key, previous.sequence), encodeVersion(previous)]);
    if (previous.versionId === nullVersionId) {
      writes.push([keys.nullVersion(bucket.id, key), encodeSequence(previous.sequence)]);
    } else if (versionId === nullVersionId) {
      const older = await readOlderNull(tools.catalog, bucket.id, key);
      if (older !== undefined) {
        checks.push(older.pointer);
        writes.push([older.pointer[0], undefined]);
        if (older.located !== undefined) {
          checks.push(older.located.check);
          writes.push([older.located.check[0], undefined]);
          replaced.push(older.located.version);
        }
      }
    }
  }
  return { version, change: { checks, writes }, replaced };
}

export async function sequenceAfter(tools: Tools, head: Version | undefined): Promise<number> {
  return nextSequence(head?.sequence, await readWatermark(tools.catalog), tools.clock.wallMs());
}

export const wallSec = (tools: Tools): number => Math.floor(tools.clock.wallMs() / 1000);
