// Answers that are kept for a moment: one question for many who ask the same, and none of an older time than what this process did.
import { expect, it } from 'vitest';
import type { EchoMap } from '../../../src/echo/echo.ts';
import { CachedEchoMap } from '../../../src/echo/wrappers/cached-echo-map.ts';
import type { Echo } from '../../../src/model/echo.ts';

const block = 'ab'.repeat(16);
const echo = (sinceMs: number): Echo => ({
  ...{ block, partition: 'p1', state: 'descriptor', length: 1, sinceMs, isPinned: false },
});

function world() {
  const waiting: PromiseWithResolvers<readonly Echo[]>[] = [];
  const clock = { nowMs: 5000, monotonicMs: () => clock.nowMs };
  const staged: EchoMap = {
    of: () => {
      const asked = promiseWithResolvers<readonly Echo[]>();
      waiting.push(asked);
      return asked.promise;
    },
    page: async () => [],
    change: async () => true,
    close: async () => {},
  };
  return { waiting, clock, map: new CachedEchoMap(staged, clock, 200) };
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}
function promiseWithResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

it('asks once for all who ask while it is under way or fresh', async () => {
  const { waiting, clock, map } = world();
  const answers = [map.of(block), map.of(block), map.of(block)];
  waiting[0]!.resolve([echo(1)]);
  for (const answer of answers) expect(await answer).toEqual([echo(1)]);
  clock.nowMs += 199;
  expect(await map.of(block)).toEqual([echo(1)]);
  expect(waiting.length).toBe(1);
  clock.nowMs += 1;
  void map.of(block);
  void map.of('cd'.repeat(16));
  expect(waiting.length).toBe(3);
});

it('keeps no failure', async () => {
  const { waiting, map } = world();
  const answers = [map.of(block), map.of(block)];
  waiting[0]!.reject(new Error('on purpose'));
  for (const answer of answers) await expect(answer).rejects.toThrow('on purpose');
  void map.of(block);
  expect(waiting.length).toBe(2);
});

it('forgets what this process changed, also what was asked before and answers after', async () => {
  const { waiting, map } = world();
  const old = map.of(block);
  await map.change(echo(1), undefined, echo(2));
  const fresh = map.of(block);
  waiting[1]!.resolve([echo(2)]);
  expect(await fresh).toEqual([echo(2)]);
  waiting[0]!.resolve([]);
  expect(await old).toEqual([]);
  expect(await map.of(block)).toEqual([echo(2)]);
  expect(waiting.length).toBe(2);
});

it('holds a bounded number of blocks', async () => {
  const { waiting, map } = world();
  for (let at = 0; at < 5000; at++) void map.of(String(at));
  void map.of('4999');
  expect(waiting.length).toBe(5000);
  void map.of('0');
  expect(waiting.length).toBe(5001);
});
