// Row `area`: a contiguous key range of one bucket (it starts at the row's key) and where its new blocks go.
import type { AreaId, PartitionId } from '../../model/ids.ts';
import { decodeRecord, encodeRecord, readList, readOptional, writeList, writeOptional } from './record.ts';

const format = 1;

export interface AreaHome {
  readonly partition: PartitionId;
  readonly weight: number;
}

export interface AreaRow {
  readonly id: AreaId;
  /** Each gets its share of the new blocks by weight; where one does not take them, the others do. */
  readonly homes: readonly AreaHome[];
  /** Stored bytes when the row was last written; what came since stands in deltas and usage. */
  readonly bytes?: number;
}

export const encodeArea = (area: AreaRow): Buffer =>
  encodeRecord(format, (to) => {
    to.text(area.id);
    writeList(to, area.homes, (home) => {
      to.text(home.partition);
      to.float(home.weight);
    });
    writeOptional(to, area.bytes, (bytes) => to.count(bytes));
  });

export const decodeArea = (value: Buffer): AreaRow =>
  decodeRecord('area', format, value, (from) => {
    const id = from.text();
    const homes = readList(from, () => ({ partition: from.text(), weight: from.float() }));
    const bytes = readOptional(from, () => from.count());
    return { id, homes, ...(bytes === undefined ? undefined : { bytes }) };
  });
