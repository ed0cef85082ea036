// The budget of bytes in flight: the eldest first, newcomers refused soon, nobody stuck.
import { describe, expect, it } from 'vitest';
import { Backlog } from '../../../src/base/backlog.ts';
import { ByteBudget } from '../../../src/base/budget.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { isFault } from '../../../src/base/fault.ts';
import { MiB } from '../../../src/base/units.ts';

const budgetOf = (bytesMax: number): ByteBudget => new ByteBudget({ bytesMax, clock: systemClock });
const busy = { press: () => true, isSilent: () => false };
const stuck = { press: () => false, isSilent: () => false };
const turn = () => new Promise((resolve) => setTimeout(resolve, 10));

describe('who began earlier', () => {
  it('goes on before anybody begins', async () => {
    const budget = budgetOf(10);
    const order: string[] = [];
    const elder = budget.join(busy);
    await elder.take(10);
    const younger = budget.join(busy);
    const begins = younger.take(5).then(() => order.push('younger'));
    const goesOn = elder.take(5).then(() => order.push('elder'));
    elder.give(5);
    await goesOn;
    elder.end();
    elder.give(5);
    await begins;
    expect(order).toEqual(['elder', 'younger']);
    expect(budget.taken).toBe(10);
  });

  it('goes on a little beyond the budget when nobody can let go', async () => {
    const budget = budgetOf(10);
    const elder = budget.join(stuck);
    const younger = budget.join(stuck);
    await elder.take(5);
    await younger.take(5);
    await elder.take(5);
    expect(budget.taken).toBe(15);
  });
});

describe('newcomers', () => {
  it('are refused within about a second, told when to come again', async () => {
    const budget = budgetOf(10);
    await budget.join(busy).take(10);
    const startedMs = performance.now();
    const refused = await budget
      .join(busy)
      .take(1)
      .catch((error: unknown) => error);
    expect(isFault(refused, 'overloaded') && refused.fault.retryAfterMs).toBeGreaterThanOrEqual(1000);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(budget.taken).toBe(10);
  });

  it('are refused at once when too many wait', async () => {
    const budget = budgetOf(1 * MiB);
    const elder = budget.join(busy);
    await elder.take(1 * MiB);
    const outcomes: string[] = [];
    const waiting = Array.from({ length: 100 }, () =>
      budget
        .join(busy)
        .take(1)
        .then(
          () => outcomes.push('granted'),
          () => outcomes.push('refused'),
        ),
    );
    await turn();
    expect(outcomes).toEqual(Array(36).fill('refused'));
    elder.end();
    elder.give(1 * MiB);
    await Promise.all(waiting);
    expect(outcomes.filter((one) => one === 'granted')).toHaveLength(64);
  });

  it('who hang up leave nothing behind', async () => {
    const budget = budgetOf(10);
    const elder = budget.join(busy);
    await elder.take(10);
    const gone = new AbortController();
    const left = budget.join(busy).take(5, gone.signal);
    const behind = budget.join(busy).take(5);
    gone.abort(new Error('hung up'));
    await expect(left).rejects.toThrow('hung up');
    elder.end();
    elder.give(10);
    await behind;
    expect(budget.taken).toBe(5);
  });
});

describe('at work', () => {
  it('are no more at once than could all hold what they began with, however little they hold', async () => {
    const budget = budgetOf(10);
    const first = budget.join(busy);
    const second = budget.join(busy);
    for (const share of [first, second]) {
      await share.take(5);
      share.give(5);
    }
    let begun = false;
    const third = budget
      .join(busy)
      .take(5)
      .then(() => {
        begun = true;
      });
    await turn();
    expect([begun, budget.taken]).toEqual([false, 0]);
    first.end();
    await third;
    expect(budget.taken).toBe(5);
  });

  it('are not those whose senders are silent', async () => {
    const budget = budgetOf(10);
    let isSilent = false;
    const slow = budget.join({ press: () => false, isSilent: () => isSilent });
    await slow.take(10);
    slow.give(10);
    await budget.join(busy).take(0);
    const next = budget.join(busy).take(10);
    isSilent = true;
    await next;
    expect(budget.taken).toBe(10);
  });
});

describe('those who are turned away', () => {
  it('are sent off for longer the more they are, and not for long when the crowd is gone', () => {
    let nowMs = 0;
    const backlog = new Backlog({ monotonicMs: () => nowMs });
    backlog.admitted();
    expect(backlog.turnedAway()).toBe(1000);
    const waits = Array.from({ length: 40 }, () => backlog.turnedAway());
    expect(Math.max(...waits)).toBe(11_000);
    expect(new Set(waits.slice(-8)).size).toBeGreaterThan(1);
    nowMs = 60_000;
    backlog.admitted();
    expect(backlog.turnedAway()).toBe(1000);
  });
});
