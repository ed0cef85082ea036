// A plan that levels the fleet however calm it is, for an operator who asks: first the load, as far as capacities are known and lie in several
// domains, then what is stored. From the fullest to the emptiest, a holding or a part of one a time.
import { sureMin } from '../model/capacity.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { type Flow, flows } from '../model/load.ts';
import type { Move, Plan, Refusal } from './plan.ts';
import type { Holding, SeenPartition, View } from './view.ts';

/** Nearer to each other than this part of the mean is level enough. */
const levelPart = 0.05;
const stepsMax = 64;
/** Smaller pieces are not worth a move. */
const bytesMin = 64 * 1024;

interface Measure {
  readonly name: string;
  readonly capacity: (partition: SeenPartition) => number | undefined;
  readonly load: (partition: SeenPartition) => number;
  readonly of: (holding: Holding) => number;
  /** Moves inside one capacity domain relieve nothing. */
  readonly acrossDomains: boolean;
}

export function levelFleet(view: View): Plan {
  const refusals: Refusal[] = [];
  const moving = new Set<AreaId>(view.underWay.flatMap((each) => (each.kind === 'move' ? [each.area] : [])));
  const room = new Map(view.partitions.map(({ id, freeBytes }) => [id, freeBytes]));
  const steps = [...flows.map((flow) => loadMeasure(view, flow)), storedMeasure(view)].flatMap((measure) =>
    level(view, measure, { moving, room, refusals }),
  );
  return { nowSec: view.nowSec, steps, refusals };
}

function loadMeasure(view: View, flow: Flow): Measure {
  return {
    name: flow,
    capacity: ({ capacity: { load, confidence } }) => (confidence >= sureMin ? load[flow] : undefined),
    load: ({ demand }) => demand[flow],
    // Writes follow homes, and no bytes that move take them along.
    of: ({ area, readShare }) =>
      flow === 'readOps' || flow === 'readBytes' ? readShare * (view.areas.get(area)?.demand[flow] ?? 0) : 0,
    acrossDomains: true,
  };
}

function storedMeasure(view: View): Measure {
  const isStated = view.partitions.every(({ capacity }) => capacity.load.storedBytes !== undefined);
  return {
    name: 'stored bytes',
    capacity: ({ capacity }) => (isStated ? capacity.load.storedBytes : 1),
    load: ({ storedBytes }) => storedBytes,
    of: ({ bytes }) => bytes,
    acrossDomains: false,
  };
}

interface Levelling {
  readonly moving: Set<AreaId>;
  readonly room: Map<PartitionId, number>;
  readonly refusals: Refusal[];
}

interface Filled {
  readonly partition: SeenPartition;
  readonly capacity: number;
  load: number;
}

function level(view: View, measure: Measure, { moving, room, refusals }: Levelling): Move[] {
  const fleet = view.partitions.flatMap((partition): Filled[] => {
    const capacity = measure.capacity(partition);
    const isIn = partition.duty === 'online' && partition.isUp && capacity !== undefined && capacity > 0;
    return isIn ? [{ partition, capacity, load: measure.load(partition) }] : [];
  });
  const mean = sum(fleet, ({ load }) => load) / sum(fleet, ({ capacity }) => capacity);
  const moves: Move[] = [];
  const done = new Set<PartitionId>();
  while (mean > 0 && moves.length < stepsMax) {
    const [from] = fleet.filter(({ partition }) => !done.has(partition.id)).sort((a, b) => fillOf(b) - fillOf(a));
    if (from === undefined || fillOf(from) <= mean * (1 + levelPart)) break;
    const to = emptiest(fleet, from, measure);
    const move = to && bestMove(view, measure, { from, to, moving, room, mean });
    if (move === undefined) {
      done.add(from.partition.id);
      const why =
        to === undefined
          ? 'shares its capacity domain with all that have less'
          : 'holds nothing more that fits elsewhere';
      refusals.push({ partition: from.partition.id, why: `it has more ${measure.name} than others, and ${why}` });
      continue;
    }
    moves.push(move.step);
    moving.add(move.step.area);
    room.set(move.step.to, room.get(move.step.to)! - move.step.bytes);
    from.load -= move.load;
    to!.load += move.load;
  }
  return moves;
}

const fillOf = ({ load, capacity }: Filled): number => load / capacity;
const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, each) => total + of(each), 0);

function emptiest(fleet: readonly Filled[], from: Filled, { acrossDomains }: Measure): Filled | undefined {
  return fleet
    .filter(
      (each) =>
        each !== from &&
        fillOf(each) < fillOf(from) &&
        !(acrossDomains && each.partition.capacityDomain === from.partition.capacityDomain),
    )
    .sort((a, b) => fillOf(a) - fillOf(b))[0];
}

interface Pair extends Omit<Levelling, 'refusals'> {
  readonly from: Filled;
  readonly to: Filled;
  readonly mean: number;
}

/** Of what would make neither the source emptier nor the target fuller than the mean the most; else a part of the largest. */
function bestMove(
  view: View,
  measure: Measure,
  { from, to, moving, room, mean }: Pair,
): { readonly step: Move; readonly load: number } | undefined {
  const gap = Math.min((fillOf(from) - mean) * from.capacity, (mean - fillOf(to)) * to.capacity);
  const [source, target] = [from.partition.id, to.partition.id];
  const held = view.holdings
    .filter((each) => each.partition === source && !moving.has(each.area) && measure.of(each) > 0)
    .sort((a, b) => measure.of(b) - measure.of(a));
  const whole = held.find((each) => measure.of(each) <= gap && each.bytes <= room.get(target)!);
  const largest = held[0];
  const because = {
    text: `by what they can do ${source} has ${percentOf(fillOf(from), mean)} of the fleet's mean of ${measure.name}, and ${target} ${percentOf(fillOf(to), mean)}`,
  };
  const common = { kind: 'move' as const, from: source, to: target, startInSec: 0, because };
  if (whole !== undefined && (whole === largest || measure.of(whole) >= gap / 2)) {
    const { area, bytes, readShare } = whole;
    return { step: { ...common, area, bytes: Math.max(1, bytes), readShare, isWhole: true }, load: measure.of(whole) };
  }
  if (largest === undefined || !(gap > 0) || largest.bytes === 0) return undefined;
  const part = partOf(largest, Math.min(1, gap / measure.of(largest)), measure);
  const bytes = Math.floor(Math.min(part.bytes, room.get(target)!));
  if (bytes < bytesMin) return undefined;
  const step: Move = { ...common, area: largest.area, bytes, readShare: part.readShare, isWhole: false };
  return { step, load: measure.acrossDomains ? part.load : bytes };
}

/** So much of a holding, the hottest of it first, as moves take it. */
function partOf(holding: Holding, share: number, { acrossDomains, of }: Measure) {
  let [reads, bytes] = [0, 0];
  for (const group of holding.heat) {
    const left = share - (acrossDomains ? reads : bytes);
    const whole = acrossDomains ? group.reads : group.bytes;
    const part = whole > 0 ? Math.min(1, Math.max(0, left) / whole) : left > 0 ? 1 : 0;
    reads += part * group.reads;
    bytes += part * group.bytes;
  }
  return { bytes: bytes * holding.bytes, readShare: reads * holding.readShare, load: reads * of(holding) };
}

const percentOf = (value: number, mean: number): string => `${Math.round((100 * value) / mean)} %`;
