import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encoderFor, pageLimit, partMarker, placeOf, tokenAt } from '../../../src/gateway/listing.ts';

const key = fc.string({ unit: 'binary', minLength: 0, maxLength: 60 }).filter((text) => text.isWellFormed());

describe('continuation tokens', () => {
  it('lead back to their place', () => {
    fc.assert(
      fc.property(key, (place) => {
        expect(placeOf(tokenAt(place))).toBe(place);
      }),
    );
  });

  it('are refused when a bit of them changed', () => {
    fc.assert(
      fc.property(key, fc.nat(), fc.integer({ min: 0, max: 7 }), (place, at, bit) => {
        const bytes = Buffer.from(tokenAt(place), 'base64url');
        bytes[at % bytes.length]! ^= 1 << bit;
        expect(() => placeOf(bytes.toString('base64url'))).toThrow('continuation token');
      }),
    );
  });

  it.each(['', 'asdf', 'bmFtZQ', `${tokenAt('k')}=`, ` ${tokenAt('k')}`, tokenAt('key').slice(0, -1)])(
    '%j is none',
    (text) => {
      expect(() => placeOf(text)).toThrow('continuation token');
    },
  );
});

describe('encoding-type url', () => {
  const encode = encoderFor('url');

  it('is undone by any decoder, and is plain ASCII', () => {
    fc.assert(
      fc.property(key, (text) => {
        expect(decodeURIComponent(encode(text))).toBe(text);
        expect(encode(text)).toMatch(/^[A-Za-z0-9/._~%-]*$/);
      }),
    );
  });

  it('writes what S3 writes', () => {
    expect(encode("a/b c+d%e(f)'g*!~")).toBe('a/b%20c%2Bd%25e%28f%29%27g%2A%21~');
  });

  it('is the only one', () => {
    expect(() => encoderFor('URL')).toThrow('Invalid Encoding Method');
    expect(encoderFor(undefined)('a b')).toBe('a b');
  });
});

describe('page sizes and part markers', () => {
  it('are bounded', () => {
    expect([undefined, 0, 7, 1000, 5000].map((value) => pageLimit(value, 'max-keys', 1000))).toEqual([
      1000, 0, 7, 1000, 1000,
    ]);
    for (const value of [-1, 1.5, 2 ** 31, Number.NaN])
      expect(() => pageLimit(value, 'max-keys', 1000)).toThrow('max-keys');
    expect(() => pageLimit(0, 'max-buckets', 1000, 1)).toThrow('max-buckets');
    expect([partMarker(undefined), partMarker(''), partMarker('12')]).toEqual([0, 0, 12]);
    for (const text of ['-1', 'x', '1.0', '2147483648']) expect(() => partMarker(text)).toThrow('part-number-marker');
  });
});
