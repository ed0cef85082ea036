// The pure pieces: conditions, ranges, version ids.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../../src/base/fault.ts';
import { systemRandom } from '../../../src/base/random.ts';
import type { Version } from '../../../src/model/object.ts';
import {
  checkReadConditions,
  checkSourceConditions,
  etagListNames,
  unquoted,
} from '../../../src/objects/conditions.ts';
import { selectCopyRange, selectRange } from '../../../src/objects/select-range.ts';
import { makeVersionId, sequenceOf } from '../../../src/objects/version-ids.ts';

const version: Version = {
  kind: 'object',
  sequence: 1,
  versionId: 'null',
  size: 10,
  modifiedSec: 1000,
  etag: 'abc',
  attributes: { metadata: [] },
  tags: [],
  acl: { owner: 'o', grants: [] },
  checksums: [],
};

const kindOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof Fault ? error.fault.kind : String(error);
  }
  return 'none';
};

describe('ETag lists', () => {
  it('name ETags with and without quotes', () => {
    for (const list of ['"abc"', 'abc', '*', ' "x" , "abc"', 'x,abc'])
      expect(etagListNames(list, 'abc', false)).toBe(true);
    for (const list of ['', '"ab"', '"abcd"', 'ABC', '""', '"*"', 'x y', '"abc']) {
      expect(etagListNames(list, 'abc', false)).toBe(false);
    }
    expect(etagListNames('W/"abc"', 'abc', true)).toBe(true);
    expect(etagListNames('W/"abc"', 'abc', false)).toBe(false);
    expect(etagListNames('""', '', false)).toBe(false); // a marker has none
    expect([unquoted('"a"'), unquoted('a'), unquoted('"'), unquoted('')]).toEqual(['a', 'a', '"', '']);
  });
});

describe('read conditions', () => {
  const judge = (conditions: object) => kindOf(() => checkReadConditions(conditions, version));
  it('follow the order of RFC 9110', () => {
    expect(judge({})).toBe('none');
    expect(judge({ ifMatch: 'abc', ifUnmodifiedSinceSec: 1 })).toBe('none');
    expect(judge({ ifMatch: 'x' })).toBe('precondition-failed');
    expect(judge({ ifUnmodifiedSinceSec: 999 })).toBe('precondition-failed');
    expect(judge({ ifUnmodifiedSinceSec: 1000 })).toBe('none');
    expect(judge({ ifNoneMatch: 'abc' })).toBe('not-modified');
    expect(judge({ ifNoneMatch: 'x', ifModifiedSinceSec: 5000 })).toBe('none');
    expect(judge({ ifModifiedSinceSec: 1000 })).toBe('not-modified');
    expect(judge({ ifModifiedSinceSec: 999 })).toBe('none');
    expect(judge({ ifMatch: 'x', ifNoneMatch: 'abc' })).toBe('precondition-failed');
  });
  it('of a copy source all end in one kind', () => {
    const source = (conditions: object) => kindOf(() => checkSourceConditions(conditions, version));
    expect(source({ ifNoneMatch: 'abc' })).toBe('precondition-failed');
    expect(source({ ifModifiedSinceSec: 1000 })).toBe('precondition-failed');
    expect(source({ ifMatch: 'x' })).toBe('precondition-failed');
    expect(source({ ifMatch: 'abc' })).toBe('none');
  });
});

describe('ranges', () => {
  it('select what RFC 9110 says, and are ignored when malformed', () => {
    const range = (text: string, size = 10) => {
      const found = selectRange(text, size);
      return found && [found.start, found.end];
    };
    expect(range('bytes=0-0')).toEqual([0, 1]);
    expect(range('bytes=3-')).toEqual([3, 10]);
    expect(range('bytes=-4')).toEqual([6, 10]);
    expect(range('bytes=-40')).toEqual([0, 10]);
    expect(range('bytes=5-50')).toEqual([5, 10]);
    expect(range('bytes=9-99999999999999999999999')).toEqual([9, 10]);
    for (const text of ['', 'bytes', 'bytes=', 'bytes=-', 'bytes=a-b', 'bytes=5-2', 'bytes=0-1,3-4', 'lines=0-1']) {
      expect(range(text)).toBeUndefined();
    }
    for (const text of ['bytes=10-', 'bytes=10-20', 'bytes=-0']) {
      expect(kindOf(() => range(text))).toBe('range-unsatisfiable');
    }
    for (const text of ['bytes=0-', 'bytes=-1', 'bytes=0-0']) {
      expect(kindOf(() => range(text, 0))).toBe('range-unsatisfiable');
    }
  });
  it('never select more than there is', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.option(fc.nat(60)), fc.option(fc.nat(60)), (size, from, to) => {
        const text = `bytes=${from ?? ''}-${to ?? ''}`;
        if (kindOf(() => selectRange(text, size)) !== 'none') return;
        const found = selectRange(text, size);
        if (found === undefined) return;
        expect(found.start).toBeGreaterThanOrEqual(0);
        expect(found.end).toBeGreaterThan(found.start);
        expect(found.end).toBeLessThanOrEqual(size);
      }),
    );
  });
  it('of part copies are strict', () => {
    expect(selectCopyRange('bytes=0-9', 10)).toEqual({ start: 0, end: 10 });
    expect(kindOf(() => selectCopyRange('bytes=0-10', 10))).toBe('copy-range-invalid');
    for (const text of ['0-2', 'bytes=0', 'hello-world', '0-bar', 'hello-', '0-2,3-5', 'bytes=3-2', 'bytes= 0-2']) {
      expect(kindOf(() => selectCopyRange(text, 10))).toBe('argument-invalid');
    }
  });
});

describe('version ids', () => {
  it('hold their sequence and never look like an option', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (sequence) => {
        const id = makeVersionId(sequence, systemRandom);
        expect(id).toMatch(/^[A-H][A-Za-z0-9_-]{19}$/);
        expect(sequenceOf(id)).toBe(sequence);
      }),
    );
  });
  it('differ for one sequence', () => {
    expect(makeVersionId(7, systemRandom)).not.toBe(makeVersionId(7, systemRandom));
  });
});
