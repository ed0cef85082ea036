import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketTags, headerTags, objectTags, tagSet } from '../../../src/gateway/tags.ts';

const aws = { profile: 'aws' } as const;
const rgw = { profile: 'rgw' } as const;
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};
const many = (count: number) => Array.from({ length: count }, (_, at) => ({ Key: `k${at}`, Value: '' }));

describe('tags', () => {
  it('survive the header, sorted by the bytes of their keys', () => {
    const text = fc.string({ unit: fc.constantFrom(...'aZ0 é+-=._:/@'), minLength: 1, maxLength: 20 });
    const pairs = fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 10 });
    fc.assert(
      fc.property(pairs, (tags) => {
        const header = tags.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
        const expected = [...tags].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(headerTags(header, aws)).toEqual(expected);
        expect(objectTags(tagSet(tags), aws)).toEqual(expected);
      }),
    );
  });

  it('are ten on an object, fifty on a bucket; each house has its word for more', () => {
    expect(objectTags(many(10), aws)).toHaveLength(10);
    expect(codeOf(() => objectTags(many(11), aws))).toBe('BadRequest');
    expect(codeOf(() => objectTags(many(11), rgw))).toBe('InvalidTag');
    expect(bucketTags(many(50), aws)).toHaveLength(50);
    expect(codeOf(() => bucketTags(many(51), aws))).toBe('BadRequest');
  });

  it.each([
    ['', ''],
    ['k'.repeat(129), ''],
    ['k', 'v'.repeat(257)],
    ['AWS:k', ''],
    ['k\n', ''],
    ['k', '<'],
  ])('%j=%j is none', (Key, Value) => {
    expect(codeOf(() => objectTags([{ Key, Value }], aws))).toBe('InvalidTag');
  });

  it('count characters, not bytes', () => {
    expect(objectTags([{ Key: '\u{20000}'.repeat(128), Value: 'ü'.repeat(256) }], aws)).toHaveLength(1);
  });

  it('have a key each', () => {
    expect(codeOf(() => headerTags('a=1&a=2', aws))).toBe('InvalidArgument');
    expect(codeOf(() => objectTags([...many(1), ...many(1)], aws))).toBe('InvalidTag');
    expect(codeOf(() => headerTags('a=%zz', aws))).toBe('InvalidArgument');
    expect(headerTags(undefined, aws)).toEqual([]);
    expect(headerTags('b&a=x+y', aws)).toEqual([
      ['a', 'x y'],
      ['b', ''],
    ]);
  });
});
