// Which of an area's homes a block tries first. A home may be a weighted set of partitions: each then gets its share of the new blocks, and the
// others follow it, so that a home that is full, failing or away loses its turn to the next.
import type { AreaHome } from '../catalog/records/area.ts';
import type { PartitionId } from '../model/ids.ts';

/** Its multiples fall evenly into [0, 1) however many there are, and also if only every so many-th of them is looked at (Weyl). */
const goldenStep = (Math.sqrt(5) - 1) / 2;

/** The home whose part of [0, 1) `point` falls into, then the others, those with more weight first. */
export function drawHomes(homes: readonly AreaHome[], point: number): PartitionId[] {
  if (homes.length === 1) return [homes[0]!.partition];
  const ranked = homes.slice().sort((a, b) => b.weight - a.weight);
  const drawn = ranked[placeOf(ranked, point)];
  const rest = ranked.filter((home) => home !== drawn);
  return drawn === undefined ? [] : [drawn, ...rest].map(({ partition }) => partition);
}

function placeOf(ranked: readonly AreaHome[], point: number): number {
  let left = point * ranked.reduce((sum, { weight }) => sum + Math.max(0, weight), 0);
  for (const [at, { weight }] of ranked.entries()) {
    if (weight > 0 && left < weight) return at;
    left -= Math.max(0, weight);
  }
  return 0;
}

/** One sequence of points for all areas of a process. */
export class HomeTurns {
  #point = 0;

  next(homes: readonly AreaHome[]): PartitionId[] {
    if (homes.length > 1) this.#point = (this.#point + goldenStep) % 1;
    return drawHomes(homes, this.#point);
  }
}
