// Which parts of which areas come to a partition: reads where blocks lie, writes where homes are.
import type { Share } from './error-spread.ts';
import type { SimFleet } from './sim-fleet.ts';

/** `factor`: of each share. */
export const readersAt = (fleet: SimFleet, place: number, factor = 1): Share[] =>
  fleet.partsAt(place).map(({ area, readShare }) => ({ area, share: readShare * factor }));

export const writersAt = (fleet: SimFleet, place: number, factor = 1): Share[] =>
  fleet.writersAt(place).map(({ area, share }) => ({ area, share: share * factor }));
