// What an area's keys were asked before they were its: areas split and merge, their past goes with their keys.
import type { LineageRow } from '../catalog/records/lineage.ts';
import type { AreaId } from '../model/ids.ts';

/** Whose demand of a past moment, and how much of it, stands for that of an area of today. */
export type Ancestry = ReadonlyMap<AreaId, number>;

export class Lineage {
  /** The newest first. */
  readonly #rows: readonly LineageRow[];

  constructor(rows: readonly LineageRow[]) {
    this.#rows = [...rows].sort((a, b) => b.atSec - a.atSec);
  }

  ancestry(area: AreaId, timeSec: number): Ancestry {
    let shares = new Map([[area, 1]]);
    for (const { atSec, descents } of this.#rows) {
      if (atSec <= timeSec) break;
      shares = before(shares, descents);
    }
    return shares;
  }

  /** Areas whose past is another since `earlier` was all that was known, and those that have gone into others. */
  changedSince(earlier: Lineage): { readonly changed: readonly AreaId[]; readonly gone: readonly AreaId[] } {
    const known = new Set(earlier.#rows.map(nameOf));
    const descents = this.#rows.filter((row) => !known.has(nameOf(row))).flatMap((row) => row.descents);
    const changed = new Set(descents.map(({ area }) => area));
    const gone = new Set(descents.map(({ from }) => from).filter((from) => !changed.has(from)));
    return { changed: [...changed], gone: [...gone] };
  }
}

const nameOf = ({ atSec, descents }: LineageRow): string => JSON.stringify([atSec, descents[0]?.area]);

function before(shares: ReadonlyMap<AreaId, number>, descents: LineageRow['descents']): Map<AreaId, number> {
  const earlier = new Map<AreaId, number>();
  const add = (area: AreaId, share: number) => earlier.set(area, (earlier.get(area) ?? 0) + share);
  for (const [area, share] of shares) {
    const from = descents.filter((descent) => descent.area === area);
    if (from.length === 0) add(area, share);
    for (const descent of from) add(descent.from, share * descent.share);
  }
  return earlier;
}
