// Row `lineage`: an area took over part of another's keys. Its demand before that moment is that part of the other's.
import type { AreaId } from '../../model/ids.ts';
import { decodeRecord, encodeRecord, readList, writeList } from './record.ts';

const format = 1;

export interface Descent {
  readonly area: AreaId;
  readonly from: AreaId;
  /** Of what `from` was asked before. */
  readonly share: number;
}

export interface LineageRow {
  readonly atSec: number;
  /** Every area whose meaning changed at that moment; one that is not named stays what it was. */
  readonly descents: readonly Descent[];
}

export const encodeLineage = (row: LineageRow): Buffer =>
  encodeRecord(format, (to) => {
    to.count(row.atSec);
    writeList(to, row.descents, ({ area, from, share }) => {
      to.text(area);
      to.text(from);
      to.float(share);
    });
  });

export const decodeLineage = (value: Buffer): LineageRow =>
  decodeRecord('lineage', format, value, (from) => ({
    atSec: from.count(),
    descents: readList(from, () => ({ area: from.text(), from: from.text(), share: from.float() })),
  }));
