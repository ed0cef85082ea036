// A log that no partition takes is kept and tried again more and more seldom: every try costs the row of a pack, and a disk may
// be full for days.
import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { Fault } from '../../../src/base/fault.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { minuteMs, secondMs } from '../../../src/base/units.ts';
import type { PackLedger } from '../../../src/objects/pack-ledger.ts';
import { RedoLog } from '../../../src/objects/redo-log.ts';
import type { Partition } from '../../../src/partition/partition.ts';

test('while every partition is full, tries become rare, one a minute in the end, and nothing is forgotten', async () => {
  const slept: number[] = [];
  let enough = (): void => {};
  const tried = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const clock: Clock = {
    ...systemClock,
    sleep: async (ms, signal) => {
      slept.push(ms);
      if (slept.length < 10) return;
      enough();
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    },
  };
  const partition = {
    id: 'p1',
    open: async () => {
      throw new Fault({ kind: 'partition-full', partition: 'p1' });
    },
  } as unknown as Partition;
  const ledger = { take: async () => '0a'.repeat(16) } as unknown as PackLedger;
  const partitions = new Map([['p1', { partition, capacityWeight: 1 }]]);
  const log = new RedoLog({ partitions, ledger, clock, random: systemRandom, run: 1 });
  log.committed({ checks: [], writes: [[Buffer.from('a'), Buffer.from('b')]] }, log.stamp());
  await tried;
  await log.close();
  expect(slept.slice(0, 3)).toEqual([secondMs, 2 * secondMs, 4 * secondMs]);
  expect(slept.at(-1)).toBe(minuteMs);
  expect(log.status()).toMatchObject({ missedCommits: 0 });
  expect(log.status().heldBytes).toBeGreaterThan(0);
});
