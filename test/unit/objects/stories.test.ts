import { beforeAll, describe, expect, it } from 'vitest';
import type { Bucket } from '../../../src/model/bucket.ts';
import { audit } from './support/audit.ts';
import { collect, type Fixture, faultOf, never, openFixture, owner } from './support/fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture({ blockBytes: 1000 });
});

const remove = (bucket: Bucket, key: string, versionId?: string) =>
  fixture.objects.remove(bucket, key, { owner, ...(versionId !== undefined && { versionId }) });
const listed = async (bucket: Bucket) =>
  (await fixture.objects.listVersions(bucket, { prefix: '', limit: 1000 })).entries.map(
    ({ key, version, latest }) => [key, version.versionId, version.kind, latest] as const,
  );

describe('objects in an unversioned bucket', () => {
  it('are written, read, replaced and removed', async () => {
    const bucket = await fixture.bucket();
    const { version, versionId } = await fixture.put(bucket, 'k', 'first');
    expect(versionId).toBeUndefined();
    expect(version).toMatchObject({ etag: '8b04d5e3775d298e78455efc5ca404d5', size: 5, versionId: 'null' });
    expect(await fixture.get(bucket, 'k')).toBe('first');
    expect((await fixture.put(bucket, 'k', 'second')).version.sequence).toBeGreaterThan(version.sequence);
    expect(await fixture.get(bucket, 'k', 'null')).toBe('second');
    expect(await listed(bucket)).toEqual([['k', 'null', 'object', true]]);
    expect(await remove(bucket, 'k')).toEqual({ deleteMarker: false });
    expect(await faultOf(fixture.get(bucket, 'k'))).toBe('key-missing');
    expect(await listed(bucket)).toEqual([]);
    expect(await remove(bucket, 'k')).toEqual({ deleteMarker: false });
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('keep their sequence rising across delete and re-create, even when the clock steps back', async () => {
    let wallMs = Date.UTC(2026, 0, 1);
    const { systemClock } = await import('../../../src/base/clock.ts');
    const other = await openFixture({ clock: { ...systemClock, wallMs: () => wallMs } });
    const bucket = await other.bucket();
    const first = await other.put(bucket, 'k', '1');
    await other.objects.remove(bucket, 'k', { owner });
    wallMs -= 3_600_000;
    const second = await other.put(bucket, 'k', '2');
    expect(second.version.sequence).toBeGreaterThan(first.version.sequence + 1);
    expect(second.version.modifiedSec).toBe(Math.floor(wallMs / 1000));
  });

  it('may be empty, and long enough for manifest rows', async () => {
    const bucket = await fixture.bucket();
    await fixture.put(bucket, 'empty', '');
    expect(await fixture.get(bucket, 'empty')).toBe('');
    const text = Array.from({ length: 40_000 }, (_, n) => String.fromCharCode(97 + (n % 26))).join('');
    const { version } = await fixture.put(bucket, 'long', text);
    expect(version.blocks).toBeUndefined();
    expect(await fixture.get(bucket, 'long')).toBe(text);
    for (const [from, to] of [
      [0, 0],
      [999, 1000],
      [12_345, 23_456],
      [39_999, 39_999],
    ] as const) {
      const { body, partial } = await fixture.objects.read(
        bucket,
        'long',
        { select: { rangeText: `bytes=${from}-${to}` } },
        { signal: never },
      );
      expect(partial).toBe(true);
      expect((await collect(body)).toString()).toBe(text.slice(from, to + 1));
    }
    await remove(bucket, 'long');
    expect((await audit(fixture.catalog)).faults).toEqual([]);
    expect(fixture.blocks.running()).toBe(0);
  });

  it('end their reading when the body is given up, started or not', async () => {
    const bucket = await fixture.bucket();
    await fixture.put(bucket, 'k', 'x'.repeat(5000));
    const unstarted = await fixture.objects.read(bucket, 'k', {}, { signal: never });
    expect(fixture.blocks.running()).toBe(1);
    await unstarted.body[Symbol.asyncIterator]().return?.();
    expect(fixture.blocks.running()).toBe(0);
    const started = await fixture.objects.read(bucket, 'k', {}, { signal: never });
    for await (const _ of started.body) break;
    expect(fixture.blocks.running()).toBe(0);
    const abort = new AbortController();
    await fixture.objects.read(bucket, 'k', {}, abort);
    abort.abort();
    expect(fixture.blocks.running()).toBe(0);
  });
});

describe('versions', () => {
  it('are kept in an enabled bucket, hidden by markers and come back when those go', async () => {
    const bucket = await fixture.bucket('enabled');
    const one = (await fixture.put(bucket, 'k', 'one')).versionId!;
    const two = (await fixture.put(bucket, 'k', 'two')).versionId!;
    expect(one).toMatch(/^[A-H][\w-]{19}$/);
    const marker = await remove(bucket, 'k');
    expect(marker).toEqual({ deleteMarker: true, versionId: expect.any(String) });
    expect(await faultOf(fixture.get(bucket, 'k'))).toBe('key-missing');
    expect(await faultOf(fixture.get(bucket, 'k', marker.versionId!))).toBe('marker-addressed');
    expect(await fixture.get(bucket, 'k', one)).toBe('one');
    expect(await listed(bucket)).toEqual([
      ['k', marker.versionId, 'marker', true],
      ['k', two, 'object', false],
      ['k', one, 'object', false],
    ]);
    expect((await fixture.objects.list(bucket, { prefix: '', limit: 10 })).entries).toEqual([]);
    expect(await remove(bucket, 'k', marker.versionId!)).toEqual({ deleteMarker: true, versionId: marker.versionId });
    expect(await fixture.get(bucket, 'k')).toBe('two');
    await remove(bucket, 'k', two);
    expect(await fixture.get(bucket, 'k')).toBe('one');
    await remove(bucket, 'k', one);
    expect(await listed(bucket)).toEqual([]);
    expect(await remove(bucket, 'k', one)).toEqual({ deleteMarker: false, versionId: one });
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('refuse ids that never were, and miss those that are not', async () => {
    const bucket = await fixture.bucket('enabled');
    const { versionId } = await fixture.put(bucket, 'k', 'one');
    const tampered = versionId!.slice(0, -1) + (versionId!.endsWith('A') ? 'B' : 'A');
    expect(await faultOf(fixture.get(bucket, 'k', tampered))).toBe('version-missing');
    expect(await faultOf(fixture.get(bucket, 'other', versionId))).toBe('version-missing');
    expect(await faultOf(fixture.get(bucket, 'k', 'null'))).toBe('version-missing');
    for (const id of ['', 'x', `${versionId}A`, 'ZZZZZZZZZZZZZZZZZZZZ', '../../../../../etc/p']) {
      expect(await faultOf(fixture.get(bucket, 'k', id))).toBe('argument-invalid');
    }
  });

  it('have one null version, wherever it lies', async () => {
    const bucket = await fixture.bucket();
    await fixture.put(bucket, 'k', 'plain');
    const set = (versioning: Bucket['versioning']) =>
      fixture.objects.updateBucket(bucket.name, (old) => ({ ...old, versioning }));
    await set('enabled');
    const one = (await fixture.put(bucket, 'k', 'one')).versionId!;
    expect(await fixture.get(bucket, 'k', 'null')).toBe('plain');
    await set('suspended');
    expect((await fixture.put(bucket, 'k', 'again')).versionId).toBeUndefined();
    expect(await listed(bucket)).toEqual([
      ['k', 'null', 'object', true],
      ['k', one, 'object', false],
    ]);
    expect(await fixture.get(bucket, 'k', 'null')).toBe('again');
    expect(await remove(bucket, 'k')).toEqual({ deleteMarker: true, versionId: 'null' });
    expect(await remove(bucket, 'k')).toEqual({ deleteMarker: true, versionId: 'null' });
    expect(await listed(bucket)).toEqual([
      ['k', 'null', 'marker', true],
      ['k', one, 'object', false],
    ]);
    await set('enabled');
    const two = (await fixture.put(bucket, 'k', 'two')).versionId!;
    expect(await remove(bucket, 'k', 'null')).toEqual({ deleteMarker: true, versionId: 'null' });
    expect(await listed(bucket)).toEqual([
      ['k', two, 'object', true],
      ['k', one, 'object', false],
    ]);
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('change tags and ACL without a new time', async () => {
    const bucket = await fixture.bucket('enabled');
    const { versionId, version } = await fixture.put(bucket, 'k', 'one');
    await fixture.put(bucket, 'k', 'two');
    const updated = await fixture.objects.updateVersion(bucket, 'k', versionId, ({ acl }) => ({
      acl,
      tags: [['colour', 'blue']],
    }));
    expect(updated).toEqual({ ...version, tags: [['colour', 'blue']] });
    expect((await fixture.objects.peek(bucket, 'k', versionId))?.tags).toEqual([['colour', 'blue']]);
    expect((await fixture.objects.peek(bucket, 'k'))?.tags).toEqual([]);
    const story = fixture.objects.updateVersion(bucket, 'none', undefined, (old) => old);
    expect(await faultOf(story)).toBe('key-missing');
  });
});

describe('conditions', () => {
  it('of a write are judged against the current object', async () => {
    for (const versioning of ['unversioned', 'enabled'] as const) {
      const bucket = await fixture.bucket(versioning);
      const put = (conditions: object) => faultOf(fixture.put(bucket, 'k', 'v', conditions));
      expect(await put({ ifMatch: '*' })).toBe('key-missing');
      expect(await put({ ifMatch: '"x"' })).toBe('key-missing');
      expect(await put({ ifNoneMatch: '*' })).toBe('none');
      expect(await put({ ifNoneMatch: '*' })).toBe('precondition-failed');
      const { etag } = (await fixture.objects.peek(bucket, 'k'))!;
      expect(await put({ ifNoneMatch: etag })).toBe('precondition-failed');
      expect(await put({ ifNoneMatch: '"other"' })).toBe('none');
      expect(await put({ ifMatch: '"other"' })).toBe('precondition-failed');
      expect(await put({ ifMatch: `"${etag}"` })).toBe('none');
      expect(await put({ ifMatch: etag })).toBe('none');
      expect(await put({ ifMatch: `"a", "${etag}"` })).toBe('none');
      await remove(bucket, 'k');
      expect(await put({ ifMatch: '*' })).toBe('key-missing');
      expect(await put({ ifNoneMatch: '*' })).toBe('none');
    }
  });

  it('of a delete spare what does not match, and let the missing be', async () => {
    const bucket = await fixture.bucket('enabled');
    const removal = (conditions: object, versionId?: string) =>
      fixture.objects.remove(bucket, 'k', { owner, conditions, ...(versionId !== undefined && { versionId }) });
    expect(await removal({ ifMatch: 'bad' })).toEqual({ deleteMarker: false });
    expect(await listed(bucket)).toEqual([]);
    const { versionId, version } = await fixture.put(bucket, 'k', 'v');
    for (const wrong of [{ ifMatch: 'bad' }, { ifMatchSize: 9 }, { ifMatchModifiedSec: 1 }]) {
      expect(await faultOf(removal(wrong))).toBe('precondition-failed');
      expect(await faultOf(removal(wrong, versionId))).toBe('precondition-failed');
    }
    const right = { ifMatch: version.etag, ifMatchSize: 1, ifMatchModifiedSec: version.modifiedSec };
    expect((await removal(right)).deleteMarker).toBe(true);
    expect(await faultOf(removal({ ifMatch: 'bad' }))).toBe('precondition-failed');
    expect(await faultOf(removal({ ifMatch: '*' }))).toBe('none');
    expect(await faultOf(removal(right, versionId))).toBe('none');
    expect(await faultOf(removal({ ifMatch: 'bad' }, versionId))).toBe('none');
  });
});
