// Spare pages are asked for while the disk has room, and never when they might not fit: a commit that fails ends the process.
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { MiB } from '../../../src/base/units.ts';
import { keepSparePages } from '../../../src/compose/keep-spare.ts';

test.each([
  { freeBytes: 1000 * MiB, asked: 1 },
  { freeBytes: 10 * MiB, asked: 0 },
])('with $freeBytes free bytes it asks $asked times', async ({ freeBytes, asked }) => {
  const wanted: number[] = [];
  const catalog = { keepSpare: async (bytes: number) => void wanted.push(bytes) };
  const spare = keepSparePages({ catalog, path: '/', clock: systemClock, freeBytes: async () => freeBytes });
  await turn();
  await spare.stop();
  expect(wanted).toHaveLength(asked);
});
