// The fleet of a simulation: which partition holds which blocks, where new ones go, what is asked of whom in this minute. Blocks of an area lie in
// groups, hottest first, and a group lies on one partition.

import { zeros } from '../../base/filled.ts';
import { noFlows } from '../../model/load.ts';
import type { Holding, Home, SeenArea, SeenPartition } from '../../placement/placement.ts';
import type { Scenario } from '../world.ts';
import { type ByPlace, byPlace, Versions } from './by-place.ts';
import type { FleetLoad } from './fleet-load.ts';
import { type Part, partsOf } from './parts-of.ts';

export interface SimPartition {
  readonly id: string;
  readonly capacity: number;
  readonly writeCapacity: number;
  readonly capacityDomain: string;
  readonly failureDomain: string;
  readonly serviceMs: number;
  readonly concurrency: number;
  readonly pool: string | undefined;
  duty: SeenPartition['duty'];
}

export const groupsMax = 16;

interface Writer {
  readonly area: number;
  readonly place: number;
  readonly share: number;
}

export class SimFleet {
  readonly load: FleetLoad;
  readonly partitions: SimPartition[];
  readonly readShare: number;
  /** Where group `area × groupsMax + group` lies. */
  readonly placeOf: Int16Array;
  /** Raised whenever anything lies elsewhere, or goes elsewhere. */
  version = 0;
  /** Of this minute, by place: what clients ask. */
  reads: number[] = [];
  writes: number[] = [];
  minute = 0;
  readonly #homes: (readonly Home[])[];
  readonly #parts: (readonly Part[])[];
  readonly #seen: ReadonlyMap<string, SeenArea>;
  readonly #placeOf = new Map<string, number>();
  readonly #areaOf: ReadonlyMap<string, number>;
  readonly #readsVersions = new Versions();
  readonly #writesVersions = new Versions();
  #flatVersion = -1;
  #all: readonly Part[] = [];
  #partsAt: ByPlace<Part> = [];
  #writersAt: ByPlace<Writer> | undefined;
  #holdings: readonly Holding[] | undefined;
  #stored: readonly number[] | undefined;
  #writers: readonly Writer[] | undefined;

  constructor(scenario: Scenario, load: FleetLoad) {
    this.load = load;
    this.readShare = scenario.readShare;
    this.partitions = scenario.partitions.map((each) => ({ ...each, pool: undefined, duty: 'online' }));
    this.#areaOf = new Map(load.areas.map(({ id }, area) => [id, area]));
    this.partitions.forEach(({ id }, place) => {
      this.#placeOf.set(id, place);
    });
    this.placeOf = new Int16Array(load.areas.length * groupsMax).fill(-1);
    load.areas.forEach(({ heat, home }, area) => {
      for (let group = 0; group < heat.groups.length; group++) this.placeOf[area * groupsMax + group] = home;
    });
    this.#homes = load.areas.map(({ home }) => [{ partition: this.partitions[home]!.id, weight: 1 }]);
    this.#parts = load.areas.map((_, area) => partsOf(this, area));
    this.#seen = new Map(load.areas.map(({ id }, area) => [id, this.#seenArea(area)]));
  }

  get areas(): ReadonlyMap<string, SeenArea> {
    return this.#seen;
  }

  /** Everything that lies anywhere. */
  get parts(): readonly Part[] {
    this.#flatten();
    return this.#all;
  }

  /** Where areas' new blocks go. */
  get writers(): readonly Writer[] {
    this.#writers ??= this.#homes.flatMap((homes, area) => {
      const sum = homes.reduce((all, { weight }) => all + weight, 0);
      return homes.map(({ partition, weight }) => ({ area, place: this.place(partition), share: weight / sum }));
    });
    return this.#writers;
  }

  partsAt(place: number): readonly Part[] {
    this.#flatten();
    return this.#partsAt[place] ?? [];
  }

  writersAt(place: number): readonly Writer[] {
    this.#writersAt ??= byPlace(this.writers);
    return this.#writersAt[place] ?? [];
  }

  partsOf(area: number): readonly Part[] {
    return this.#parts[area]!;
  }

  homesOf(area: number): readonly Home[] {
    return this.#homes[area]!;
  }

  place(id: string): number {
    return this.#placeOf.get(id) ?? -1;
  }

  areaAt(id: string): number {
    return this.#areaOf.get(id) ?? -1;
  }

  /** Raised when other reads (or writes) than before come to a place. */
  readsVersion(place: number): number {
    return this.#readsVersions.at(place);
  }

  writesVersion(place: number): number {
    return this.#writesVersions.at(place);
  }

  readBound(place: number): number {
    return this.partitions[place]!.capacity * this.readShare;
  }

  writeBound(place: number): number {
    return this.readBound(place) * this.partitions[place]!.writeCapacity;
  }

  setHomes(area: number, homes: readonly Home[]): void {
    for (const { partition } of [...this.#homes[area]!, ...homes]) this.#writesVersions.raise(this.place(partition));
    this.#homes[area] = homes;
    this.#writers = undefined;
    this.#writersAt = undefined;
    this.version++;
  }

  /** Some of an area's groups lie on another partition now. */
  put(area: number, groups: readonly number[], place: number): void {
    for (const group of groups) {
      this.#readsVersions.raise(this.placeOf[area * groupsMax + group]!);
      this.placeOf[area * groupsMax + group] = place;
    }
    this.#readsVersions.raise(place);
    this.#parts[area] = partsOf(this, area);
    this.version++;
  }

  add(partition: SimPartition): void {
    this.#placeOf.set(partition.id, this.partitions.length);
    this.partitions.push(partition);
    this.version++;
  }

  readsOf(area: number): number {
    return this.load.reads[this.minute * this.load.areas.length + area]!;
  }

  /** Reads per byte of a group of blocks. */
  heatOf(area: number, group: number): number {
    const { heat, bytes } = this.load.areas[area]!;
    const { reads, bytes: part } = heat.groups[group]!;
    return (this.readsOf(area) * reads) / (part * bytes);
  }

  writesOf(area: number): number {
    return this.load.writes[this.minute * this.load.areas.length + area]!;
  }

  /** What is asked in this minute. */
  advance(minute: number): void {
    this.minute = minute;
    const reads = zeros(this.partitions.length);
    const writes = zeros(this.partitions.length);
    for (const { area, place, readShare } of this.parts) reads[place] = reads[place]! + readShare * this.readsOf(area);
    for (const { area, place, share } of this.writers) writes[place] = writes[place]! + share * this.writesOf(area);
    this.reads = reads;
    this.writes = writes;
  }

  get storedBytes(): readonly number[] {
    this.#flatten();
    this.#stored ??= this.#storedNow();
    return this.#stored;
  }

  get holdings(): readonly Holding[] {
    this.#flatten();
    this.#holdings ??= this.#all.map(({ holding }) => holding);
    return this.#holdings;
  }

  #storedNow(): number[] {
    const bytes = this.partitions.map(() => 0);
    for (const { place, holding } of this.#all) bytes[place] = bytes[place]! + holding.bytes;
    return bytes;
  }

  #flatten(): void {
    if (this.#flatVersion === this.version) return;
    this.#flatVersion = this.version;
    const all: Part[] = [];
    for (const parts of this.#parts) for (const part of parts) all.push(part);
    this.#all = all;
    this.#partsAt = byPlace(all);
    this.#holdings = undefined;
    this.#stored = undefined;
  }

  #seenArea(area: number): SeenArea {
    const fleet = this;
    return {
      get demand() {
        return { ...noFlows, readOps: fleet.readsOf(area), writeOps: fleet.writesOf(area) };
      },
      get homes() {
        return fleet.homesOf(area);
      },
      isDivisible: false,
    };
  }
}
