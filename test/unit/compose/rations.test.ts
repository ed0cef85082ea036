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
    const rations = rationsOf([{ id: 'd1', quota: { concurrency: 3 } }], 0.5);
    const [own, shared] = rations(partition('p1', 'd1', { readOps: 10 }));
    expect(rations(partition('p2', 'd1'))).toEqual([shared]);
    expect(rations(partition('p3', 'd2'))).toEqual([]);
    own!.charge({ ...read, ops: 5 }, 0);
    expect(own!.waitMs(read, 0)).toBe(900);
    shared!.enter();
    expect(shared!.hasPlace).toBe(true);
    shared!.enter();
    expect(shared!.hasPlace).toBe(false);
  });

  it('leave everybody a place, however few there are', () => {
    const [ration] = rationsOf([], 0.1)(partition('p1', 'd1', { concurrency: 1 }));
    expect(ration!.hasPlace).toBe(true);
  });
});
