// Several workers over one catalog, each with turns of its own, so that their commits do conflict.
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { Fault } from '../../../src/base/fault.ts';
import { MiB } from '../../../src/base/units.ts';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import { keys, tag } from '../../../src/catalog/keys.ts';
import { decodeBucket, encodeBucket } from '../../../src/catalog/records/bucket.ts';
import type { Bucket } from '../../../src/model/bucket.ts';
import type { Objects } from '../../../src/objects/objects.ts';
import { abortToken, closedRow } from '../../../src/objects/running-upload.ts';
import { fenceSession } from '../../../src/objects/session.ts';
import { audit } from './support/audit.ts';
import { bodyOf, type Fixture, faultOf, never, openFixture, owner, plain } from './support/fixture.ts';

let fixture: Fixture;
let workers: Objects[];
let conflicts = 0;
beforeAll(async () => {
  const counting = (inner: Catalog): Catalog => ({
    get: (key) => inner.get(key),
    range: (from, to, options) => inner.range(from, to, options),
    close: () => inner.close(),
    async commit(change) {
      const answer = await inner.commit(change);
      if (answer === 'conflict') conflicts += 1;
      return answer;
    },
  });
  fixture = await openFixture({ blockBytes: 512 * 1024, wrap: counting });
  workers = Array.from({ length: 8 }, () => fixture.worker());
});

const put = (worker: Objects, bucket: Bucket, key: string, text: string, conditions = {}) =>
  worker.write(bucket, key, bodyOf(Buffer.from(text)), { ...plain, conditions }, { signal: never });
const copy = (worker: Objects, bucket: Bucket, from: string, to: string) =>
  worker.copy(
    {
      source: { bucket, key: from },
      sourceConditions: {},
      target: { bucket, key: to },
      conditions: {},
      acl: plain.acl,
    },
    never,
  );

/** Gives the others a start of so many turns of the event loop. */
async function late(turns: number): Promise<void> {
  for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve));
}

describe('races', () => {
  it('of 32 writers with If-None-Match: * have one winner', async () => {
    for (let round = 0; round < 5; round++) {
      const bucket = await fixture.bucket(round % 2 ? 'enabled' : 'unversioned');
      conflicts = 0;
      const outcomes = await Promise.all(
        Array.from({ length: 32 }, (_, n) =>
          faultOf(put(workers[n % 8]!, bucket, 'k', `writer ${n}`, { ifNoneMatch: '*' })),
        ),
      );
      expect(outcomes.filter((kind) => kind === 'none')).toHaveLength(1);
      expect(outcomes.filter((kind) => kind === 'precondition-failed')).toHaveLength(31);
      expect(conflicts).toBeGreaterThan(0); // else nothing raced
    }
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('of an If-Match counter lose no increment', async () => {
    const bucket = await fixture.bucket();
    await put(workers[0]!, bucket, 'counter', '0');
    const increment = async (worker: Objects): Promise<void> => {
      for (;;) {
        const { version, body } = await worker.read(bucket, 'counter', {}, { signal: never });
        let text = '';
        for await (const chunk of body) text += chunk;
        const next = String(Number(text) + 1);
        if ((await faultOf(put(worker, bucket, 'counter', next, { ifMatch: version.etag }))) === 'none') return;
      }
    };
    await Promise.all(
      workers.map(async (worker) => {
        for (let n = 0; n < 10; n++) await increment(worker);
      }),
    );
    expect(await fixture.get(bucket, 'counter')).toBe('80');
  });

  it('of overwrites, copies and deletes leak nothing and drop nothing twice', async () => {
    for (const versioning of ['unversioned', 'enabled', 'suspended'] as const) {
      const before = await audit(fixture.catalog);
      const bucket = await fixture.bucket(versioning);
      const outcomes = new Set<string>();
      await Promise.all(
        workers.map(async (worker, w) => {
          for (let n = 0; n < 15; n++) {
            const [one, two] = [`k${(w + n) % 3}`, `k${(w * n) % 3}`] as [string, string];
            const act = (n * 7 + w) % 5;
            if (act < 2) outcomes.add(await faultOf(put(worker, bucket, one, `${w}/${n}`)));
            else if (act < 4) outcomes.add(await faultOf(copy(worker, bucket, one, two)));
            else outcomes.add(await faultOf(worker.remove(bucket, one, { owner })));
            if (n % 5 === 4) {
              const { entries } = await worker.listVersions(bucket, { prefix: '', limit: 1000 });
              const some = entries[(w * 13 + n) % Math.max(1, entries.length)];
              if (some !== undefined)
                await worker.remove(bucket, some.key, { owner, versionId: some.version.versionId });
            }
          }
        }),
      );
      expect([...outcomes].filter((kind) => !['none', 'key-missing', 'copy-onto-itself'].includes(kind))).toEqual([]);
      const { faults, live, dropped } = await audit(fixture.catalog);
      expect(faults).toEqual([]);
      expect(live + dropped).toBeGreaterThan(0);
      for (const { key, version } of (await fixture.objects.listVersions(bucket, { prefix: '', limit: 1000 }))
        .entries) {
        if (version.kind === 'object') await fixture.get(bucket, key, version.versionId);
        await fixture.objects.remove(bucket, key, { owner, versionId: version.versionId });
      }
      await fixture.objects.deleteBucket(bucket.name);
      const after = await audit(fixture.catalog);
      expect([after.faults, after.live]).toEqual([[], before.live]);
    }
  });

  it('of Complete, Abort and UploadPart end in one state', async () => {
    const bucket = await fixture.bucket();
    const short = Buffer.from('short');
    const five = Buffer.alloc(5 * MiB, 'x');
    conflicts = 0;
    for (let round = 0; round < 24; round++) {
      const key = `k${round}`;
      const upload = await fixture.objects.createUpload(bucket, key, { ...plain, initiator: owner });
      const one = await fixture.objects.writePart(bucket, key, upload.id, 1, bodyOf(round % 4 ? short : five), never);
      await fixture.objects.writePart(bucket, key, upload.id, 2, bodyOf(short), never);
      const request = { uploadId: upload.id, parts: [{ ...one }], conditions: {} };
      const acts = [
        () => workers[0]!.completeUpload(bucket, key, request),
        () => workers[1]!.completeUpload(bucket, key, request),
        () => late(round).then(() => workers[2]!.abortUpload(bucket, key, upload.id)),
        () => workers[3]!.writePart(bucket, key, upload.id, 1, bodyOf(Buffer.from(`other ${round}`)), never),
      ];
      const started = acts.map((_, n) => acts[(n + round) % 4]!);
      const outcomes = await Promise.all(started.map((act) => faultOf(act())));
      const named = Object.fromEntries(outcomes.map((kind, n) => [(n + round) % 4, kind]));
      const exists = (await fixture.objects.peek(bucket, key)) !== undefined;
      expect(outcomes.filter((kind) => !['none', 'upload-missing', 'part-invalid'].includes(kind))).toEqual([]);
      expect(exists).toBe(named[0] === 'none' || named[1] === 'none');
      if (exists) expect(named[2]).toBe('upload-missing');
    }
    expect(conflicts).toBeGreaterThan(0);
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('of PUT and DeleteBucket leave no object behind', async () => {
    conflicts = 0;
    for (let round = 0; round < 20; round++) {
      const bucket = await fixture.bucket();
      const [written, removed, again] = await Promise.all([
        late(round % 5).then(() => faultOf(put(workers[0]!, bucket, 'k', 'v'))),
        late((round * 3) % 5).then(() => faultOf(workers[1]!.deleteBucket(bucket.name))),
        late((round * 2) % 5).then(() => faultOf(workers[2]!.deleteBucket(bucket.name))),
      ]);
      const exists = (await faultOf(fixture.objects.bucket(bucket.name))) === 'none';
      if (written === 'none') expect([removed, again, exists]).toEqual(['bucket-not-empty', 'bucket-not-empty', true]);
      else expect([written, exists, [removed, again].includes('none')]).toEqual(['bucket-missing', false, true]);
    }
    expect(conflicts).toBeGreaterThan(0);
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('of switching versioning and PUT never lose a version', async () => {
    const bucket = await fixture.bucket();
    const ids: string[] = [];
    await Promise.all([
      ...workers.slice(0, 4).map(async (worker, w) => {
        for (let n = 0; n < 10; n++) {
          const { versionId } = await put(worker, bucket, 'k', `${w}/${n}`);
          if (versionId !== undefined) ids.push(versionId);
        }
      }),
      (async () => {
        for (const versioning of ['enabled', 'suspended', 'enabled'] as const) {
          await workers[5]!.updateBucket(bucket.name, (old) => ({ ...old, versioning }));
        }
      })(),
    ]);
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) await fixture.get(bucket, 'k', id);
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });
});

describe('what a dead worker left half-way', () => {
  /** Time flies while somebody waits. */
  const flying = () => {
    let skippedMs = 0;
    return {
      ...systemClock,
      monotonicMs: () => systemClock.monotonicMs() + skippedMs,
      sleep: async () => {
        skippedMs += 500;
      },
    };
  };

  it('a bucket that was being deleted is taken back by the next writer', async () => {
    const other = await openFixture({ clock: flying() });
    const bucket = await other.bucket();
    const row = (await other.catalog.get(keys.bucket(bucket.name)))!;
    const deleting = encodeBucket({ ...decodeBucket(row.value), state: 'deleting' });
    await other.catalog.commit({ checks: [], writes: [[row.key, deleting]] });
    await other.put(bucket, 'k', 'v');
    expect((await other.objects.bucket(bucket.name)).state).toBe('active');
    expect(await faultOf(other.objects.deleteBucket(bucket.name))).toBe('bucket-not-empty');
    await other.objects.remove(bucket, 'k', { owner });
    await other.objects.deleteBucket(bucket.name);
    expect(await faultOf(other.put(bucket, 'k', 'v'))).toBe('bucket-missing');
  });

  it('an upload that was being completed is completed, aborted or opened again by the next', async () => {
    const other = await openFixture({ clock: flying() });
    const bucket = await other.bucket();
    const short = bodyOf(Buffer.from('short'));
    const closed = async (key: string, token: string) => {
      const upload = await other.objects.createUpload(bucket, key, { ...plain, initiator: owner });
      const part = await other.objects.writePart(bucket, key, upload.id, 1, short, never);
      const row = closedRow(upload, token);
      await other.catalog.commit({ checks: [], writes: [[keys.upload(bucket.id, key, upload.id), row]] });
      return { key, uploadId: upload.id, complete: { uploadId: upload.id, parts: [part], conditions: {} } };
    };
    const one = await closed('one', 'c0'.repeat(16));
    await other.objects.completeUpload(bucket, 'one', one.complete);
    expect(await other.get(bucket, 'one')).toBe('short');
    const two = await closed('two', 'c0'.repeat(16));
    await other.objects.writePart(bucket, 'two', two.uploadId, 2, short, never);
    const three = await closed('three', 'c0'.repeat(16));
    await other.objects.abortUpload(bucket, 'three', three.uploadId);
    const four = await closed('four', abortToken); // an Abort stays one
    expect(await faultOf(other.objects.completeUpload(bucket, 'four', four.complete))).toBe('upload-missing');
    const story = other.objects.writePart(bucket, 'four', four.uploadId, 2, short, never);
    expect(await faultOf(story)).toBe('upload-missing');
    await other.objects.abortUpload(bucket, 'four', four.uploadId);
    const { entries } = await other.objects.listUploads(bucket, { prefix: '', limit: 10 });
    expect(entries.map(({ key, state }) => [key, state])).toEqual([['two', 'open']]);
    expect((await audit(other.catalog)).faults).toEqual([]);
  });
});

describe('a fenced worker', () => {
  it('publishes nothing', async () => {
    const other = await openFixture();
    const bucket = await other.bucket();
    await other.put(bucket, 'old', 'v');
    const [session] = await other.catalog.range(keys.first(tag.session), keys.first(tag.heartbeat), { limit: 1 });
    await fenceSession(other.catalog, session!.key.toString('hex', 1));
    const error = await other.put(bucket, 'k', 'v').catch((thrown: unknown) => thrown);
    expect((error as Fault).fault).toEqual({ kind: 'session-fenced' });
    expect(error).toBeInstanceOf(Fault);
    expect(await other.objects.peek(bucket, 'k')).toBeUndefined();
    expect(await faultOf(other.objects.remove(bucket, 'old', { owner }))).toBe('session-fenced');
    expect(await faultOf(other.objects.updateBucket(bucket.name, (old) => old))).toBe('session-fenced');
    expect(await other.get(bucket, 'old')).toBe('v');
  });
});
