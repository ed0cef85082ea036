// How quotas are shared out among the processes of a server.
import { describe, expect, it } from 'vitest';
import { rationsOf, shareOf } from '../../../src/compose/rations.ts';
import type { PartitionConfig, PartitionQuota } from '../../../src/config/config.ts';

const partition = (id: string, capacityDomain: string, quota?: PartitionQuota): PartitionConfig => ({
  ...{ id, capacityDomain, failureDomain: capacityDomain, duty: 'online' },
  ...(quota === undefined ? {} : { quota }),
});
const read = { kind: 'read', ops: 1, bytes: 1 } as const;

describe('quotas', () => {
  it('sum to the whole over the workers and upkeep', () => {
    for (const workers of [1, 2, 7])
      expect(shareOf('pilot', workers) + workers * shareOf('worker', workers)).toBeCloseTo(1, 10);
  });

  it('hold for each partition, and for all of a domain together', () => {
    const rations = rationsOf(
      [partition('p1', 'd1', { readOps: 10 }), partition('p2', 'd1'), partition('p3', 'd2')],
      [{ id: 'd1', quota: { concurrency: 3 } }],
      0.5,
    );
    expect([...rations.values()].map((of) => of.length)).toEqual([2, 1, 0]);
    const [own, shared] = rations.get('p1')!;
    expect(rations.get('p2')).toEqual([shared]);
    own!.charge({ ...read, ops: 5 }, 0);
    expect(own!.waitMs(read, 0)).toBe(900);
    shared!.enter();
    expect(shared!.hasPlace).toBe(true);
    shared!.enter();
    expect(shared!.hasPlace).toBe(false);
  });

  it('leave everybody a place, however few there are', () => {
    const [ration] = rationsOf([partition('p1', 'd1', { concurrency: 1 })], [], 0.1).get('p1')!;
    expect(ration!.hasPlace).toBe(true);
  });
});
