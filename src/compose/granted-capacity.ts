// What the operator grants to clients: of the quota of a partition, and of its part of what its capacity domain was granted as a whole, what upkeep leaves.
import type { CapacityDomainConfig, PartitionConfig, PartitionQuota } from '../config/config.ts';
import type { Capacity } from '../model/capacity.ts';
import type { PartitionId } from '../model/ids.ts';
import type { Resource } from '../model/load.ts';
import { workersShare } from './rations.ts';

const named: readonly (readonly [keyof PartitionQuota, Resource])[] = [
  ['readOps', 'readOps'],
  ['writeOps', 'writeOps'],
  ['readBytesPerSec', 'readBytes'],
  ['writeBytesPerSec', 'writeBytes'],
];

/** Partitions for which nothing was granted are absent. */
export function grantedCapacities(
  partitions: readonly Omit<PartitionConfig, 'duty'>[],
  domains: readonly CapacityDomainConfig[],
): Map<PartitionId, Capacity> {
  const granted = new Map<PartitionId, Capacity>();
  for (const { id, quota, capacityDomain, capacityBytes } of partitions) {
    const members = partitions.filter((other) => other.capacityDomain === capacityDomain).length;
    const whole = domains.find((domain) => domain.id === capacityDomain)?.quota;
    const load: Partial<Record<Resource, number>> = {};
    for (const [key, resource] of named) {
      const own = quota?.[key];
      const part = whole?.[key] === undefined ? undefined : whole[key] / members;
      const least = Math.min(own ?? Number.POSITIVE_INFINITY, part ?? Number.POSITIVE_INFINITY);
      if (Number.isFinite(least)) load[resource] = workersShare * least;
    }
    if (Object.keys(load).length === 0) continue;
    if (capacityBytes !== undefined) load.storedBytes = capacityBytes;
    granted.set(id, { load, confidence: 1, source: 'quota' });
  }
  return granted;
}
