// The commit that divides an area at a key. No byte moves: the upper part is an area of its own from then on, and what was asked of the whole
// before goes on in both.
import type { Change, Row } from '../catalog/catalog.ts';
import { idOf, keys } from '../catalog/keys.ts';
import { type AreaRow, decodeArea, encodeArea } from '../catalog/records/area.ts';
import { type Descent, encodeLineage } from '../catalog/records/lineage.ts';
import type { AreaId } from '../model/ids.ts';

export interface Division {
  /** First key of the upper part. */
  readonly key: string;
  readonly upper: AreaRow;
  /** Part of the demand that goes with the upper part. */
  readonly upperShare: number;
  readonly atSec: number;
}

/** `whole`: the area's row, which must not have changed. */
export function divideArea(whole: Row, { key, upper, upperShare, atSec }: Division): Change {
  const area = decodeArea(whole.value).id;
  const place = keys.area(idOf(whole.key), key);
  const lineage = encodeLineage({ atSec, descents: descentsOf(area, upper.id, upperShare) });
  return {
    checks: [
      [whole.key, whole.version],
      [place, 'absent'],
    ],
    writes: [
      [place, encodeArea(upper)],
      [keys.lineage(atSec, upper.id), lineage],
    ],
  };
}

const descentsOf = (whole: AreaId, upper: AreaId, upperShare: number): Descent[] => [
  { area: upper, from: whole, share: upperShare },
  { area: whole, from: whole, share: 1 - upperShare },
];
