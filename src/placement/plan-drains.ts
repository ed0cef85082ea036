// A partition that drains hands over all that it holds, area by area, to whoever will be least loaded with it. No price, and no rest for areas that
// moved or got another home of late: it has to be empty.
import { findLeastLoadedPartition } from './find-least-loaded-partition.ts';
import type { Move, Refusal } from './plan.ts';
import type { Moving } from './plan-moves.ts';

export function planDrains({
  view,
  loads,
  rules,
  holdings,
  chosen,
  resting,
}: Omit<Moving, 'basis' | 'settling' | 'eased'>): {
  moves: Move[];
  refusals: Refusal[];
} {
  const moves: Move[] = [];
  const refusals: Refusal[] = [];
  // It was let go because the others have room for this.
  const filling = { ...rules, targetMax: Math.max(rules.targetMax, rules.elastic.leave.foreseen) };
  const all = [...view.underWay.filter((each) => each.kind === 'move'), ...chosen];
  const moving = new Set(all.map(({ area }) => area));
  for (const { id } of view.partitions.filter(({ duty }) => duty === 'draining')) {
    let out = all.filter(({ from }) => from === id).length;
    const from = loads.placeOf.get(id)!;
    for (const { area, bytes, readShare } of [...(holdings.get(id) ?? [])].sort((a, b) => b.bytes - a.bytes)) {
      if (out >= rules.movesOutMax) break;
      if (moving.has(area)) continue;
      const shift = loads.shiftOf(area, readShare, 0);
      const to = findLeastLoadedPartition({
        ...{ loads, rules: filling, from, shift, bytes },
        below: filling.targetMax,
      });
      if (to === undefined) {
        refusals.push({ partition: id, area, why: 'no other partition can take what it holds of this area' });
        continue;
      }
      loads.move(shift, from, to.place);
      const because = { text: `${id} is draining` };
      moves.push({
        kind: 'move',
        area,
        from: id,
        to: to.partition,
        bytes: Math.max(1, Math.round(bytes)),
        readShare,
        isWhole: true,
        startInSec: 0,
        because,
      });
      moving.add(area);
      resting.add(area);
      out++;
    }
  }
  return { moves, refusals };
}
