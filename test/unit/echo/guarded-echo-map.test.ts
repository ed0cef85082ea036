// The guard over a map that does as it is told: who is asked when, who waits, and what is told.
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { EchoMap } from '../../../src/echo/echo.ts';
import { GuardedEchoMap } from '../../../src/echo/wrappers/guarded-echo-map.ts';

const name = { block: 'ab'.repeat(16), partition: 'p1' };

function world() {
  const asked: string[] = [];
  const told: string[] = [];
  const clock = { nowMs: 5000, monotonicMs: () => clock.nowMs };
  const map = { answer: async (): Promise<unknown> => [] };
  const ask = (what: string) => async () => {
    asked.push(what);
    return (await map.answer()) as never;
  };
  const staged: EchoMap = { of: ask('of'), page: ask('page'), change: ask('change'), close: async () => {} };
  const guarded = new GuardedEchoMap(staged, {
    ...{ clock, ofMs: 30, retryMs: 500 },
    onAway: (error) => told.push(`away: ${(error as Error).message}`),
    onBack: () => told.push('back'),
  });
  return { asked, told, clock, map, guarded };
}
const broken = async (): Promise<never> => {
  throw new Error('on purpose');
};

it('asks one that failed again after a while, by one question, and tells once', async () => {
  const { asked, told, clock, map, guarded } = world();
  map.answer = broken;
  for (let at = 0; at < 100; at++) await expect(guarded.of(name.block)).rejects.toThrow('the echo map is away');
  await expect(guarded.page(undefined, 1)).rejects.toThrow('the echo map is away');
  await expect(guarded.change(name, undefined, undefined)).rejects.toThrow('the echo map is away');
  expect(asked).toEqual(['of']);
  clock.nowMs += 500;
  await Promise.allSettled([guarded.of(name.block), guarded.of(name.block), guarded.page(undefined, 1)]);
  expect(asked).toEqual(['of', 'of']);
  clock.nowMs += 500;
  map.answer = async () => [];
  expect(await guarded.page(undefined, 1)).toEqual([]);
  expect(await guarded.of(name.block)).toEqual([]);
  expect(asked).toEqual(['of', 'of', 'page', 'of']);
  expect(told).toEqual(['away: on purpose', 'back']);
});

it('waits for one that is silent as long as a read may', async () => {
  const { told, map, guarded } = world();
  map.answer = () => new Promise(() => {});
  await expect(guarded.of(name.block)).rejects.toThrow('the echo map is away');
  expect(told).toEqual(['away: no answer within 30 ms']);
});

it('takes an answer that lies there when the process itself was held up', async () => {
  const { told, map, guarded } = world();
  map.answer = () => setImmediate([]); // as a socket: behind the timers
  await setImmediate(); // from here on timers are next
  const answer = guarded.of(name.block);
  const untilMs = performance.now() + 60;
  while (performance.now() < untilMs);
  expect(await answer).toEqual([]);
  expect(told).toEqual([]);
});

it('takes no change that failed for a map that is away', async () => {
  const { told, map, guarded } = world();
  map.answer = broken;
  await expect(guarded.change(name, undefined, undefined)).rejects.toThrow('on purpose');
  map.answer = async () => [];
  expect(await guarded.of(name.block)).toEqual([]);
  expect(told).toEqual([]);
});
