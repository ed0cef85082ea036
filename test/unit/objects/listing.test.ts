import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import type { Bucket } from '../../../src/model/bucket.ts';
import type { ListPage } from '../../../src/objects/objects.ts';
import { type Fixture, faultOf, openFixture, owner } from './support/fixture.ts';

let fixture: Fixture;
let rowsRead = 0;
beforeAll(async () => {
  const counted = (inner: Catalog): Catalog => ({
    get: (key) => inner.get(key),
    range: (from, to, options) => {
      const rows = inner.range(from, to, options);
      if (Array.isArray(rows)) rowsRead += rows.length;
      return rows;
    },
    commit: (change) => inner.commit(change),
    close: () => inner.close(),
  });
  fixture = await openFixture({ wrap: counted });
});

const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What S3 says a listing is, computed the slow way. */
function expected(keys: string[], prefix: string, delimiter: string | undefined, after: string | undefined) {
  const items = new Map<string, 'key' | 'prefix'>();
  for (const key of keys.toSorted(order)) {
    if (!key.startsWith(prefix)) continue;
    const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    if (at < 0) items.set(key, 'key');
    else items.set(key.slice(0, at + delimiter!.length), 'prefix');
  }
  return [...items].filter(([name]) => after === undefined || order(name, after) > 0);
}

async function drain<E>(
  list: (after: string | undefined) => Promise<ListPage<E>>,
  keyOf: (entry: E) => string,
  first?: string,
) {
  const items: [string, 'key' | 'prefix'][] = [];
  let after = first;
  for (;;) {
    const page = await list(after);
    const merged = [
      ...page.entries.map((entry) => [keyOf(entry), 'key'] as [string, 'key']),
      ...page.commonPrefixes.map((prefix) => [prefix, 'prefix'] as [string, 'prefix']),
    ].sort((a, b) => order(a[0], b[0]));
    items.push(...merged);
    if (merged.length > 0) expect(page.next).toBe(merged.at(-1)![0]);
    if (!page.truncated) return items;
    expect(merged.length).toBeGreaterThan(0);
    after = page.next;
  }
}

const key = fc
  .array(fc.constantFrom('a', 'b', '/', '//', '%', '\n', 'é', '\u{1f600}', '\uffff', 'z'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join(''));
const query = fc.record({
  prefix: fc.oneof(fc.constant(''), key),
  delimiter: fc.option(fc.constantFrom('/', '//', 'a', '\n', '%', 'é', 'b/'), { nil: undefined }),
  after: fc.option(key, { nil: undefined }),
  limit: fc.integer({ min: 1, max: 7 }),
});

describe('ListObjects', () => {
  it('agrees with its definition for any keys, prefix, delimiter, marker and page size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 25 }),
        fc.array(query, { maxLength: 6 }),
        async (all, queries) => {
          const bucket = await fixture.bucket();
          for (const one of all) await fixture.put(bucket, one, '');
          for (const { prefix, delimiter, after, limit } of queries) {
            const list = (from: string | undefined) =>
              fixture.objects.list(bucket, {
                prefix,
                limit,
                ...(delimiter !== undefined && { delimiter }),
                ...(from !== undefined && { after: from }),
              });
            const items = await drain(list, (entry) => entry.key, after);
            expect(items).toEqual(expected(all, prefix, delimiter, after));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('seeks past a rolled-up prefix and reads little', async () => {
    const bucket = await fixture.bucket();
    await Promise.all(
      Array.from({ length: 1500 }, (_, n) => fixture.put(bucket, `0/${String(n).padStart(4, '0')}`, '')),
    );
    for (const one of ['1999', '1999#', '1999+', '2000']) await fixture.put(bucket, one, '');
    rowsRead = 0;
    const page = await fixture.objects.list(bucket, { prefix: '', delimiter: '/', limit: 5 });
    expect(page.entries.map((entry) => entry.key)).toEqual(['1999', '1999#', '1999+', '2000']);
    expect([page.commonPrefixes, page.truncated]).toEqual([['0/'], false]);
    expect(rowsRead).toBeLessThan(200);
    const all: string[] = [];
    const pages = (after?: string) =>
      fixture.objects.list(bucket, { prefix: '', limit: 1000, ...(after !== undefined && { after }) });
    for (let next = await pages(); ; next = await pages(next.next)) {
      all.push(...next.entries.map((entry) => entry.key));
      if (!next.truncated) break;
    }
    expect(all).toHaveLength(1504);
    expect(all).toEqual([...new Set(all)].sort(order));
    const versions = await fixture.objects.listVersions(bucket, { prefix: '', delimiter: '#', limit: 5000 });
    expect(versions.entries.map((entry) => entry.key)).toEqual(all.filter((one) => !one.includes('#')));
    const empty = await fixture.objects.list(bucket, { prefix: '', limit: 0 });
    expect(empty).toMatchObject({ entries: [], commonPrefixes: [], truncated: false });
  });

  it('passes over what is deleted, also to find out that nothing is left', async () => {
    const bucket = await fixture.bucket();
    const names = Array.from({ length: 300 }, (_, n) => `d/${n}`);
    await Promise.all(['a', ...names].map((name) => fixture.put(bucket, name, '')));
    await Promise.all(names.map((name) => fixture.objects.remove(bucket, name, { owner })));
    const page = await fixture.objects.list(bucket, { prefix: '', delimiter: '/', limit: 1 });
    expect(page).toMatchObject({ entries: [{ key: 'a' }], commonPrefixes: [], truncated: false });
  });
});

describe('prefixes and markers that no key can have', () => {
  it('list nothing, or what lies behind them', async () => {
    const bucket = await fixture.bucket();
    const long = 'k'.repeat(1024);
    for (const one of ['a', 'b', long, `${long.slice(1)}l`]) await fixture.put(bucket, one, '');
    const { objects } = fixture;
    const lists = [
      async (query: object) =>
        (await objects.list(bucket, { prefix: '', limit: 9, ...query })).entries.map((entry) => entry.key),
      async (query: object) =>
        (await objects.listVersions(bucket, { prefix: '', limit: 9, ...query })).entries.map((entry) => entry.key),
    ];
    for (const list of lists) {
      for (const prefix of ['a\0', '\0', `${long}k`, 'k'.repeat(9000)]) expect(await list({ prefix })).toEqual([]);
      expect(await list({ after: 'a\0z' })).toEqual(['b', long, `${long.slice(1)}l`]);
      expect(await list({ after: 'a\0/z', delimiter: '/' })).toEqual(['b', long, `${long.slice(1)}l`]);
      expect(await list({ after: 'k'.repeat(9000) })).toEqual([`${long.slice(1)}l`]);
      expect(await list({ after: `${'k'.repeat(9000)}/`, delimiter: '/' })).toEqual([`${long.slice(1)}l`]);
    }
    const [, versions] = lists;
    expect(await versions!({ after: 'a\0', afterVersionId: 'null' })).toEqual(['b', long, `${long.slice(1)}l`]);
    const uploads = (query: object) => faultOf(objects.listUploads(bucket, { prefix: '', limit: 9, ...query }));
    expect(await uploads({ prefix: 'k'.repeat(9000) })).toBe('none');
    expect(await uploads({ after: 'k'.repeat(9000), afterUploadId: 'f'.repeat(32) })).toBe('none');
    expect(await uploads({ after: 'a\0', afterUploadId: 'x' })).toBe('none');
    expect(await faultOf(objects.bucket('a\0'))).toBe('bucket-missing');
    expect(await faultOf(objects.bucket('b'.repeat(5000)))).toBe('bucket-missing');
  });
});

describe('ListObjectVersions', () => {
  it('tells the same in pages as at once, newest first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(key, fc.constantFrom('put', 'delete', 'suspend', 'enable')), { maxLength: 25 }),
        fc.record({ prefix: fc.oneof(fc.constant(''), key), delimiter: fc.constantFrom('', '/', 'a') }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, asked, limit) => {
          const bucket = await fixture.bucket('enabled');
          const short = (name: string) => [...name].slice(0, 2).join('');
          for (const [name, step] of steps) {
            if (step === 'put') await fixture.put(bucket, short(name), '');
            else if (step === 'delete') await fixture.objects.remove(bucket, short(name), { owner });
            else await setVersioning(bucket, step === 'enable' ? 'enabled' : 'suspended');
          }
          const whole = await fixture.objects.listVersions(bucket, { ...asked, limit: 1000 });
          expect(whole.truncated).toBe(false);
          const told = whole.entries.map((entry) => [entry.key, entry.version.sequence] as const);
          const sorted = told.toSorted((a, b) => order(a[0], b[0]) || b[1] - a[1]);
          expect(told).toEqual(sorted);
          whole.entries.forEach((entry, place) => {
            expect(entry.latest).toBe(entry.key !== whole.entries[place - 1]?.key);
          });
          const entries: unknown[] = [];
          const prefixes: string[] = [];
          let marker: { after?: string; afterVersionId?: string } = {};
          for (;;) {
            const page = await fixture.objects.listVersions(bucket, { ...asked, limit, ...marker });
            entries.push(...page.entries);
            prefixes.push(...page.commonPrefixes);
            if (!page.truncated) break;
            marker = {
              after: page.next!,
              ...(page.nextVersionId !== undefined && { afterVersionId: page.nextVersionId }),
            };
          }
          expect(entries).toEqual(whole.entries);
          expect(prefixes).toEqual(whole.commonPrefixes);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('goes on behind a version that is gone meanwhile, or was covered', async () => {
    const bucket = await fixture.bucket('enabled');
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push((await fixture.put(bucket, 'k', String(n))).versionId!);
    const behind = async (id: string) =>
      (
        await fixture.objects.listVersions(bucket, { prefix: '', limit: 9, after: 'k', afterVersionId: id })
      ).entries.map(({ version, latest }) => [version.versionId, latest]);
    await fixture.objects.remove(bucket, 'k', { owner, versionId: ids[2]! });
    expect(await behind(ids[2]!)).toEqual([
      [ids[1], true],
      [ids[0], false],
    ]);
    await fixture.put(bucket, 'k', 'new');
    expect(await behind(ids[1]!)).toEqual([[ids[0], false]]);
  });

  it('refuses version markers that make no sense', async () => {
    const bucket = await fixture.bucket('enabled');
    const list = (more: object) => faultOf(fixture.objects.listVersions(bucket, { prefix: '', limit: 5, ...more }));
    expect(await list({ afterVersionId: 'null' })).toBe('argument-invalid');
    expect(await list({ after: 'k', afterVersionId: 'bogus' })).toBe('argument-invalid');
    expect(await list({ after: 'k', afterVersionId: 'null' })).toBe('none');
  });
});

describe('ListBuckets', () => {
  it('shows the owner’s own, in pages', async () => {
    const other = await openFixture();
    const acl = (name: string) => ({ owner: name, grants: [] });
    for (const name of ['aa1', 'aa2', 'bb1', 'aa3']) {
      await other.objects.createBucket({ name, acl: acl('me'), region: 'r' });
    }
    await other.objects.createBucket({ name: 'aa0', acl: acl('you'), region: 'r' });
    const list = (query: object) => other.objects.listBuckets({ owner: 'me', prefix: '', limit: 10, ...query });
    const names = async (query: object) => (await list(query)).entries.map((bucket) => bucket.name);
    expect(await names({})).toEqual(['aa1', 'aa2', 'aa3', 'bb1']);
    expect(await names({ prefix: 'aa', after: 'aa1' })).toEqual(['aa2', 'aa3']);
    expect(await list({ limit: 2 })).toMatchObject({ truncated: true, next: 'aa2' });
    expect(await list({ limit: 4 })).toMatchObject({ truncated: false });
    const again = (owner: string) => faultOf(other.objects.createBucket({ name: 'aa1', acl: acl(owner), region: 'r' }));
    expect(await again('me')).toBe('bucket-owned');
    expect(await again('you')).toBe('bucket-exists');
  });
});

const setVersioning = (bucket: Bucket, versioning: Bucket['versioning']) =>
  fixture.objects.updateBucket(bucket.name, (old) => ({ ...old, versioning }));
