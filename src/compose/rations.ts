// Quotas of the configuration as what one process may take of them: they are shared out among the processes of the server.
import type { CapacityDomainConfig, PartitionConfig, PartitionQuota } from '../config/config.ts';
import { type Quota, Ration } from '../partition/ration.ts';

/** Upkeep's part; the workers have the rest in equal parts. */
const pilotShare = 0.1;
/** What clients may ask for together. */
export const workersShare = 1 - pilotShare;

export const shareOf = (role: 'worker' | 'pilot', workers: number): number =>
  role === 'pilot' ? pilotShare : workersShare / workers;

export type RationsOf = (partition: Pick<PartitionConfig, 'quota' | 'capacityDomain'>) => readonly Ration[];

/** Those that hold for a partition: its own, and its domain's, which is one for all of that domain. */
export function rationsOf(domains: readonly CapacityDomainConfig[], share: number): RationsOf {
  const shared = new Map(domains.map(({ id, quota }) => [id, rationOf(quota, share)]));
  return ({ quota, capacityDomain }) => {
    const own = quota === undefined ? undefined : rationOf(quota, share);
    return [own, shared.get(capacityDomain)].filter((each) => each !== undefined);
  };
}

function rationOf(
  { readOps, writeOps, readBytesPerSec, writeBytesPerSec, concurrency }: PartitionQuota,
  share: number,
) {
  const part = (whole: number | undefined) => (whole === undefined ? undefined : whole * share);
  const quota = {
    readOps: part(readOps),
    writeOps: part(writeOps),
    readBytes: part(readBytesPerSec),
    writeBytes: part(writeBytesPerSec),
    concurrency: concurrency === undefined ? undefined : Math.max(1, Math.round(concurrency * share)),
  };
  return new Ration(Object.fromEntries(Object.entries(quota).filter(([, each]) => each !== undefined)) as Quota);
}
