// Brings blocks from one partition to another, hottest groups first, for every policy alike: a stream takes part of the source's and of the target's
// capacity while it runs, and a group changes hands when it is there. What a ready echo holds already costs no bytes.
import { zeros } from '../../base/filled.ts';
import type { Move, UnderWay } from '../../placement/placement.ts';
import type { SimFleet } from './sim-fleet.ts';

export interface SimMove {
  readonly area: number;
  readonly from: number;
  readonly to: number;
  readonly groups: readonly number[];
  readonly bytes: number;
  readonly isWhole: boolean;
  readonly startMinute: number;
  readonly cause: string;
  /** Groups that are there, and the part of the area's reads that went with them. */
  switched: number;
  switchedReads: number;
  doneBytes: number;
  endMinute: number | undefined;
}

export interface MoverOptions {
  readonly bytesPerMinute: number;
  readonly loadShare: number;
  readonly perSource: number;
  readonly inFlightBytesMax: number;
  readonly onSwitched: (area: number, groups: readonly number[]) => void;
  /** Part of a group of an area that ready echoes hold at a place. */
  readonly echoedAt: (area: number, group: number, place: number) => number;
}

export class SimMover {
  readonly #fleet: SimFleet;
  readonly #options: MoverOptions;
  #running: SimMove[] = [];
  bytesMoved = 0;
  readonly bytesByCause: Record<string, number> = {};

  constructor(fleet: SimFleet, options: MoverOptions) {
    this.#fleet = fleet;
    this.#options = options;
  }

  get running(): readonly SimMove[] {
    return this.#running;
  }

  /** Undefined: refused. */
  begin(move: Move, minute: number, cause: string): SimMove | undefined {
    const fleet = this.#fleet;
    const [area, from, to] = [fleet.areaAt(move.area), fleet.place(move.from), fleet.place(move.to)];
    const part = fleet.partsOf(area).find(({ place }) => place === from);
    const target = fleet.partitions[to];
    if (part === undefined || target?.duty !== 'online' || this.#running.some((each) => each.area === area))
      return undefined;
    if (this.#running.filter((each) => each.from === from).length >= this.#options.perSource) return undefined;
    const inFlight = this.#running.reduce((sum, each) => sum + each.bytes - each.doneBytes, 0);
    if (inFlight + move.bytes > this.#options.inFlightBytesMax) return undefined;
    const { heat, bytes } = fleet.load.areas[area]!;
    const groups: number[] = [];
    let taken = 0;
    for (const group of part.groups) {
      if (groups.length > 0 && taken >= move.bytes * (1 - 1e-9)) break;
      groups.push(group);
      taken += heat.groups[group]!.bytes * bytes;
    }
    const begun: SimMove = {
      area,
      from,
      to,
      groups,
      bytes: taken,
      isWhole: groups.length === part.groups.length,
      startMinute: minute,
      cause,
      switched: 0,
      switchedReads: 0,
      doneBytes: 0,
      endMinute: undefined,
    };
    this.#running.push(begun);
    return begun;
  }

  /** One minute more. Returns those that have ended. */
  advance(minute: number): SimMove[] {
    const ended: SimMove[] = [];
    for (const move of this.#running) {
      let left = this.#options.bytesPerMinute;
      while (left > 0 && move.switched < move.groups.length) {
        const group = move.groups[move.switched]!;
        const upTo = this.#bytesUpTo(move, move.switched + 1);
        const held = this.#options.echoedAt(move.area, group, move.to);
        const cost = Math.max(0, upTo - move.doneBytes) * (1 - held);
        if (cost > left) {
          move.doneBytes += left / Math.max(1e-9, 1 - held);
          this.#count(move, left);
          left = 0;
          break;
        }
        left -= cost;
        this.#count(move, cost);
        move.doneBytes = upTo;
        move.switched++;
        move.switchedReads += this.#fleet.load.areas[move.area]!.heat.groups[group]!.reads;
        this.#fleet.put(move.area, [group], move.to);
        this.#options.onSwitched(move.area, [group]);
      }
      if (move.switched === move.groups.length) {
        move.endMinute = minute;
        if (move.isWhole) this.#takeHomes(move);
        ended.push(move);
      }
    }
    this.#running = this.#running.filter(({ endMinute }) => endMinute === undefined);
    return ended;
  }

  /** Capacity that streams take, by place: reads at sources, writes at targets. */
  work(): { readonly reads: number[]; readonly writes: number[] } {
    const count = this.#fleet.partitions.length;
    const work = { reads: zeros(count), writes: zeros(count) };
    for (const { from, to } of this.#running) {
      work.reads[from] = work.reads[from]! + this.#options.loadShare * this.#fleet.readBound(from);
      work.writes[to] = work.writes[to]! + this.#options.loadShare * this.#fleet.writeBound(to);
    }
    return work;
  }

  underWay(): UnderWay[] {
    const { partitions, load } = this.#fleet;
    return this.#running.map((move) => ({
      kind: 'move',
      area: load.areas[move.area]!.id,
      from: partitions[move.from]!.id,
      to: partitions[move.to]!.id,
      bytesLeft: move.bytes - move.doneBytes,
      readShareLeft: readShareLeft(this.#fleet, move),
    }));
  }

  /** New blocks follow the old ones. */
  #takeHomes({ area, from, to }: SimMove): void {
    const fleet = this.#fleet;
    const [old, now] = [fleet.partitions[from]!.id, fleet.partitions[to]!.id];
    const homes = fleet.homesOf(area);
    if (homes.some(({ partition }) => partition === old))
      fleet.setHomes(
        area,
        homes.map((home) => (home.partition === old ? { ...home, partition: now } : home)),
      );
  }

  #count(move: SimMove, bytes: number): void {
    if (this.#fleet.minute < this.#fleet.load.fromMinute) return; // what is scored begins with the scored days
    this.bytesMoved += bytes;
    this.bytesByCause[move.cause] = (this.bytesByCause[move.cause] ?? 0) + bytes;
  }

  #bytesUpTo(move: SimMove, groups: number): number {
    const { heat, bytes } = this.#fleet.load.areas[move.area]!;
    return move.groups.slice(0, groups).reduce((sum, group) => sum + heat.groups[group]!.bytes * bytes, 0);
  }
}

/** Part of the area's reads that is still to change hands. */
function readShareLeft(fleet: SimFleet, { area, groups, switched }: SimMove): number {
  const { heat } = fleet.load.areas[area]!;
  return groups.slice(switched).reduce((sum, group) => sum + heat.groups[group]!.reads, 0);
}
