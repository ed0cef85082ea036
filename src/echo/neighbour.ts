// A partition as a place for echoes: what this process sees of it, or better what is measured and forecast of it.
import type { PartitionId } from '../model/ids.ts';
import { busyShare } from './choose-copy.ts';
import type { Neighbour } from './place-echoes.ts';

/** As partition/health.ts tells it. */
export interface SeenHealth {
  readonly state: 'up' | 'struggling' | 'down';
  readonly inFlight: number;
  readonly limit: number;
  readonly usualMs: number;
}

export interface Domains {
  readonly id: PartitionId;
  readonly failureDomain: string;
  readonly capacityDomain: string;
}

const strugglingPart = 0.25;

/** `roomy`: those that take bytes. `pressure`: load over capacity where that is known; else this process's own requests tell. */
export function neighbourOf(
  { id, failureDomain, capacityDomain }: Domains,
  health: SeenHealth | undefined,
  roomy: readonly PartitionId[],
  pressure?: number,
): Neighbour {
  const state = health?.state ?? 'down';
  const busy = pressure ?? (health === undefined ? 1 : health.inFlight / health.limit);
  const idle = Math.max(0, 1 - busy);
  return {
    partition: id,
    failureDomain,
    capacityDomain,
    isWilling: state !== 'down' && roomy.includes(id),
    headroom: state === 'up' ? idle : idle * strugglingPart,
    latencyMs: health?.usualMs ?? Number.NaN,
  };
}

/** Requests more that a partition in the middle of the fleet could take at once. */
export function spareOf(healths: readonly SeenHealth[]): number {
  const spare = healths.map(({ limit, inFlight }) => busyShare * limit - inFlight).sort((a, b) => a - b);
  return spare[Math.floor(spare.length / 2)] ?? 1;
}
