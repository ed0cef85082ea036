// Echoes of a simulation, for every policy that has them: by access count where a partition is busy, of what is hottest always, and, for whoever
// foresees, before the load comes. Placed by the gateway's own rule, counted in groups of blocks.
import { type Neighbour, placeEchoes, standingPart } from '../../echo/echo.ts';
import { busyFrom, type EchoLinks, steerReads } from '../../placement/placement.ts';
import { groupsMax, type SimFleet } from './sim-fleet.ts';

interface SimEcho {
  readonly area: number;
  readonly group: number;
  /** Where its blocks lie, as far as is known here. */
  place: number;
  /** Copies of the whole group. */
  readonly count: number;
  readonly bytes: number;
  /** Part of the group's blocks that has an echo at a place. */
  readonly holders: Float64Array;
  readonly isStanding: boolean;
  readonly madeMinute: number;
}

interface EchoSum {
  readonly area: number;
  readonly place: number;
  echoes: number;
  reads: number;
  readonly holders: Float64Array;
}

export interface EchoOptions {
  readonly count: number;
  readonly budgetBytes: number;
  /** So many partitions may there be. */
  readonly placesMax: number;
}

/** An echo that nobody wants goes after so long. */
const idleMinutes = 30;
const idleEveryMinutes = 5;
const placesMax = 65_536;
const standingEveryMinutes = 60;
/** A partition that is busy gets echoes until so much of it would be left. */
const relievedTo = 0.6;
/** Reads are remembered for so long. */
const heatMinutes = 60;
/** Than the coldest of those that should stand. */
const muchColder = 0.5;
/** Blocks of a group that stand for all of it. */
const sampledMax = 4;

export class SimEchoes {
  readonly #fleet: SimFleet;
  readonly #options: EchoOptions;
  readonly #echoes = new Map<number, SimEcho>();
  /** Reads of areas of late. */
  readonly heat: Float64Array;
  /** Of the smallest group. */
  readonly #leastBytes: number;
  /** When a place was last busy. */
  readonly #busyMinute: number[] = [];
  readonly #sums = new Map<number, EchoSum>();
  /** With all that the pool may add. */
  readonly #placesMax: number;
  #bytes = 0;
  fills = 0;
  bytesMax = 0;

  constructor(fleet: SimFleet, options: EchoOptions) {
    this.#fleet = fleet;
    this.#options = options;
    this.#placesMax = options.placesMax;
    this.heat = new Float64Array(fleet.load.areas.length);
    this.#leastBytes = Math.min(
      ...fleet.load.areas.map(({ heat, bytes }) => bytes * Math.min(...heat.groups.map((group) => group.bytes))),
    );
  }

  /** Part of a group that echoes hold at a place. */
  heldAt(area: number, group: number, place: number): number {
    return this.#echoes.get(area * groupsMax + group)?.holders[place] ?? 0;
  }

  /** What echoes could take off each partition, as it is now. */
  links(): (EchoLinks | undefined)[] {
    const fleet = this.#fleet;
    const count = fleet.partitions.length;
    const covered = new Float64Array(count);
    const shares = new Float64Array(count * count);
    for (const { area, place, reads, holders } of this.#sums.values()) {
      const asked = fleet.readsOf(area);
      covered[place] = covered[place]! + asked * reads;
      const row = place * count;
      for (let to = 0; to < count; to++) shares[row + to] = shares[row + to]! + asked * holders[to]!;
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

  /** Where reads that find their partition busy make echoes; true: some were made. */
  relieve(minute: number, served: Float64Array): boolean {
    let made = false;
    for (let place = 0; place < served.length; place++) {
      const bound = this.#fleet.readBound(place);
      if (this.#fleet.reads[place]! > busyFrom * bound) this.#busyMinute[place] = minute;
      if (served[place]! > busyFrom * bound)
        made = this.#cover(place, served[place]! - relievedTo * bound, minute) || made;
    }
    return made;
  }

  /** Echoes of what a partition will be asked beyond what it does well. */
  foresee(place: number, over: number, minute: number): void {
    this.#busyMinute[place] = minute;
    this.#cover(place, over, minute);
  }

  /** Lets go of what nobody wants, and hourly holds what is hottest. */
  tidy(minute: number): void {
    const { heat } = this;
    for (let area = 0; area < heat.length; area++)
      heat[area] = heat[area]! + (this.#fleet.readsOf(area) - heat[area]!) / heatMinutes;
    if (minute % idleEveryMinutes === 0) this.#sweep(minute);
    if (minute % standingEveryMinutes === 1) this.#stand(minute);
  }

  /** A partition that goes takes its echoes along. */
  forget(place: number): void {
    for (const [at, { holders }] of this.#echoes) if (holders[place]! > 0) this.#drop(at);
  }

  #sweep(minute: number): void {
    for (const [at, { isStanding, madeMinute, place }] of this.#echoes) {
      if (!isStanding && minute - Math.max(madeMinute, this.#busyMinute[place] ?? 0) > idleMinutes) this.#drop(at);
    }
  }

  /** Blocks lie elsewhere now; where an echo was, it is none any more. */
  moved(area: number, groups: readonly number[]): void {
    for (const group of groups) {
      const at = area * groupsMax + group;
      const echo = this.#echoes.get(at);
      if (echo === undefined) continue;
      const place = this.#fleet.placeOf[at]!;
      if (echo.holders[place]! > 0) {
        this.#drop(at);
        continue;
      }
      this.#sum(echo, -1);
      echo.place = place;
      this.#sum(echo, 1);
    }
  }

  /** Of each area at each place: part of its reads that has an echo, and where. */
  #sum({ area, group, place, holders }: SimEcho, sign: number): void {
    const key = area * placesMax + place;
    const reads = sign * this.#fleet.load.areas[area]!.heat.groups[group]!.reads;
    const known = this.#sums.get(key) ?? {
      area,
      place,
      echoes: 0,
      reads: 0,
      holders: new Float64Array(this.#placesMax),
    };
    known.echoes += sign;
    known.reads += reads;
    for (let to = 0; to < holders.length; to++) known.holders[to] = known.holders[to]! + reads * holders[to]!;
    if (known.echoes > 0) this.#sums.set(key, known);
    else this.#sums.delete(key);
  }

  /** The hottest groups of a partition that have no echo, until they are `wanted` reads. */
  #cover(place: number, wanted: number, minute: number): boolean {
    let left = wanted - this.#steerable(place);
    if (left <= 0 || this.#options.budgetBytes - this.#bytes < this.#leastBytes) return false;
    let made = false;
    for (const { at, reads, bytes } of this.#ranked((area) => this.#fleet.readsOf(area), place)) {
      if (left <= 0) break;
      if (this.#echoes.has(at) || !this.#make(at, this.#fits(bytes), minute, false)) continue;
      left -= reads;
      made = true;
    }
    return made;
  }

  /** As many copies as the budget allows; one rather than none. */
  #fits(bytes: number): number {
    const left = this.#options.budgetBytes - this.#bytes;
    return Math.max(0, Math.min(this.#options.count, Math.floor(left / bytes)));
  }

  #steerable(place: number): number {
    let sum = 0;
    for (const each of this.#sums.values())
      if (each.place === place) sum += this.#fleet.readsOf(each.area) * each.reads;
    return sum;
  }

  /** What stands goes only for what is much hotter. */
  #stand(minute: number): void {
    const { count, budgetBytes } = this.#options;
    let left = standingPart * budgetBytes;
    const wanted = new Map<number, number>();
    let coldest = Number.POSITIVE_INFINITY;
    const ranked = this.#ranked((area) => this.heat[area]!);
    for (const { at, bytes, heat } of ranked) {
      if (left < bytes * count) break;
      left -= bytes * count;
      wanted.set(at, heat);
      coldest = heat;
    }
    const heatOf = new Map(ranked.map(({ at, heat }) => [at, heat]));
    let standing = 0;
    for (const [at, echo] of this.#echoes) {
      if (!echo.isStanding) continue;
      if ((heatOf.get(at) ?? 0) < coldest * muchColder) this.#drop(at);
      else standing += echo.bytes;
    }
    for (const [at] of wanted) {
      const known = this.#echoes.get(at);
      if (known !== undefined) continue;
      const { group, area } = { group: at % groupsMax, area: Math.floor(at / groupsMax) };
      const bytes =
        this.#fleet.load.areas[area]!.heat.groups[group]!.bytes * this.#fleet.load.areas[area]!.bytes * count;
      if (standing + bytes > standingPart * budgetBytes || this.#bytes + bytes > budgetBytes) continue;
      if (this.#make(at, count, minute, true)) standing += bytes;
    }
  }

  /** By reads per byte, the hottest first; `place`: only what lies there. */
  #ranked(
    readsOf: (area: number) => number,
    place?: number,
  ): { at: number; reads: number; bytes: number; heat: number }[] {
    const { areas } = this.#fleet.load;
    const found: { at: number; reads: number; bytes: number; heat: number }[] = [];
    for (const part of this.#fleet.parts) {
      if (place !== undefined && part.place !== place) continue;
      const asked = readsOf(part.area);
      if (!(asked > 0)) continue;
      const { heat, bytes } = areas[part.area]!;
      for (const group of part.groups) {
        const [reads, size] = [heat.groups[group]!.reads * asked, heat.groups[group]!.bytes * bytes];
        found.push({ at: part.area * groupsMax + group, reads, bytes: size, heat: reads / size });
      }
    }
    return found.sort((a, b) => b.heat - a.heat || a.at - b.at);
  }

  #make(at: number, count: number, minute: number, isStanding: boolean): boolean {
    if (count <= 0) return false;
    const fleet = this.#fleet;
    const [area, group] = [Math.floor(at / groupsMax), at % groupsMax];
    const { id, heat, bytes } = fleet.load.areas[area]!;
    const size = heat.groups[group]!.bytes * bytes;
    const home = fleet.partitions[fleet.placeOf[at]!]!.id;
    const neighbours = fleet.partitions.map(
      (each, place): Neighbour => ({
        partition: each.id,
        failureDomain: each.failureDomain,
        capacityDomain: each.capacityDomain,
        isWilling: each.duty === 'online',
        headroom: Math.max(0, 1 - fleet.reads[place]! / fleet.readBound(place)),
        latencyMs: Number.NaN,
      }),
    );
    const holders = new Float64Array(fleet.partitions.length);
    const blocks = Math.max(1, Math.min(sampledMax, Math.round(size / blockBytes)));
    for (let block = 0; block < blocks; block++) {
      for (const holder of placeEchoes(`${id} ${group} ${block}`, home, neighbours, [], count)) {
        const place = fleet.place(holder);
        holders[place] = holders[place]! + 1 / blocks;
      }
    }
    const place = fleet.placeOf[at]!;
    const echo: SimEcho = { area, group, place, count, bytes: size * count, holders, isStanding, madeMinute: minute };
    this.#echoes.set(at, echo);
    this.#sum(echo, 1);
    this.#bytes += size * count;
    this.bytesMax = Math.max(this.bytesMax, this.#bytes);
    this.fills++;
    return true;
  }

  #drop(at: number): void {
    const echo = this.#echoes.get(at);
    if (echo === undefined) return;
    this.#bytes -= echo.bytes;
    this.#echoes.delete(at);
    this.#sum(echo, -1);
  }
}

const blockBytes = 8 * 1024 * 1024;

/** Reads by place when echoes have taken what they can; bounds by place. */
export function servedReads(
  fleet: SimFleet,
  links: readonly (EchoLinks | undefined)[],
  own: Float64Array,
): Float64Array {
  const bounds = fleet.partitions.map((_, place) => fleet.readBound(place));
  const asked = fleet.reads.map((reads, place) => reads + own[place]!);
  return steerReads(asked, bounds, links);
}
