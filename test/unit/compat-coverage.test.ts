import { describe, expect, it } from 'vitest';
import { type DeclaredOperation, gapsOf } from '../s3-compat/support/coverage.ts';
import type { Fact } from '../s3-compat/support/recorder.ts';

const operation: DeclaredOperation = {
  name: 'GetThing',
  members: ['Bucket', 'Colour'],
  accepts: {},
  refused: [],
  errors: ['NoSuchThing'],
};
const facts: Fact[] = [
  { kind: 'member', operation: 'GetThing', member: 'Bucket' },
  { kind: 'member', operation: 'GetThing', member: 'Colour' },
  { kind: 'error', operation: 'GetThing', code: 'NoSuchThing' },
  { kind: 'error', operation: 'GetThing', code: 'AccessDenied' },
  { kind: 'access', operation: 'GetThing', who: 'alt' },
  { kind: 'access', operation: 'GetThing', who: 'anonymous' },
];

describe('the coverage of an operation', () => {
  it('is whole', () => expect(gapsOf(operation, facts)).toEqual([]));

  it.each([
    [1, 'GetThing: Colour is never sent'],
    [2, 'GetThing: NoSuchThing is never provoked'],
    [4, 'GetThing: nobody asked as alt'],
    [5, 'GetThing: nobody asked as anonymous'],
  ])('has a gap without fact %i', (at, gap) => {
    expect(gapsOf(operation, facts.toSpliced(at, 1))).toEqual([gap]);
  });

  it('has a gap when an error is not declared, or a refused member does not exist', () => {
    const odd: Fact = { kind: 'error', operation: 'GetThing', code: 'OddError' };
    expect(gapsOf(operation, [...facts, odd])).toEqual(['GetThing: OddError was provoked but is not declared']);
    const refused = { ...operation, refused: ['Shape'] };
    expect(gapsOf(refused, facts)).toEqual(['GetThing: refuses Shape, which the model does not have']);
  });
});
