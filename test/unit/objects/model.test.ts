// A bucket against its simplest description: a list of versions per key, newest first. Clocks jump, workers change, gone heads are swept.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { keys, prefixEnd, tag } from '../../../src/catalog/keys.ts';
import { decodeSequence, encodeSequence } from '../../../src/catalog/records/sequence.ts';
import { decodeVersion } from '../../../src/catalog/records/version.ts';
import type { Bucket, Versioning } from '../../../src/model/bucket.ts';
import { nextSequence, sequenceAt } from '../../../src/objects/sequence.ts';
import { audit } from './support/audit.ts';
import { bodyOf, type Fixture, faultOf, never, openFixture, owner, plain } from './support/fixture.ts';

interface ModelVersion {
  readonly id: string;
  /** undefined: a delete marker. */
  readonly text?: string;
  readonly tags: readonly (readonly [string, string])[];
}

class Model {
  versioning: Versioning = 'unversioned';
  readonly versions = new Map<string, ModelVersion[]>();

  of(key: string): ModelVersion[] {
    return this.versions.get(key) ?? [];
  }

  place(key: string, version: ModelVersion): void {
    const kept = this.of(key).filter((old) => this.versioning === 'enabled' || old.id !== 'null');
    this.versions.set(key, [version, ...kept]);
  }

  remove(key: string, id: string): void {
    this.versions.set(
      key,
      this.of(key).filter((old) => old.id !== id),
    );
  }
}

const names = ['a', 'a/b', 'é'];
const name = fc.constantFrom(...names);
const text = fc.constantFrom('', 'one', 'two', 'a text that takes several blocks');
const which = fc.nat({ max: 9 });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constant('put' as const), key: name, text, worker: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('putIf' as const),
      key: name,
      text,
      condition: fc.constantFrom('ifMatch' as const, 'ifNoneMatch' as const),
      etagOf: fc.oneof(text, fc.constant('*')),
    }),
  },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('copy' as const), from: name, key: name, which }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('delete' as const), key: name }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('deleteVersion' as const), key: name, which }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('deleteIf' as const), key: name, etagOf: text }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('tag' as const), key: name, which, value: text }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('versioning' as const), enabled: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('clock' as const), ms: fc.integer({ min: -1e6, max: 1e6 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('sweep' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const etag = (body: string) => createHash('md5').update(body).digest('hex');

let wallMs = Date.UTC(2026, 5, 1);
const clock = { ...systemClock, wallMs: () => wallMs };

async function take(
  fixture: Fixture,
  other: Fixture['objects'],
  bucket: Bucket,
  model: Model,
  one: Step,
): Promise<void> {
  const { objects } = fixture;
  const current = 'key' in one ? model.of(one.key)[0] : undefined;
  switch (one.act) {
    case 'put': {
      const body = bodyOf(Buffer.from(one.text));
      const written = await (one.worker ? other : objects).write(
        bucket,
        one.key,
        body,
        { ...plain, conditions: {} },
        { signal: never },
      );
      expect(written.versionId === undefined).toBe(model.versioning !== 'enabled');
      return model.place(one.key, { id: written.versionId ?? 'null', text: one.text, tags: [] });
    }
    case 'putIf': {
      const asked = one.etagOf === '*' ? '*' : etag(one.etagOf);
      const exists = current?.text !== undefined;
      const matches = exists && (asked === '*' || etag(current.text!) === asked);
      const story = fixture.put(bucket, one.key, one.text, { [one.condition]: asked });
      if (one.condition === 'ifMatch' && !exists) expect(await faultOf(story)).toBe('key-missing');
      else if (matches !== (one.condition === 'ifMatch')) expect(await faultOf(story)).toBe('precondition-failed');
      else model.place(one.key, { id: (await story).versionId ?? 'null', text: one.text, tags: [] });
      return;
    }
    case 'copy': {
      const versions = model.of(one.from);
      const source = one.which === 0 ? versions[0] : versions[one.which % Math.max(1, versions.length)];
      const named = one.which !== 0 && source !== undefined ? { versionId: source.id } : {};
      const story = objects.copy(
        {
          source: { bucket, key: one.from, ...named },
          sourceConditions: {},
          target: { bucket, key: one.key },
          conditions: {},
          acl: plain.acl,
          ...(one.from === one.key && { attributes: { metadata: [['x', 'y']] } }),
        },
        never,
      );
      if (source === undefined) expect(await faultOf(story)).toBe('key-missing');
      else if (source.text === undefined) {
        expect(await faultOf(story)).toBe('versionId' in named ? 'marker-addressed' : 'key-missing');
      } else {
        model.place(one.key, { id: (await story).versionId ?? 'null', text: source.text, tags: source.tags });
      }
      return;
    }
    case 'delete': {
      const removed = await objects.remove(bucket, one.key, { owner });
      if (model.versioning === 'unversioned') model.remove(one.key, 'null');
      else model.place(one.key, { id: removed.versionId!, tags: [] });
      return expect(removed.deleteMarker).toBe(model.versioning !== 'unversioned');
    }
    case 'deleteVersion': {
      const versions = model.of(one.key);
      const id = versions[one.which % Math.max(1, versions.length)]?.id ?? 'null';
      const marker = versions.find((version) => version.id === id && version.text === undefined) !== undefined;
      expect(await objects.remove(bucket, one.key, { owner, versionId: id })).toEqual({
        versionId: id,
        deleteMarker: marker,
      });
      return model.remove(one.key, id);
    }
    case 'deleteIf': {
      const story = objects.remove(bucket, one.key, { owner, conditions: { ifMatch: etag(one.etagOf) } });
      if (current !== undefined && current.text !== one.etagOf) {
        expect(await faultOf(story)).toBe('precondition-failed');
        return;
      }
      const removed = await story;
      if (current === undefined) expect(removed).toEqual({ deleteMarker: false });
      else if (model.versioning === 'unversioned') model.remove(one.key, 'null');
      else model.place(one.key, { id: removed.versionId!, tags: [] });
      return;
    }
    case 'tag': {
      const versions = model.of(one.key);
      const place = one.which % Math.max(1, versions.length);
      const version = versions[place];
      if (version?.text === undefined) return;
      const tags = [['t', one.value]] as const;
      await objects.updateVersion(bucket, one.key, version.id, ({ acl }) => ({ acl, tags }));
      return void versions.splice(place, 1, { ...version, tags });
    }
    case 'versioning':
      model.versioning = one.enabled ? 'enabled' : 'suspended';
      await objects.updateBucket(bucket.name, (old) => ({ ...old, versioning: model.versioning }));
      return;
    case 'clock':
      wallMs += one.ms;
      return;
    case 'sweep':
      return sweep(fixture);
  }
}

/** As upkeep does: raise the watermark, then remove the gone heads below it. */
async function sweep({ catalog }: Fixture): Promise<void> {
  const row = await catalog.get(keys.watermark());
  const watermark = Math.max(row === undefined ? 0 : decodeSequence(row.value), sequenceAt(wallMs));
  await catalog.commit({ checks: [], writes: [[keys.watermark(), encodeSequence(watermark)]] });
  const from = keys.first(tag.current);
  for (const head of await catalog.range(from, prefixEnd(from), { limit: 100_000 })) {
    const { kind, sequence } = decodeVersion(head.value);
    if (kind !== 'gone' || sequence > watermark) continue;
    await catalog.commit({ checks: [[head.key, head.version]], writes: [[head.key, undefined]] });
  }
}

async function compare({ objects, get }: Fixture, bucket: Bucket, model: Model): Promise<void> {
  const { entries } = await objects.listVersions(bucket, { prefix: '', limit: 1000 });
  const told = entries.map(({ key, version, latest }) => [key, version.versionId, version.kind, latest]);
  const modelled = names.flatMap((key) =>
    model.of(key).map(({ id, text }, place) => [key, id, text === undefined ? 'marker' : 'object', place === 0]),
  );
  expect(told).toEqual(modelled);
  const shown = (await objects.list(bucket, { prefix: '', limit: 1000 })).entries.map((entry) => entry.key);
  expect(shown).toEqual(names.filter((key) => model.of(key)[0]?.text !== undefined));
  for (const key of names) {
    for (const { id, text, tags } of model.of(key)) {
      if (text === undefined) continue;
      expect(await get(bucket, key, id)).toBe(text);
      expect((await objects.peek(bucket, key, id))?.tags).toEqual(tags);
    }
    const [current] = model.of(key);
    if (current?.text === undefined) expect(await faultOf(get(bucket, key))).toBe('key-missing');
    else expect(await get(bucket, key)).toBe(current.text);
  }
}

it('a bucket behaves as its model does, and holds just the bytes that it shows', async () => {
  const fixture = await openFixture({ blockBytes: 4, clock });
  const other = fixture.worker();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const bucket = await fixture.bucket();
      const model = new Model();
      const newest = new Map<string, number>();
      for (const one of steps) {
        await take(fixture, other, bucket, model, one);
        if (!('key' in one)) continue;
        const head = await fixture.catalog.get(keys.current(bucket.id, one.key));
        const sequence = head === undefined ? 0 : decodeVersion(head.value).sequence;
        if (one.act !== 'deleteVersion' && one.act !== 'tag') {
          expect(sequence).toBeGreaterThanOrEqual(newest.get(one.key) ?? 0);
          newest.set(one.key, sequence);
        } else newest.delete(one.key);
      }
      await compare(fixture, bucket, model);
      for (const key of names) {
        for (const { id } of model.of(key)) await fixture.objects.remove(bucket, key, { owner, versionId: id });
      }
      const { faults, live } = await audit(fixture.catalog);
      expect([faults, live]).toEqual([[], 0]);
      await emptyTrash(fixture);
    }),
    { numRuns: 100 },
  );
}, 60_000);

/** Keeps the audits of later runs short. */
async function emptyTrash({ catalog }: Fixture): Promise<void> {
  for (const kind of [tag.dropped, tag.block]) {
    const from = keys.first(kind);
    const rows = await catalog.range(from, prefixEnd(from), { limit: 100_000 });
    for (let at = 0; at < rows.length; at += 500) {
      const writes = rows.slice(at, at + 500).map((row) => [row.key, undefined] as const);
      await catalog.commit({ checks: [], writes });
    }
  }
}

it('sequences rise above head, watermark and clock, and end before they wrap', () => {
  const now = sequenceAt(Date.UTC(2026, 0, 1));
  expect(nextSequence(undefined, 0, Date.UTC(2026, 0, 1))).toBe(now);
  expect(nextSequence(now + 5, 0, Date.UTC(2026, 0, 1))).toBe(now + 6);
  expect(nextSequence(now + 5, now + 9, Date.UTC(2026, 0, 1))).toBe(now + 10);
  expect(nextSequence(undefined, 0, 0)).toBe(1);
  expect(Number.isSafeInteger(sequenceAt(Date.UTC(2089, 0, 1)))).toBe(true);
  expect(() => nextSequence(Number.MAX_SAFE_INTEGER, 0, 0)).toThrow('out of range');
});
