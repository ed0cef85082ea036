// When all of an area has left a partition, its new blocks do not go there any more either.
import { reached } from '../../base/crash-points.ts';
import type { Change } from '../../catalog/catalog.ts';
import { type AreaHome, encodeArea } from '../../catalog/records/area.ts';
import type { PartitionId } from '../../model/ids.ts';
import type { AreaRows } from './area-rows.ts';
import type { MoveJournal } from './move-journal.ts';

interface FollowDeps {
  readonly areas: AreaRows;
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
}

/** Homes that named the source name the target, with what weight the two have together. */
export async function followHomes(deps: FollowDeps, { name, row: { to } }: MoveJournal): Promise<void> {
  for (;;) {
    const found = await deps.areas.find(name.area);
    if (found === undefined) return; // its bucket is gone
    const { row, area } = found;
    if (!area.homes.some(({ partition }) => partition === name.from)) return;
    const value = encodeArea({ ...area, homes: renamed(area.homes, name.from, to) });
    const isDone = (await deps.commit({ checks: [[row.key, row.version]], writes: [[row.key, value]] })) === 'done';
    reached('move: homes follow');
    if (isDone) return;
  }
}

function renamed(homes: readonly AreaHome[], from: PartitionId, to: PartitionId): AreaHome[] {
  const weights = new Map<PartitionId, number>();
  for (const { partition, weight } of homes) {
    const name = partition === from ? to : partition;
    weights.set(name, (weights.get(name) ?? 0) + weight);
  }
  return [...weights].map(([partition, weight]) => ({ partition, weight }));
}
