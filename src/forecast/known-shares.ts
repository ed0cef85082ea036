// Which part of an area's demand falls on which partition, made sound: parts of an area sum to 1, nonsense is left out, and an area that is idle
// just now lies where it lay last.
import type { AreaId, PartitionId } from '../model/ids.ts';
import { type FleetLayout, type Flow, flows } from './fleet.ts';

export class KnownShares {
  readonly #last = new Map<AreaId, ReadonlyMap<PartitionId, Readonly<Record<Flow, number>>>>();

  /** Takes a layout in; areas that it does not name stay where they were. */
  update(shares: FleetLayout['shares']): void {
    for (const [area, parts] of shares) {
      const sound = normalised(parts);
      if (sound !== undefined) this.#last.set(area, sound);
    }
  }

  forget(area: AreaId): void {
    this.#last.delete(area);
  }

  /** Part of an area's flow on a partition, 0 … 1. */
  of(area: AreaId, partition: PartitionId, flow: Flow): number {
    return this.#last.get(area)?.get(partition)?.[flow] ?? 0;
  }

  /** Of all areas that were ever told of. */
  get all(): ReadonlyMap<AreaId, ReadonlyMap<PartitionId, Readonly<Record<Flow, number>>>> {
    return this.#last;
  }

  get partitions(): Set<PartitionId> {
    return new Set([...this.#last.values()].flatMap((parts) => [...parts.keys()]));
  }
}

/** Undefined: it says nothing of where the area lies. A flow of which nothing is said lies like the sum of the others. */
function normalised(
  parts: ReadonlyMap<PartitionId, Readonly<Record<Flow, number>>>,
): ReadonlyMap<PartitionId, Readonly<Record<Flow, number>>> | undefined {
  const total = (flow: Flow): number => [...parts.values()].reduce((sum, part) => sum + sound(part[flow]), 0);
  const totals = flows.map(total);
  const all = totals.reduce((sum, each) => sum + each, 0);
  if (!(all > 0)) return undefined;
  const shareOf = (part: Readonly<Record<Flow, number>>, flow: Flow): number => {
    const sum = totals[flows.indexOf(flow)]!;
    return sum > 0 ? sound(part[flow]) / sum : flows.reduce((each, other) => each + sound(part[other]), 0) / all;
  };
  return new Map(
    [...parts].map(([partition, part]) => [
      partition,
      Object.fromEntries(flows.map((flow) => [flow, shareOf(part, flow)])) as Record<Flow, number>,
    ]),
  );
}

const shareMax = 1e6;
const sound = (share: number): number => (share > 0 ? Math.min(shareMax, share) : 0);
