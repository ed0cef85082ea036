// Is a plan still good? By what each of its steps depends on: the partitions it names, the area, and what of it lies where it is to be taken from.
import type { AreaId, PartitionId } from '../model/ids.ts';
import type { SeenPartition, Step, View } from '../placement/placement.ts';

/** A plan is a plan for now. */
export const planSecMax = 600;
/** What is written meanwhile changes a holding by less than this part. */
const sameBytes = 0.25;

/** What has changed since; undefined: nothing that matters to it. */
export function staleBecause(steps: readonly Step[], before: View, now: View): string | undefined {
  const ageSec = now.nowSec - before.nowSec;
  if (ageSec > planSecMax || ageSec < -1)
    return `it is ${Math.round(ageSec / 60)} minutes old, and plans are good for ${planSecMax / 60}`;
  for (const step of steps) {
    const why = changeOf(step, before, now);
    if (why !== undefined) return why;
  }
  return undefined;
}

function changeOf(step: Step, before: View, now: View): string | undefined {
  for (const id of partitionsOf(step)) {
    const why = partitionChange(id, before, now);
    if (why !== undefined) return why;
  }
  if (step.kind === 'grow') {
    const left = now.pools.find(({ name }) => name === step.pool)?.left ?? 0;
    return left > 0 ? undefined : `pool ${step.pool} has no partition left`;
  }
  if (!('area' in step)) return undefined;
  const [was, is] = [before.areas.get(step.area), now.areas.get(step.area)];
  if (is === undefined) return `area ${step.area} is no more`;
  if (JSON.stringify(was?.homes) !== JSON.stringify(is.homes)) return `area ${step.area} has other homes now`;
  if (now.underWay.some((each) => each.kind === 'move' && each.area === step.area))
    return `area ${step.area} is moving`;
  return step.kind === 'move' ? holdingChange(step.area, step.from, before, now) : undefined;
}

export function partitionsOf(step: Step): PartitionId[] {
  switch (step.kind) {
    case 're-home':
      return step.to.map(({ partition }) => partition);
    case 'move':
      return [step.from, step.to];
    case 'split-area':
      return [step.home];
    case 'grow':
      return [];
    default:
      return [step.partition];
  }
}

function partitionChange(id: PartitionId, before: View, now: View): string | undefined {
  const find = (view: View): SeenPartition | undefined => view.partitions.find((each) => each.id === id);
  const [was, is] = [find(before), find(now)];
  if (is === undefined) return `there is no partition ${id} any more`;
  if (was?.duty !== is.duty) return `${id} is ${is.duty} now`;
  if (was.isUp !== is.isUp) return `${id} is ${is.isUp ? 'back' : 'down'}`;
  return was.capacityDomain === is.capacityDomain ? undefined : `${id} has another capacity domain`;
}

function holdingChange(area: AreaId, partition: PartitionId, before: View, now: View): string | undefined {
  const bytesIn = (view: View): number =>
    view.holdings.find((each) => each.area === area && each.partition === partition)?.bytes ?? 0;
  const [was, is] = [bytesIn(before), bytesIn(now)];
  return Math.abs(was - is) <= sameBytes * Math.max(was, is)
    ? undefined
    : `${partition} holds ${is} bytes of area ${area} now, not ${was}`;
}
