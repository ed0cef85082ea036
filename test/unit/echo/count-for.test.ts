// How many echoes a key's blocks should have: the longest prefix wins, a bucket beats the default.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CountRule, countRules } from '../../../src/echo/count-for.ts';

const rules: CountRule[] = [
  { bucket: 'shop', count: 1 },
  { bucket: 'shop', prefix: 'images/', count: 3 },
  { bucket: 'shop', prefix: 'images/old/', count: 0 },
  { bucket: 'logs', prefix: 'a', count: 4 },
];

it('is what the longest prefix says, then the bucket, then the default', () => {
  const wanted = countRules(rules, 2);
  const counts = [
    ['shop', 'x', 1],
    ['shop', 'images/x', 3],
    ['shop', 'images/old/x', 0],
    ['shop', 'images', 1],
    ['logs', 'abc', 4],
    ['logs', 'b', 2],
    ['other', 'images/x', 2],
    [undefined, 'images/x', 2],
  ] as const;
  for (const [bucket, key, count] of counts)
    expect([bucket, key, wanted(bucket, key).count]).toEqual([bucket, key, count]);
  expect(wanted('shop', 'images/x').rule).toBe(rules[1]);
  expect(wanted('other', 'x').rule).toBeUndefined();
});

it('does not depend on the order in which the rules are written', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 6 });
  const rule = fc.record({
    bucket: fc.constantFrom('one', 'two'),
    prefix: key.filter((text) => text !== ''),
    count: fc.nat({ max: 4 }),
  });
  const different = fc.uniqueArray(rule, { selector: ({ bucket, prefix }) => `${bucket}/${prefix}`, maxLength: 8 });
  fc.assert(
    fc.property(different, key, (list, asked) => {
      const [forth, back] = [countRules(list, 2), countRules([...list].reverse(), 2)];
      expect(back('one', asked)).toEqual(forth('one', asked));
    }),
  );
});
