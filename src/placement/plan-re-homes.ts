// Where new blocks of areas should go instead: the only thing that relieves writes, and it takes neither time nor bytes. A home may be a weighted
// set, so an area that is too much for any partition is spread.
import type { AreaId, PartitionId } from '../model/ids.ts';
import { writeFlows } from '../model/load.ts';
import { admissible } from './find-least-loaded-partition.ts';
import { homeShare } from './home-share.ts';
import type { Loads, Peak } from './loads.ts';
import type { Refusal, ReHome } from './plan.ts';
import { inMinutes, percent } from './plan-moves.ts';
import type { Rules } from './rules.ts';
import type { Home, View } from './view.ts';
import type { Homed } from './where-areas-are.ts';

export interface ReHoming {
  readonly view: View;
  readonly loads: Loads;
  readonly rules: Rules;
  /** Areas by the partitions where they have homes. */
  readonly homed: Homed;
  readonly resting: ReadonlySet<AreaId>;
}

/** Of an area so much of its weight is worth a change. */
const partMin = 0.05;
const homesMax = 8;
const stepsMax = 32;

/** Partitions that drain keep no home; of the others those that would be asked to write too much. */
export function planReHomes(reHoming: ReHoming): {
  readonly steps: readonly ReHome[];
  readonly refusals: readonly Refusal[];
} {
  const { view, loads, rules, homed, resting } = reHoming;
  const now = new Map<AreaId, readonly Home[]>();
  const because = new Map<AreaId, ReHome['because']>();
  const refusals: Refusal[] = [];
  const homesOf = (area: AreaId): readonly Home[] => now.get(area) ?? view.areas.get(area)?.homes ?? [];
  for (const { id, duty } of view.partitions) {
    if (duty !== 'draining') continue;
    for (const area of homed.get(id) ?? []) {
      const others = homesOf(area).filter(({ partition }) => partition !== id);
      const shift = loads.shiftOf(area, 0, 1);
      const to = others.length > 0 ? undefined : leastWritten(reHoming, id, shift, Number.POSITIVE_INFINITY);
      if (others.length === 0 && to === undefined) continue;
      if (to !== undefined) loads.move(shift, loads.placeOf.get(id), loads.placeOf.get(to));
      now.set(area, to === undefined ? others : [{ partition: to, weight: 1 }]);
      because.set(area, { text: `${id} is draining` });
    }
  }
  const busy = loads.partitions
    .map(({ id, duty }, place) => ({
      id,
      duty,
      place,
      peak: loads.peakOf(place, { untilSec: rules.reHomeAheadSec, flows: writeFlows }),
    }))
    .filter(({ duty, peak }) => duty === 'online' && peak !== undefined && peak.pressure > rules.enter)
    .sort((a, b) => b.peak!.pressure - a.peak!.pressure);
  for (const { id, place } of busy) {
    for (let round = 0; round < stepsMax; round++) {
      const peak = loads.peakOf(place, { untilSec: rules.reHomeAheadSec, flows: writeFlows })!;
      if (peak.pressure <= rules.enter) break;
      const need = (peak.pressure - rules.goal) * loads.bound(place, peak.flow);
      const chosen = chooseArea(reHoming, id, homesOf, (area) => resting.has(area), peak, need);
      if (chosen === undefined) break;
      const found = takerOf(reHoming, id, chosen, Math.min(peak.pressure, admissible(loads, rules)));
      if (found === undefined) {
        refusals.push({
          partition: id,
          area: chosen.area,
          why: 'no partition of another capacity domain can take its writes',
        });
        break;
      }
      const { to, part, shift } = found;
      loads.move(shift, place, loads.placeOf.get(to));
      now.set(chosen.area, withPart(homesOf(chosen.area), id, to, part));
      const [pressure, flow, atSec] = [peak.pressure, peak.flow, view.nowSec + loads.time.beginsInSec(peak.step)];
      const text = `${id} would come to ${percent(pressure)} of its ${flow} ${inMinutes(loads.time.beginsInSec(peak.step))}: ${percent(part)} of what is new goes to ${to}`;
      because.set(chosen.area, { text, pressure, flow, atSec });
    }
  }
  const steps = [...now].map(
    ([area, to]): ReHome => ({
      kind: 're-home',
      area,
      from: view.areas.get(area)!.homes,
      to,
      because: because.get(area)!,
    }),
  );
  return { steps, refusals };
}

interface Chosen {
  readonly area: AreaId;
  /** Part of its home's weight here that goes, and of all the area's writes. */
  readonly part: number;
  readonly share: number;
}

/** The area that covers the need with the least to spare; else the greatest. One that is far more than the need is divided. */
function chooseArea(
  { loads, homed }: ReHoming,
  id: PartitionId,
  homesOf: (area: AreaId) => readonly Home[],
  isLeft: (area: AreaId) => boolean,
  { flow, step }: Pick<Peak, 'flow' | 'step'>,
  need: number,
): Chosen | undefined {
  let best: { area: AreaId; load: number; share: number } | undefined;
  for (const area of homed.get(id) ?? []) {
    if (isLeft(area)) continue;
    const share = homeShare(homesOf(area), id);
    const load = loads.loadOf(area, share, flow, step);
    if (!(load > 0)) continue;
    const isBetter = best === undefined || (best.load < need ? load > best.load : load >= need && load < best.load);
    if (isBetter) best = { area, load, share };
  }
  if (best === undefined) return undefined;
  const part = best.load > 2 * need && homesOf(best.area).length < homesMax ? Math.max(partMin, need / best.load) : 1;
  return { area: best.area, part, share: best.share * part };
}

/** Who takes it, or the greatest half, quarter … of it that anybody can take; the next round looks for who takes more. */
function takerOf(reHoming: ReHoming, from: PartitionId, { area, part: most, share }: Chosen, below: number) {
  for (let part = most; part >= partMin; part /= 2) {
    const shift = reHoming.loads.shiftOf(area, 0, (share * part) / most);
    const to = leastWritten(reHoming, from, shift, below);
    if (to !== undefined) return { to, part, shift };
  }
  return undefined;
}

/** Of those in other capacity domains the one with the least writes foreseen, `below` that. */
function leastWritten(
  { loads, rules }: ReHoming,
  from: PartitionId,
  shift: ReturnType<Loads['shiftOf']>,
  below: number,
): PartitionId | undefined {
  const source = loads.partitions[loads.placeOf.get(from)!]!;
  let best: { id: PartitionId; pressure: number } | undefined;
  loads.partitions.forEach(({ id, duty, isUp, capacityDomain }, place) => {
    if (id === from || duty !== 'online' || !isUp || capacityDomain === source.capacityDomain) return;
    // Who is not known is the last to take it.
    const pressure =
      loads.peakOf(place, { added: shift, untilSec: rules.reHomeAheadSec, flows: writeFlows })?.pressure ??
      Number.MAX_VALUE;
    if (pressure <= below && (best === undefined || pressure < best.pressure)) best = { id, pressure };
  });
  return best?.id;
}

/** `part` of the weight that `from` has goes to `to`. */
function withPart(homes: readonly Home[], from: PartitionId, to: PartitionId, part: number): Home[] {
  const weights = new Map<PartitionId, number>();
  const add = (partition: PartitionId, weight: number) =>
    weights.set(partition, (weights.get(partition) ?? 0) + weight);
  for (const { partition, weight } of homes) {
    if (partition !== from) add(partition, weight);
    else {
      add(to, weight * part);
      if (part < 1) add(from, weight * (1 - part));
    }
  }
  return [...weights].map(([partition, weight]) => ({ partition, weight }));
}
