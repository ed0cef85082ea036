// Keys sort as S3 says: by the bytes of the object key in UTF-8, versions of one key newest first, nothing in between.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caps } from '../../../src/base/caps.ts';
import {
  idOf,
  keys,
  numberAtEnd,
  prefixEnd,
  tag,
  textOf,
  uploadKeyOf,
  versionKeyOf,
} from '../../../src/catalog/keys.ts';
import { keyBytesMax } from '../../../src/catalog/limits.ts';
import { id, whole } from './arbitraries.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');
const sign = (number: number): number => Math.sign(number);
const inside = (key: Buffer, prefix: Buffer): boolean =>
  Buffer.compare(prefix, key) <= 0 && Buffer.compare(key, prefixEnd(prefix)) < 0;

/** Object keys: no NUL, few letters so that prefixes happen, and code points on both sides of the surrogates. */
const objectKey = fc
  .oneof(
    fc.string({
      unit: fc.constantFrom('a', 'b', '/', ' ', '\x01', '\x7f', 'é', '\uffff', '\ue000', '😀', '𐀀'),
      maxLength: 8,
    }),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )
  .map((key) => key.replaceAll('\0', ''));

describe('keys', () => {
  it('of current versions sort as UTF-8 and read back', () => {
    fc.assert(
      fc.property(id, objectKey, objectKey, (bucket, a, b) => {
        const [x, y] = [keys.current(bucket, a), keys.current(bucket, b)];
        expect(sign(Buffer.compare(x, y))).toBe(sign(Buffer.compare(bytesOf(a), bytesOf(b))));
        expect(textOf(x, 1)).toBe(a);
        expect(idOf(x)).toBe(bucket);
        expect(inside(x, keys.first(tag.current, bucket))).toBe(true);
      }),
    );
  });

  it('of versions sort by key, then newest first, and read back', () => {
    fc.assert(
      fc.property(id, objectKey, objectKey, whole, whole, (bucket, a, b, older, newer) => {
        const [x, y] = [keys.version(bucket, a, older), keys.version(bucket, b, newer)];
        const byKey = sign(Buffer.compare(bytesOf(a), bytesOf(b)));
        expect(sign(Buffer.compare(x, y))).toBe(byKey || sign(newer - older));
        expect(versionKeyOf(x)).toEqual({ key: a, sequence: older });
        expect(inside(x, keys.versionsOf(bucket, a))).toBe(true);
        expect(inside(y, keys.versionsOf(bucket, a))).toBe(a === b);
      }),
    );
  });

  it('of uploads sort by key, then by id, and read back', () => {
    fc.assert(
      fc.property(id, objectKey, objectKey, id, id, (bucket, a, b, first, second) => {
        const [x, y] = [keys.upload(bucket, a, first), keys.upload(bucket, b, second)];
        const byKey = sign(Buffer.compare(bytesOf(a), bytesOf(b)));
        expect(sign(Buffer.compare(x, y))).toBe(byKey || (first < second ? -1 : first > second ? 1 : 0));
        expect(uploadKeyOf(x)).toEqual({ key: a, uploadId: first });
        expect(inside(x, keys.upload(bucket, a, ''))).toBe(true);
        expect(inside(y, keys.upload(bucket, a, ''))).toBe(a === b);
      }),
    );
  });

  it('of chunks, parts and dropped rows sort by their number', () => {
    fc.assert(
      fc.property(id, whole, whole, (manifest, a, b) => {
        expect(sign(Buffer.compare(keys.manifest(manifest, a), keys.manifest(manifest, b)))).toBe(sign(a - b));
        expect(numberAtEnd(keys.manifest(manifest, a), 8)).toBe(a);
        expect(sign(Buffer.compare(keys.dropped(a, manifest), keys.dropped(b, manifest)))).toBe(sign(a - b));
        const [m, n] = [a % caps.partNumberMax, b % caps.partNumberMax];
        expect(sign(Buffer.compare(keys.manifestPart(manifest, m), keys.manifestPart(manifest, n)))).toBe(sign(m - n));
        expect(numberAtEnd(keys.manifestPart(manifest, m), 2)).toBe(m);
        expect(inside(keys.manifestPart(manifest, m), keys.manifestPartsOf(manifest))).toBe(true);
        expect(inside(keys.manifest(manifest, a), keys.manifestsOf(manifest))).toBe(true);
      }),
    );
  });

  it('of different kinds never share a range', () => {
    const kinds = Object.values(tag);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(Math.min(...kinds)).toBeGreaterThan(0);
    expect(Math.max(...kinds)).toBeLessThan(0xff);
  });

  it("are refused where an id could make them another row's", () => {
    for (const bad of [
      '',
      'ab',
      'g'.repeat(32),
      '0'.repeat(31),
      '0'.repeat(33),
      '0'.repeat(34),
      `${'0'.repeat(30)}zz`,
    ]) {
      expect(() => keys.manifestPart(bad, 1)).toThrow(TypeError);
    }
  });

  it('fit into the engine at the longest object key', () => {
    const longest = 'é'.repeat(caps.keyBytesMax / 2);
    const [bucket, upload] = ['ff'.repeat(16), '00'.repeat(16)];
    expect(keys.version(bucket, longest, 0).length).toBeLessThanOrEqual(keyBytesMax);
    expect(keys.upload(bucket, longest, upload).length).toBeLessThanOrEqual(keyBytesMax);
  });
});

describe('prefixEnd', () => {
  it('bounds exactly the keys that start with the prefix', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 6 }).map((value) => Buffer.from(value));
    const nearby = fc.array(fc.constantFrom(0, 1, 0xfe, 0xff), { maxLength: 4 }).map((value) => Buffer.from(value));
    fc.assert(
      fc.property(fc.oneof(bytes, nearby), fc.oneof(bytes, nearby), (prefix, key) => {
        fc.pre(prefix.some((byte) => byte !== 0xff));
        expect(inside(Buffer.concat([prefix, key]), prefix)).toBe(true);
        expect(inside(key, prefix)).toBe(key.subarray(0, prefix.length).equals(prefix));
      }),
    );
  });

  it('has no answer for 0xff alone', () => {
    expect(() => prefixEnd(Buffer.of(0xff, 0xff))).toThrow();
  });
});
