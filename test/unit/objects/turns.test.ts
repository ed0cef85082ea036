import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTurns } from '../../../src/objects/turns.ts';

it('who shares a name goes one after the other, in order of arrival; others do not wait', async () => {
  const turns = createTurns();
  const told: string[] = [];
  const act = (name: string) => async () => {
    told.push(`${name} begins`);
    await turn();
    told.push(`${name} ends`);
    return name;
  };
  const results = await Promise.all([
    turns.take(['a', 'b'], act('one')),
    turns.take(['b', 'a', 'b'], act('two')), // names in another order, and twice, are no deadlock
    turns.take(['c'], act('three')),
    turns.take([], act('four')),
  ]);
  expect(results).toEqual(['one', 'two', 'three', 'four']);
  expect(told.indexOf('two begins')).toBeGreaterThan(told.indexOf('one ends'));
  expect(told.indexOf('three begins')).toBeLessThan(told.indexOf('one ends'));
});

it('an act that fails passes the turn on', async () => {
  const turns = createTurns();
  const failed = turns.take(['a'], () => Promise.reject(new Error('no')));
  const next = turns.take(['a'], async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
