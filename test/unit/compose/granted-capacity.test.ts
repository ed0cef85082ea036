// What operators grant: to a partition, and to what several share.
import { expect, it } from 'vitest';
import { grantedCapacities } from '../../../src/compose/granted-capacity.ts';
import type { PartitionConfig } from '../../../src/config/config.ts';

const partition = (id: string, more: Partial<PartitionConfig> = {}): PartitionConfig => ({
  id,
  capacityDomain: 'disk0',
  failureDomain: 'disk0',
  duty: 'online',
  ...more,
});

it('is what upkeep leaves of its own quota where no domain has one, and nothing where nothing was granted', () => {
  const granted = grantedCapacities(
    [partition('p1', { quota: { readOps: 100, writeBytesPerSec: 50 }, capacityBytes: 7 }), partition('p2')],
    [],
  );
  expect([...granted]).toEqual([
    ['p1', { load: { readOps: 90, writeBytes: 45, storedBytes: 7 }, confidence: 1, source: 'quota' }],
  ]);
});

it('is an even part of the quota of its domain, or its own where that is less', () => {
  const granted = grantedCapacities(
    [partition('p1', { quota: { readOps: 10 } }), partition('p2'), partition('p3', { capacityDomain: 'other' })],
    [
      { id: 'disk0', quota: { readOps: 300, readBytesPerSec: 90 } },
      { id: 'unused', quota: { readOps: 1 } },
    ],
  );
  expect(granted.get('p1')?.load).toEqual({ readOps: 9, readBytes: 40.5 });
  expect(granted.get('p2')?.load).toEqual({ readOps: 135, readBytes: 40.5 });
  expect(granted.has('p3')).toBe(false);
});
