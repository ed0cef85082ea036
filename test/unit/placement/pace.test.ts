// The rate of a move, by a clock that is told the time.
import { expect, test } from 'vitest';
import { Pace } from '../../../src/placement/acts/pace.ts';

test('bytes go by the clock: never more than the rate and one piece', async () => {
  let nowMs = 0;
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms;
  };
  const virtual = { monotonicMs: () => nowMs, sleep };
  let rate = 1000;
  const pace = new Pace(() => rate, virtual);
  const { signal } = new AbortController();
  let taken = 0;
  for (let n = 0; n < 200; n++) {
    const bytes = 1 + ((n * 7919) % 900);
    await pace.take(bytes, signal);
    expect(taken).toBeLessThanOrEqual((rate * nowMs) / 1000 + 1e-6);
    taken += bytes;
  }
  expect(taken).toBeGreaterThan((rate * nowMs) / 1000);
  rate = 1e6; // another rate counts from the next piece on
  await pace.take(1, signal);
  const beforeMs = nowMs;
  for (let n = 0; n < 10; n++) await pace.take(1e6, signal);
  expect(nowMs - beforeMs).toBeGreaterThanOrEqual(9000 - 1);
  expect(nowMs - beforeMs).toBeLessThan(10_000);
});
