// Silence ends a child; slow answers, refusals and a child that ends by itself do not.
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CallRefused } from '../../../src/main/messages.ts';
import { type Watched, watchChild } from '../../../src/main/watch-child.ts';

/** `answer` is asked at every call; the child ends when it is killed, or after so many looks. */
async function watch(answer: (call: number) => Promise<unknown>, looksMax: number, takes = false) {
  let calls = 0;
  let looks = 0;
  let killed = false;
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const child: Watched = {
    lastFailure: undefined,
    get signsOfLife() {
      return takes ? looks : 0;
    },
    call: () => answer(++calls),
    whenEnded: () => ended,
    kill: () => {
      killed = true;
      end();
    },
  };
  const sleep = async (): Promise<void> => {
    if (++looks > looksMax) end();
    await turn();
  };
  await watchChild(child, { sleep });
  return { killed, calls, looks, failure: child.lastFailure };
}

const never = () => new Promise<never>(() => {});

test('a child that never answers is ended at the fourth look, with the reason', async () => {
  expect(await watch(never, 10)).toEqual({ killed: true, calls: 1, looks: 4, failure: 'no answer for 15 s' });
});

test('a child that falls silent later is ended too', async () => {
  const { killed, calls } = await watch(async (call) => (call > 5 ? await never() : {}), 20);
  expect({ killed, calls }).toEqual({ killed: true, calls: 6 });
});

test.each([
  ['answers', async () => ({})],
  ['refuses', () => Promise.reject(new CallRefused('not-found', 'no such call'))],
  ['answers two looks later', () => turn().then(() => turn())],
])('a child that %s lives', async (_, answer) => {
  const { killed, calls, failure } = await watch(answer, 30);
  expect({ killed, failure }).toEqual({ killed: false, failure: undefined });
  expect(calls).toBeGreaterThan(5);
});

test('a call that timed out is no answer', async () => {
  const { killed } = await watch(() => Promise.reject(new CallRefused('timeout', 'too late')), 30);
  expect(killed).toBe(true);
});

test('a child that takes connections lives, though the question is stuck behind them', async () => {
  expect(await watch(never, 30, true)).toMatchObject({ killed: false, failure: undefined });
});
