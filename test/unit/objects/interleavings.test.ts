// Another worker acts at the worst moment: right before a story's commit. What was decided then no longer holds, and the checks
// must say so; each case names what would go wrong without one of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { MiB } from '../../../src/base/units.ts';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import type { Objects } from '../../../src/objects/objects.ts';
import { audit } from './support/audit.ts';
import { bodyOf, type Fixture, faultOf, never, openFixture, owner, plain } from './support/fixture.ts';

let fixture: Fixture;
let other: Objects;
let meanwhile: (() => Promise<unknown>) | undefined;
beforeAll(async () => {
  const interrupted = (inner: Catalog): Catalog => ({
    get: (key) => inner.get(key),
    range: (from, to, options) => inner.range(from, to, options),
    close: () => inner.close(),
    async commit(change) {
      const act = meanwhile;
      meanwhile = undefined;
      await act?.();
      return inner.commit(change);
    },
  });
  fixture = await openFixture({ blockBytes: 512 * 1024, wrap: interrupted });
  other = fixture.worker();
});

/** Runs `story`; right before its first commit the other worker does `act` from start to end. */
async function during(act: () => Promise<unknown>, story: () => Promise<unknown>): Promise<string> {
  meanwhile = async () => {
    await sleep(2); // so that what both drop is dropped at two times, and seen twice
    await act();
  };
  const outcome = await faultOf(story());
  expect(meanwhile).toBeUndefined();
  expect((await audit(fixture.catalog)).faults).toEqual([]);
  return outcome;
}

const body = (text: string) => bodyOf(Buffer.from(text));

describe('right before the commit of', () => {
  it('a copy, its source is deleted: nothing to copy any more', async () => {
    const bucket = await fixture.bucket();
    await fixture.put(bucket, 'source', 'text');
    const outcome = await during(
      () => other.remove(bucket, 'source', { owner }),
      () =>
        fixture.objects.copy(
          {
            source: { bucket, key: 'source' },
            sourceConditions: {},
            target: { bucket, key: 'target' },
            conditions: {},
            acl: plain.acl,
          },
          never,
        ),
    );
    expect(outcome).toBe('key-missing');
    expect(await fixture.objects.peek(bucket, 'target')).toBeUndefined();
  });

  it('the last delete of a shared object, another copy is made', async () => {
    const bucket = await fixture.bucket();
    await fixture.put(bucket, 'source', 'text');
    const copy = (key: string) =>
      other.copy(
        {
          source: { bucket, key: 'source' },
          sourceConditions: {},
          target: { bucket, key },
          conditions: {},
          acl: plain.acl,
        },
        never,
      );
    const remove = (key: string) => fixture.objects.remove(bucket, key, { owner });
    expect(
      await during(
        () => copy('one'),
        () => remove('source'),
      ),
    ).toBe('none');
    expect(await fixture.get(bucket, 'one')).toBe('text');
    await fixture.put(bucket, 'source', 'other');
    await copy('two');
    expect(
      await during(
        () => other.remove(bucket, 'two', { owner }),
        () => remove('source'),
      ),
    ).toBe('none');
  });

  it('a PUT, another one lands: both are versions, and one null version is left', async () => {
    for (const versioning of ['unversioned', 'enabled', 'suspended'] as const) {
      const bucket = await fixture.bucket(versioning);
      await fixture.put(bucket, 'k', 'first');
      const outcome = await during(
        () => other.write(bucket, 'k', body('second'), { ...plain, conditions: {} }, { signal: never }),
        () => fixture.put(bucket, 'k', 'third'),
      );
      expect([outcome, await fixture.get(bucket, 'k')]).toEqual(['none', 'third']);
      const { entries } = await fixture.objects.listVersions(bucket, { prefix: '', limit: 9 });
      expect(entries).toHaveLength(versioning === 'enabled' ? 3 : 1);
    }
  });

  it('a PUT, versioning is enabled: the version has an id and the old one stays', async () => {
    const bucket = await fixture.bucket();
    await fixture.put(bucket, 'k', 'old');
    await during(
      () => other.updateBucket(bucket.name, (now) => ({ ...now, versioning: 'enabled' })),
      () => fixture.put(bucket, 'k', 'new'),
    );
    expect(await fixture.get(bucket, 'k', 'null')).toBe('old');
  });

  it('a PUT, the bucket is deleted and made again: the new one stays empty', async () => {
    const bucket = await fixture.bucket();
    const outcome = await during(
      async () => {
        await other.deleteBucket(bucket.name);
        await other.createBucket({ name: bucket.name, acl: plain.acl, region: 'r' });
      },
      () => fixture.put(bucket, 'k', 'v'),
    );
    expect(outcome).toBe('bucket-missing');
  });

  it('a suspended PUT, the older null version is deleted', async () => {
    const bucket = await fixture.bucket('suspended');
    await fixture.put(bucket, 'k', 'null one');
    await fixture.objects.updateBucket(bucket.name, (now) => ({ ...now, versioning: 'enabled' }));
    await fixture.put(bucket, 'k', 'a version');
    await fixture.objects.updateBucket(bucket.name, (now) => ({ ...now, versioning: 'suspended' }));
    const removal = () => other.remove(bucket, 'k', { owner, versionId: 'null' });
    expect(await during(removal, () => fixture.put(bucket, 'k', 'null two'))).toBe('none');
    expect(await fixture.get(bucket, 'k', 'null')).toBe('null two');
  });

  it('removing the current version, the one below it is removed, or it is covered', async () => {
    const bucket = await fixture.bucket('enabled');
    const one = (await fixture.put(bucket, 'k', 'one')).versionId!;
    const two = (await fixture.put(bucket, 'k', 'two')).versionId!;
    const three = (await fixture.put(bucket, 'k', 'three')).versionId!;
    const remove = (worker: Objects, versionId: string) => worker.remove(bucket, 'k', { owner, versionId });
    expect(
      await during(
        () => remove(other, two),
        () => remove(fixture.objects, three),
      ),
    ).toBe('none');
    expect(await fixture.get(bucket, 'k')).toBe('one');
    const cover = () => other.write(bucket, 'k', body('four'), { ...plain, conditions: {} }, { signal: never });
    expect(await during(cover, () => remove(fixture.objects, one))).toBe('none');
    const { entries } = await fixture.objects.listVersions(bucket, { prefix: '', limit: 9 });
    expect(entries.map(({ latest }) => latest)).toEqual([true]);
    expect(await fixture.get(bucket, 'k')).toBe('four');
  });

  it('removing an older version, the same is removed: its bytes are dropped once', async () => {
    const bucket = await fixture.bucket('enabled');
    const one = (await fixture.put(bucket, 'k', 'one')).versionId!;
    await fixture.put(bucket, 'k', 'two');
    const remove = (worker: Objects) => worker.remove(bucket, 'k', { owner, versionId: one });
    expect(
      await during(
        () => remove(other),
        () => remove(fixture.objects),
      ),
    ).toBe('none');
  });

  it('tagging a version, it is replaced: the tags do not bring it back', async () => {
    const bucket = await fixture.bucket();
    await fixture.put(bucket, 'k', 'old');
    const outcome = await during(
      () => other.write(bucket, 'k', body('new'), { ...plain, conditions: {} }, { signal: never }),
      () => fixture.objects.updateVersion(bucket, 'k', undefined, ({ acl }) => ({ acl, tags: [['a', 'b']] })),
    );
    expect([outcome, await fixture.get(bucket, 'k')]).toEqual(['none', 'new']);
  });

  it('deleting a bucket, an object arrives', async () => {
    const bucket = await fixture.bucket();
    const put = () => other.write(bucket, 'k', body('v'), { ...plain, conditions: {} }, { signal: never });
    expect(await during(put, () => fixture.objects.deleteBucket(bucket.name))).toBe('bucket-not-empty');
    expect((await fixture.objects.bucket(bucket.name)).state).toBe('active');
    expect(await fixture.get(bucket, 'k')).toBe('v');
  });
});

describe('right before the commit of a part', () => {
  const start = async () => {
    const bucket = await fixture.bucket();
    const upload = await fixture.objects.createUpload(bucket, 'k', { ...plain, initiator: owner });
    const part = (worker: Objects, bytes: Buffer) => worker.writePart(bucket, 'k', upload.id, 1, bodyOf(bytes), never);
    return { bucket, uploadId: upload.id, part };
  };

  it('the same part arrives: one stays, one is dropped', async () => {
    const { part } = await start();
    const long = Buffer.alloc(9 * MiB); // more blocks than stand inline
    expect(
      await during(
        () => part(other, long),
        () => part(fixture.objects, Buffer.from('short')),
      ),
    ).toBe('none');
  });

  it('the upload is aborted', async () => {
    const { bucket, uploadId, part } = await start();
    const abort = () => other.abortUpload(bucket, 'k', uploadId);
    expect(await during(abort, () => part(fixture.objects, Buffer.from('late')))).toBe('upload-missing');
  });

  it('the upload is completed without it', async () => {
    const { bucket, uploadId, part } = await start();
    const first = await part(fixture.objects, Buffer.from('first'));
    const complete = () => other.completeUpload(bucket, 'k', { uploadId, parts: [first], conditions: {} });
    expect(await during(complete, () => part(fixture.objects, Buffer.from('late')))).toBe('upload-missing');
    expect(await fixture.get(bucket, 'k')).toBe('first');
  });
});
