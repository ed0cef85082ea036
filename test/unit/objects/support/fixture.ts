// One catalog on disk, and as many independent tellers of stories over it as a test wants: each is like a worker process of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { type Clock, systemClock } from '../../../../src/base/clock.ts';
import type { ChecksumName } from '../../../../src/base/fault.ts';
import { systemRandom } from '../../../../src/base/random.ts';
import { openLmdbCatalog } from '../../../../src/catalog/adapters/lmdb-catalog.ts';
import type { Catalog } from '../../../../src/catalog/catalog.ts';
import { privateAcl } from '../../../../src/model/acl.ts';
import type { Bucket, Versioning } from '../../../../src/model/bucket.ts';
import { createDigester } from '../../../../src/objects/digester.ts';
import type { NewObject, Objects, WriteConditions } from '../../../../src/objects/objects.ts';
import { openSession } from '../../../../src/objects/session.ts';
import { createObjects } from '../../../../src/objects/stories.ts';
import type { UploadBody } from '../../../../src/objects/upload-body.ts';
import { type MemoryBlocks, memoryBlocks } from './memory-blocks.ts';

export const owner = 'a'.repeat(64);
export const never = new AbortController().signal;
export const plain: NewObject = { attributes: { metadata: [] }, tags: [], acl: privateAcl(owner) };

export interface Fixture {
  readonly catalog: Catalog;
  readonly objects: Objects;
  readonly blocks: MemoryBlocks;
  /** Other workers over the same catalog and blocks. */
  worker(): Objects;
  bucket(versioning?: Versioning): Promise<Bucket>;
  put(bucket: Bucket, key: string, text: string, conditions?: WriteConditions): ReturnType<Objects['write']>;
  get(bucket: Bucket, key: string, versionId?: string): Promise<string>;
}

// Registered while the test file is read: inside a test it would be too late.
const opened: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of opened.splice(0)) await close();
});

export async function openFixture({
  blockBytes = 1 << 16,
  clock = systemClock,
  wrap = (inner: Catalog) => inner,
} = {}) {
  const path = await mkdtemp(join(tmpdir(), 'echogate-stories-'));
  const lmdb = openLmdbCatalog({ path, mapBytes: 1 << 30 });
  opened.push(async () => {
    await lmdb.close();
    await rm(path, { recursive: true, force: true });
  });
  const catalog = wrap(lmdb);
  const session = await openSession(catalog, { clock, random: systemRandom, pid: process.pid });
  const blocks = memoryBlocks(session, systemRandom, blockBytes);
  opened.push(async () => expect(blocks.unsettled()).toBe(0));
  const worker = () => createObjects({ catalog, blocks, clock: clock as Clock, random: systemRandom });
  const objects = worker();
  let buckets = 0;
  const fixture: Fixture = {
    catalog,
    objects,
    blocks,
    worker,
    async bucket(versioning = 'unversioned') {
      buckets += 1;
      const name = `bucket-${buckets}`;
      const bucket = await objects.createBucket({ name, acl: privateAcl(owner), region: 'us-east-1' });
      if (versioning === 'unversioned') return bucket;
      return objects.updateBucket(name, (old) => ({ ...old, versioning }));
    },
    put: (bucket, key, text, conditions = {}) =>
      objects.write(bucket, key, bodyOf(Buffer.from(text)), { ...plain, conditions }, { signal: never }),
    async get(bucket, key, versionId) {
      const { body } = await objects.read(bucket, key, versionId === undefined ? {} : { versionId }, { signal: never });
      return (await collect(body)).toString();
    },
  };
  return fixture;
}

export async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function bodyOf(bytes: Buffer, declared: ChecksumName[] = [], chunkBytes = 1 << 20): UploadBody {
  const algorithms = [...declared];
  let digests: UploadBody['digests'] | undefined;
  return {
    length: bytes.length,
    also(algorithm) {
      algorithms.push(algorithm);
    },
    get digests() {
      if (digests === undefined) throw new Error('read the body to its end first');
      return digests;
    },
    async *[Symbol.asyncIterator]() {
      const digester = await createDigester(algorithms);
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        const chunk = bytes.subarray(at, at + chunkBytes);
        digester.update(chunk);
        yield chunk;
      }
      digests = digester.digests();
    },
  };
}

/** The kind of the fault that a story ends with. */
export async function faultOf(story: Promise<unknown>): Promise<string> {
  try {
    await story;
  } catch (error) {
    return (error as { fault?: { kind: string } }).fault?.kind ?? String(error);
  }
  return 'none';
}
