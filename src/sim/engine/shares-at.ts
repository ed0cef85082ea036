// Which parts of which areas come to a partition: reads where blocks lie, writes where homes are.
import type { Share } from './error-spread.ts';
import type { SimFleet } from './sim-fleet.ts';

/** `factor`: of each share. */
export function readersAt({ parts }: SimFleet, place: number, factor = 1): Share[] {
  const shares: Share[] = [];
  for (const part of parts) if (part.place === place) shares.push({ area: part.area, share: part.readShare * factor });
  return shares;
}

export function writersAt({ writers }: SimFleet, place: number, factor = 1): Share[] {
  const shares: Share[] = [];
  for (const each of writers) if (each.place === place) shares.push({ area: each.area, share: each.share * factor });
  return shares;
}
