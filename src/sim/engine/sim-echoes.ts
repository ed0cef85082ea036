// Echoes of a simulation, for every policy that has them: by access count where a partition is busy, of what is hottest always, and, for whoever
// foresees, before the load comes. Placed by the gateway's own rule, counted in groups of blocks.
import { once } from '../../base/once.ts';
import { crowdPart, firstPart, muchColder, type Neighbour, standingPart } from '../../echo/echo.ts';
import { busyFrom } from '../../placement/placement.ts';
import { ColdestEchoes } from './coldest-echoes.ts';
import { type Echoed, EchoSums } from './echo-sums.ts';
import { KeyHeap } from './key-heap.ts';
import { neighboursOf, placeGroup } from './place-group.ts';
import { type RankedGroup, rankGroups } from './rank-groups.ts';
import { groupsMax, type SimFleet } from './sim-fleet.ts';

interface SimEcho extends Echoed {
  readonly bytes: number;
  readonly isStanding: boolean;
  readonly madeMinute: number;
}

export interface EchoOptions {
  readonly count: number;
  readonly budgetBytes: number;
}

/** An echo that nobody wants goes after so long. */
const idleMinutes = 30;
const idleEveryMinutes = 5;
const standingEveryMinutes = 60;
/** A partition that is busy gets echoes until so much of it would be left. */
const relievedTo = 0.6;
/** Of the budget so much may be taken by what is not needed yet. */
const foreseenPart = 0.85;
/** Reads are remembered for so long. */
const heatMinutes = 60;

export class SimEchoes {
  readonly #fleet: SimFleet;
  readonly #options: EchoOptions;
  readonly #echoes = new Map<number, SimEcho>();
  /** Reads of areas of late. */
  readonly #heat: Float64Array;
  /** Of the smallest group. */
  readonly #leastBytes: number;
  /** When a place was last busy. */
  readonly #busyMinute: number[] = [];
  readonly #sums: EchoSums;
  readonly #coldest: ColdestEchoes;
  /** For whoever ranks groups. */
  readonly #ranked = new KeyHeap();
  #bytes = 0;
  fills = 0;
  bytesMax = 0;

  constructor(fleet: SimFleet, options: EchoOptions) {
    this.#fleet = fleet;
    this.#options = options;
    this.#sums = new EchoSums(fleet);
    this.#coldest = new ColdestEchoes(fleet, this.#echoes);
    this.#heat = new Float64Array(fleet.load.areas.length);
    this.#leastBytes = Math.min(
      ...fleet.load.areas.map(({ heat, bytes }) => bytes * Math.min(...heat.groups.map((group) => group.bytes))),
    );
  }

  /** Part of a group that echoes hold at a place. */
  heldAt(area: number, group: number, place: number): number {
    return this.#echoes.get(area * groupsMax + group)?.holders.get(place) ?? 0;
  }

  /** What echoes could take off each partition. */
  get sums(): Pick<EchoSums, 'has' | 'links' | 'linksOf' | 'size'> {
    return this.#sums;
  }

  /** Where reads that find their partition busy make echoes; true: some were made. */
  relieve(minute: number, served: readonly number[]): boolean {
    let made = false;
    for (let place = 0; place < served.length; place++) {
      const bound = this.#fleet.readBound(place);
      if (this.#fleet.reads[place]! > busyFrom * bound) this.#busyMinute[place] = minute;
      if (served[place]! > busyFrom * bound)
        made = this.#cover(place, this.#fleet.reads[place]! - relievedTo * bound) || made;
    }
    return made;
  }

  /** Echoes of what a partition will be asked beyond what it does well, as far as that leaves room for what is needed now. */
  foresee(place: number, over: number, minute: number): void {
    this.#busyMinute[place] = minute;
    this.#cover(place, over, (1 - foreseenPart) * this.#options.budgetBytes);
  }

  /** Lets go of what nobody wants, and hourly holds what is hottest. */
  tidy(minute: number): void {
    const heat = this.#heat;
    for (let area = 0; area < heat.length; area++)
      heat[area] = heat[area]! + (this.#fleet.readsOf(area) - heat[area]!) / heatMinutes;
    if (minute % idleEveryMinutes === 0) this.#sweep(minute);
    // For what is wanted next.
    this.#makeRoom(crowdPart * this.#options.budgetBytes, Number.POSITIVE_INFINITY);
    if (minute % standingEveryMinutes === 1) this.#stand();
  }

  /** A partition that goes takes its echoes along. */
  forget(place: number): void {
    for (const [at, { holders }] of this.#echoes) if (holders.has(place)) this.#drop(at);
  }

  #sweep(minute: number): void {
    for (const [at, { isStanding, madeMinute, place }] of this.#echoes) {
      if (!isStanding && minute - Math.max(madeMinute, this.#busyMinute[place] ?? 0) > idleMinutes) this.#drop(at);
    }
  }

  /** The coldest go until there is so much room, as far as they have fewer reads per byte than `below`. */
  #makeRoom(bytes: number, below: number): void {
    while (this.#leftBytes < bytes) {
      const coldest = this.#coldest.coldest(this.#fleet.minute);
      if (coldest === undefined || coldest.heat >= below) return;
      this.#coldest.take();
      this.#drop(coldest.at);
    }
  }

  /** Blocks lie elsewhere now; where an echo was, it is none any more. */
  moved(area: number, groups: readonly number[]): void {
    for (const group of groups) {
      const at = area * groupsMax + group;
      const echo = this.#echoes.get(at);
      if (echo === undefined) continue;
      const place = this.#fleet.placeOf[at]!;
      if (echo.holders.has(place)) {
        this.#drop(at);
        continue;
      }
      this.#sums.add(echo, -1);
      const there = { ...echo, place };
      this.#echoes.set(at, there);
      this.#sums.add(there, 1);
    }
  }

  /**
   * The hottest groups of a partition that have no echo, until `wanted` of its reads have one. What is needed now has the room of what is far
   * colder.
   */
  #cover(place: number, wanted: number, keptBytes = 0): boolean {
    let left = wanted - this.#sums.steerable(place);
    if (left <= 0 || (keptBytes > 0 && this.#leftBytes < keptBytes + this.#leastBytes)) return false;
    let made = false;
    const neighbours = once(() => neighboursOf(this.#fleet));
    const readsOf = (area: number): number => this.#fleet.readsOf(area);
    const isOut = (at: number): boolean => this.#echoes.has(at);
    for (const { at, reads, bytes, heat } of rankGroups(this.#fleet, readsOf, this.#ranked, { place, isOut })) {
      if (left <= 0) break;
      if (keptBytes === 0) this.#makeRoom(bytes, muchColder * heat);
      // Nor is there room for any that is colder.
      if (this.#leftBytes < keptBytes + this.#leastBytes) break;
      if (!this.#make(at, this.#fits(bytes, keptBytes), neighbours, false)) continue;
      left -= reads;
      made = true;
    }
    return made;
  }

  get #leftBytes(): number {
    return this.#options.budgetBytes - this.#bytes;
  }

  /** As many copies as the budget allows; the last of it is for first ones. */
  #fits(bytes: number, keptBytes: number): number {
    const left = this.#leftBytes - keptBytes;
    if (left < bytes) return 0;
    const more = Math.floor((left - bytes - firstPart * this.#options.budgetBytes) / bytes);
    return Math.min(this.#options.count, 1 + Math.max(0, more));
  }

  /** What stands goes only for what is much hotter. */
  #stand(): void {
    const { count, budgetBytes } = this.#options;
    let left = standingPart * budgetBytes;
    const ranked = [...rankGroups(this.#fleet, (area) => this.#heat[area]!, this.#ranked)];
    const wanted: RankedGroup[] = [];
    for (const each of ranked) {
      left -= each.bytes * count;
      if (left < 0) break;
      wanted.push(each);
    }
    const coldest = wanted.at(-1)?.heat ?? 0;
    const heatOf = new Map(ranked.map(({ at, heat }) => [at, heat]));
    let standing = 0;
    for (const [at, echo] of this.#echoes) {
      if (!echo.isStanding) continue;
      if ((heatOf.get(at) ?? 0) < coldest * muchColder) this.#drop(at);
      else standing += echo.bytes;
    }
    const neighbours = once(() => neighboursOf(this.#fleet));
    for (const { at, bytes } of wanted) {
      if (this.#echoes.has(at) || standing + bytes * count > standingPart * budgetBytes || this.#fits(bytes, 0) < count)
        continue;
      if (this.#make(at, count, neighbours, true)) standing += bytes * count;
    }
  }

  #make(at: number, count: number, neighbours: () => readonly Neighbour[], isStanding: boolean): boolean {
    if (count <= 0) return false;
    const fleet = this.#fleet;
    const [area, group] = [Math.floor(at / groupsMax), at % groupsMax];
    const { heat, bytes } = fleet.load.areas[area]!;
    const size = heat.groups[group]!.bytes * bytes * count;
    const holders = placeGroup(fleet, neighbours(), at, count);
    const echo = { area, group, place: fleet.placeOf[at]!, bytes: size, holders, isStanding, madeMinute: fleet.minute };
    this.#echoes.set(at, echo);
    this.#sums.add(echo, 1);
    this.#bytes += size;
    this.bytesMax = Math.max(this.bytesMax, this.#bytes);
    this.fills++;
    return true;
  }

  #drop(at: number): void {
    const echo = this.#echoes.get(at);
    if (echo === undefined) return;
    this.#bytes -= echo.bytes;
    this.#echoes.delete(at);
    this.#sums.add(echo, -1);
  }
}
