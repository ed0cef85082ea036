// Counts per id are those of a plain map, whatever the ids look like, and stay quick where they look alike.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { IdCounts } from '../../../src/upkeep/fsck/id-counts.ts';

const shapes: Record<string, (at: number) => string> = {
  random: () => randomBytes(16).toString('hex'),
  'alike but for the end': (at) => `${'0'.repeat(16)}${at.toString(16).padStart(8, '0')}`,
  'alike but for the middle': (at) => `00000001${at.toString(16).padStart(8, '0')}00000000`,
};

test.each(Object.entries(shapes))('%s ids', (_, idOf) => {
  const counts = new IdCounts();
  const wanted = new Map<string, number>();
  const ids = Array.from({ length: 50_000 }, (_one, at) => idOf(at));
  const startedMs = performance.now();
  for (const [at, id] of [...ids, ...ids.filter((_one, place) => place % 3 === 0)].entries()) {
    wanted.set(id, (wanted.get(id) ?? 0) + 1);
    if (counts.add(id) !== wanted.get(id)) throw new Error(`${at}: ${id} is counted wrongly`);
  }
  expect(counts.size).toBe(wanted.size);
  expect(ids.every((id) => counts.get(id) === wanted.get(id))).toBe(true);
  expect(counts.has('f'.repeat(32))).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(20_000); // quadratic, it took minutes
});
