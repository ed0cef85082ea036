// Where the versions of one key lie. The newest is the `current` row; every older one is a `version` row. The `nullVersion` row
// exists only while the null version is not the newest, so an object in an unversioned bucket costs one row.
import type { Catalog, Check, Row } from '../catalog/catalog.ts';
import { keys, prefixEnd } from '../catalog/keys.ts';
import { decodeSequence } from '../catalog/records/sequence.ts';
import { decodeVersion } from '../catalog/records/version.ts';
import type { BucketId } from '../model/ids.ts';
import type { Version } from '../model/object.ts';
import { nullVersionId, sequenceOf } from './version-ids.ts';

export interface Head {
  readonly check: Check;
  /** Of any kind. */
  readonly row: Version | undefined;
  /** Unless it is `gone`. */
  readonly live: Version | undefined;
}

/** A version and the row that holds it. */
export interface Located {
  readonly version: Version;
  readonly check: Check;
  readonly current: boolean;
}

export async function readHead(catalog: Catalog, bucket: BucketId, key: string): Promise<Head> {
  const rowKey = keys.current(bucket, key);
  const row = await catalog.get(rowKey);
  if (row === undefined) return { check: [rowKey, 'absent'], row: undefined, live: undefined };
  const version = decodeVersion(row.value);
  return { check: [rowKey, row.version], row: version, live: version.kind === 'gone' ? undefined : version };
}

/** The null version where it is not the newest, with the check of the row that points to it. */
export async function readOlderNull(
  catalog: Catalog,
  bucket: BucketId,
  key: string,
): Promise<{ pointer: Check; located?: Located } | undefined> {
  const pointerKey = keys.nullVersion(bucket, key);
  const row = await catalog.get(pointerKey);
  if (row === undefined) return undefined;
  const located = await readOlder(catalog, bucket, key, decodeSequence(row.value));
  return { pointer: [pointerKey, row.version], ...(located && { located }) };
}

async function readOlder(
  catalog: Catalog,
  bucket: BucketId,
  key: string,
  sequence: number,
): Promise<Located | undefined> {
  const rowKey = keys.version(bucket, key, sequence);
  const row = await catalog.get(rowKey);
  return row && olderOf(row);
}

const olderOf = (row: Row): Located => ({
  version: decodeVersion(row.value),
  check: [row.key, row.version],
  current: false,
});

/** The newest but one. */
export async function readNextOlder(catalog: Catalog, bucket: BucketId, key: string): Promise<Located | undefined> {
  const from = keys.versionsOf(bucket, key);
  const [row] = await catalog.range(from, prefixEnd(from), { limit: 1 });
  return row && olderOf(row);
}

/** Current version, or the one named; never a `gone` one. Refuses ids that could never have been one. */
export async function locateVersion(
  catalog: Catalog,
  bucket: BucketId,
  key: string,
  versionId: string | undefined,
): Promise<Located | undefined> {
  const sequence = versionId === undefined || versionId === nullVersionId ? undefined : sequenceOf(versionId);
  let head = await readHead(catalog, bucket, key);
  for (;;) {
    if (versionId === undefined || head.live?.versionId === versionId) return currentOf(head);
    const older =
      sequence === undefined
        ? (await readOlderNull(catalog, bucket, key))?.located
        : await readOlder(catalog, bucket, key, sequence);
    if (older?.version.versionId === versionId) return older;
    // It may have become the current one between the two reads.
    const again = await readHead(catalog, bucket, key);
    if (again.check[1] === head.check[1]) return undefined;
    head = again;
  }
}

const currentOf = ({ live, check }: Head): Located | undefined => live && { version: live, check, current: true };
