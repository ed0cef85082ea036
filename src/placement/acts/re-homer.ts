// Says where an area's new blocks go from now on. Nothing is moved; whoever writes takes it in within a moment.
import { reached } from '../../base/crash-points.ts';
import type { Change } from '../../catalog/catalog.ts';
import { encodeArea } from '../../catalog/records/area.ts';
import type { PartitionId } from '../../model/ids.ts';
import type { SeatMap } from '../../objects/seats.ts';
import type { Home, ReHome } from '../placement.ts';
import type { AreaRows } from './area-rows.ts';
import { done, type Outcome, refused } from './outcome.ts';

export interface ReHomerDeps {
  readonly areas: AreaRows;
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
  readonly partitions: SeatMap;
}

/** A row that others keep changing is left to the next plan. */
const triesMax = 5;

export async function reHome(deps: ReHomerDeps, { area: id, from, to }: Omit<ReHome, 'because'>): Promise<Outcome> {
  const wrong = wrongWith(to, deps.partitions);
  if (wrong !== undefined) return refused(wrong);
  for (let tries = 0; tries < triesMax; tries++) {
    const found = await deps.areas.find(id);
    if (found === undefined) return refused(`there is no area ${id}`);
    const { area, row } = found;
    if (areSame(area.homes, to)) return done(`the homes of ${id} were ${shown(to)} already`);
    if (!areSame(area.homes, from))
      return refused(`the homes of ${id} are ${shown(area.homes)}, not ${shown(from)}: the plan is stale`);
    const change = {
      checks: [[row.key, row.version]],
      writes: [[row.key, encodeArea({ ...area, homes: to })]],
    } as const;
    if ((await deps.commit(change)) !== 'done') continue;
    reached('re-homing: homes changed, not told');
    return done(`new blocks of ${id} go to ${shown(to)}`);
  }
  return refused(`the row of ${id} changes all the time`);
}

function wrongWith(homes: readonly Home[], partitions: SeatMap): string | undefined {
  if (homes.length === 0) return 'an area needs a home';
  const seen = new Set<PartitionId>();
  for (const { partition, weight } of homes) {
    if (!(weight > 0 && Number.isFinite(weight))) return `${weight} is no weight for a home: it is above 0`;
    if (seen.has(partition)) return `${partition} is named twice`;
    seen.add(partition);
    const seat = partitions.get(partition);
    if (seat === undefined) return `there is no partition ${partition}`;
    if (seat.online?.() === false) return `${partition} takes no new blocks`;
  }
  return undefined;
}

/** In any order, and by the shares that the weights come to. */
function areSame(some: readonly Home[], others: readonly Home[]): boolean {
  const [own, wanted] = [sharesOf(some), sharesOf(others)];
  return own.size === wanted.size && [...own].every(([id, share]) => Math.abs(share - (wanted.get(id) ?? -1)) < 1e-6);
}

function sharesOf(homes: readonly Home[]): Map<PartitionId, number> {
  const total = homes.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(homes.map(({ partition, weight }) => [partition, weight / total]));
}

const shown = (homes: readonly Home[]): string =>
  [...sharesOf(homes)].map(([id, share]) => (share === 1 ? id : `${id} (${Math.round(share * 100)} %)`)).join(', ');
