// A partition that is not there at start: a fault while it is away, itself once it is back, and no storm of tries in between.
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { MountedPartition } from '../../../src/compose/mounted-partition.ts';
import type { Partition } from '../../../src/partition/partition.ts';

const pack = '0'.repeat(32);

function away() {
  let nowMs = 0;
  let isThere = false;
  let tries = 0;
  const clock: Clock = { wallMs: () => nowMs, steadyMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => {} };
  const inner = {
    id: 'p1',
    stat: async () => ({ usedBytes: 7, freeBytes: 9 }),
    readSmall: () => 3,
    close: async () => {},
  };
  const partition = new MountedPartition(
    'p1',
    async () => {
      tries += 1;
      if (!isThere) throw new Error('no such disk');
      return inner as unknown as Partition;
    },
    clock,
  );
  return {
    partition,
    tries: () => tries,
    later: (ms: number) => {
      nowMs += ms;
    },
    bringBack: () => {
      isThere = true;
    },
  };
}

describe('MountedPartition', () => {
  it('is down while it cannot be mounted, and says why', async () => {
    const { partition } = away();
    await expect(partition.stat()).rejects.toMatchObject({
      fault: { kind: 'partition-down', partition: 'p1', message: 'no such disk' },
    });
    expect(partition.readSmall(pack, 0, 1, Buffer.alloc(1))).toBe(-1);
    expect(await partition.probe()).toMatchObject({ ok: false });
    await partition.close();
  });

  it('is tried again after a pause, once for all who wait', async () => {
    const world = away();
    const wanted = () => Promise.allSettled([world.partition.stat(), world.partition.stat(), world.partition.stat()]);
    await wanted();
    await wanted();
    expect(world.tries()).toBe(1);
    world.later(5_000);
    world.bringBack();
    const answers = await wanted();
    expect(answers.map((each) => each.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(world.tries()).toBe(2);
    expect(world.partition.readSmall(pack, 0, 1, Buffer.alloc(1))).toBe(3);
  });
});
