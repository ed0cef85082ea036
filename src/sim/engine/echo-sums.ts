// What echoes could take off each partition, kept as sums so that a minute costs areas and not echoes.
import { filled, zeros } from '../../base/filled.ts';
import { busyFrom, type EchoLinks, steerReads } from '../../placement/placement.ts';
import type { SimFleet } from './sim-fleet.ts';

/** By place: part of a group's blocks that has an echo there. */
export type Holders = ReadonlyMap<number, number>;

/** Echoes of one group of blocks. */
export interface Echoed {
  readonly area: number;
  readonly group: number;
  /** Where its blocks lie. */
  readonly place: number;
  readonly holders: Holders;
}

/** Of an area at a place: the parts of its reads that have echoes. */
interface Sum {
  readonly area: number;
  echoes: number;
  reads: number;
  readonly holders: Parts;
}

/** Numbers by place, gone through faster than a map: in each minute all of them are. */
class Parts {
  readonly places: number[] = [];
  readonly parts: number[] = [];
  readonly #at = new Map<number, number>();

  add(place: number, part: number): void {
    const at = this.#at.get(place);
    if (at !== undefined) {
      this.parts[at] = this.parts[at]! + part;
      return;
    }
    this.#at.set(place, this.places.length);
    this.places.push(place);
    this.parts.push(part);
  }
}

export class EchoSums {
  readonly #fleet: SimFleet;
  /** By place, then by area. */
  readonly #sums = new Map<number, Map<number, Sum>>();
  /** What was worked out in this minute, by place. */
  readonly #links = new Map<number, { readonly links: EchoLinks | undefined }>();
  #minute = -1;

  constructor(fleet: SimFleet) {
    this.#fleet = fleet;
  }

  /** `sign` -1: takes them away. */
  add({ area, group, place, holders }: Echoed, sign: 1 | -1): void {
    this.#links.delete(place);
    let own = this.#sums.get(place);
    if (own === undefined) {
      own = new Map();
      this.#sums.set(place, own);
    }
    const reads = sign * this.#fleet.load.areas[area]!.heat.groups[group]!.reads;
    let known = own.get(area);
    if (known === undefined) {
      known = { area, echoes: 0, reads: 0, holders: new Parts() };
      own.set(area, known);
    }
    known.echoes += sign;
    known.reads += reads;
    for (const [to, part] of holders) known.holders.add(to, reads * part);
    if (known.echoes === 0) own.delete(area);
    if (own.size === 0) this.#sums.delete(place);
  }

  /** Reads of a place that some echo could answer now. */
  steerable(place: number): number {
    let sum = 0;
    for (const { area, reads } of this.#sums.get(place)?.values() ?? []) sum += this.#fleet.readsOf(area) * reads;
    return sum;
  }

  /** Something that lies there has an echo. */
  has(place: number): boolean {
    return this.#sums.has(place);
  }

  /** Of how many places something has an echo. */
  get size(): number {
    return this.#sums.size;
  }

  /** Of those that are busy, by place, as it is in this minute. */
  links(): (EchoLinks | undefined)[] {
    const fleet = this.#fleet;
    return fleet.partitions.map((_, place) =>
      fleet.reads[place]! > busyFrom * fleet.readBound(place) ? this.linksOf(place) : undefined,
    );
  }

  linksOf(place: number): EchoLinks | undefined {
    if (this.#minute !== this.#fleet.minute) {
      this.#minute = this.#fleet.minute;
      this.#links.clear();
    }
    let known = this.#links.get(place);
    if (known === undefined) {
      known = { links: this.#sumUp(place) };
      this.#links.set(place, known);
    }
    return known.links;
  }

  #sumUp(place: number): EchoLinks | undefined {
    const fleet = this.#fleet;
    const shares = zeros(fleet.partitions.length);
    let covered = 0;
    for (const { area, reads, holders } of this.#sums.get(place)?.values() ?? []) {
      const asked = fleet.readsOf(area);
      covered += asked * reads;
      const { places, parts } = holders;
      for (let at = 0; at < places.length; at++) shares[places[at]!] = shares[places[at]!]! + asked * parts[at]!;
    }
    if (!(covered > 0)) return undefined;
    const reads = fleet.reads[place]!;
    const holders: { to: number; share: number }[] = [];
    for (let to = 0; to < shares.length; to++) {
      const share = shares[to]!;
      if (share > 0) holders.push({ to, share: share / reads });
    }
    return { reads: covered / reads, holders };
  }
}

/** Reads by place when echoes have taken what they can; `own`: what partitions do besides. */
export function servedReads(
  fleet: SimFleet,
  links: readonly (EchoLinks | undefined)[],
  own: readonly number[],
): number[] {
  const count = fleet.partitions.length;
  const bounds = filled(count, (place) => fleet.readBound(place));
  const asked = filled(count, (place) => fleet.reads[place]! + own[place]!);
  return steerReads(asked, bounds, links);
}
