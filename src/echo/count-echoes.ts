// How many echoes a block has: what is wanted by rule, and more when one crowd is more than they can take.

export interface Crowd {
  /** Reads of the block that are under way at a moment. */
  readonly readsInFlight: number;
  /** How many more each neighbour could take at a moment, about. */
  readonly sparePerNeighbour: number;
}

/** Of one block: beyond it an echo more changes nothing (measured: prediction-and-placement §B). */
export const echoesMax = 4;

/** `wanted`: `echo.count`, or what was pinned; 0 is none at all. */
export function countEchoes(wanted: number, { readsInFlight, sparePerNeighbour }: Crowd): number {
  if (wanted <= 0) return 0;
  const needed = Math.ceil(readsInFlight / Math.max(1, sparePerNeighbour));
  return Math.min(echoesMax, Math.max(wanted, needed));
}
