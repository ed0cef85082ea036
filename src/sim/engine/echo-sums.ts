// What echoes could take off each partition, kept as sums so that a minute costs areas and not echoes.
import { type EchoLinks, steerReads } from '../../placement/placement.ts';
import type { SimFleet } from './sim-fleet.ts';

/** Echoes of one group of blocks. */
export interface Echoed {
  readonly area: number;
  readonly group: number;
  /** Where its blocks lie. */
  readonly place: number;
  /** Part of the group's blocks that has an echo at a place. */
  readonly holders: Float64Array;
}

/** Of an area at a place: the parts of its reads that have echoes. */
interface Sum {
  readonly area: number;
  readonly place: number;
  echoes: number;
  reads: number;
  readonly holders: Float64Array;
}

const placesMax = 65_536;

export class EchoSums {
  readonly #fleet: SimFleet;
  readonly #sums = new Map<number, Sum>();

  constructor(fleet: SimFleet) {
    this.#fleet = fleet;
  }

  /** `sign` -1: takes them away. */
  add({ area, group, place, holders }: Echoed, sign: 1 | -1): void {
    const key = area * placesMax + place;
    const reads = sign * this.#fleet.load.areas[area]!.heat.groups[group]!.reads;
    let known = this.#sums.get(key);
    if (known === undefined || known.holders.length < holders.length) {
      const wider = new Float64Array(this.#fleet.partitions.length);
      wider.set(known?.holders ?? []);
      known = { area, place, echoes: known?.echoes ?? 0, reads: known?.reads ?? 0, holders: wider };
      this.#sums.set(key, known);
    }
    known.echoes += sign;
    known.reads += reads;
    for (let to = 0; to < holders.length; to++) known.holders[to] = known.holders[to]! + reads * holders[to]!;
    if (known.echoes === 0) this.#sums.delete(key);
  }

  /** Reads of a place that some echo could answer now. */
  steerable(place: number): number {
    let sum = 0;
    for (const each of this.#sums.values())
      if (each.place === place) sum += this.#fleet.readsOf(each.area) * each.reads;
    return sum;
  }

  /** By place, as it is in this minute; `from`: of those only that are asked for so much of what they can do. */
  links(from: number): (EchoLinks | undefined)[] {
    const fleet = this.#fleet;
    const count = fleet.partitions.length;
    const covered = new Float64Array(count);
    const shares = new Float64Array(count * count);
    const isMeant = fleet.partitions.map((_, place) => fleet.reads[place]! > from * fleet.readBound(place));
    for (const { area, place, reads, holders } of this.#sums.values()) {
      if (!isMeant[place]) continue;
      const asked = fleet.readsOf(area);
      covered[place] = covered[place]! + asked * reads;
      const row = place * count;
      for (let to = 0; to < holders.length; to++) shares[row + to] = shares[row + to]! + asked * holders[to]!;
    }
    return fleet.partitions.map((_, place) => {
      const reads = fleet.reads[place]!;
      if (!(covered[place]! > 0)) return undefined;
      const holders: { to: number; share: number }[] = [];
      for (let to = 0; to < count; to++) {
        const share = shares[place * count + to]!;
        if (share > 0) holders.push({ to, share: share / reads });
      }
      return { reads: covered[place]! / reads, holders };
    });
  }
}

/** Reads by place when echoes have taken what they can; `own`: what partitions do besides. */
export function servedReads(
  fleet: SimFleet,
  links: readonly (EchoLinks | undefined)[],
  own: Float64Array,
): Float64Array {
  const bounds = fleet.partitions.map((_, place) => fleet.readBound(place));
  return steerReads(
    fleet.reads.map((reads, place) => reads + own[place]!),
    bounds,
    links,
  );
}
