// Rows `delta` (what one commit added or took away; only inserted, so there are no hot rows) and `usage` (the folded totals).
import type { AreaId, BucketId, PackId } from '../../model/ids.ts';
import { decodeRecord, encodeRecord, readList, writeList } from './record.ts';

const format = 1;

export interface DeltaRow {
  readonly packs: readonly (readonly [pack: PackId, liveBytes: number])[];
  readonly areas: readonly (readonly [area: AreaId, bytes: number])[];
  readonly buckets: readonly (readonly [bucket: BucketId, objects: number, bytes: number])[];
}

export interface UsageRow {
  /** Objects and versions of a bucket; 0 for packs and areas. */
  readonly objects: number;
  readonly bytes: number;
}

export const encodeDelta = (delta: DeltaRow): Buffer =>
  encodeRecord(format, (to) => {
    writeList(to, delta.packs, ([pack, bytes]) => {
      to.id(pack);
      to.signed(bytes);
    });
    writeList(to, delta.areas, ([area, bytes]) => {
      to.text(area);
      to.signed(bytes);
    });
    writeList(to, delta.buckets, ([bucket, objects, bytes]) => {
      to.id(bucket);
      to.signed(objects);
      to.signed(bytes);
    });
  });

export const decodeDelta = (value: Buffer): DeltaRow =>
  decodeRecord('delta', format, value, (from) => ({
    packs: readList(from, () => [from.id(), from.signed()] as const),
    areas: readList(from, () => [from.text(), from.signed()] as const),
    buckets: readList(from, () => [from.id(), from.signed(), from.signed()] as const),
  }));

/** Totals may be negative for a while: the folder sees commits in its own order. */
export const encodeUsage = (usage: UsageRow): Buffer =>
  encodeRecord(format, (to) => {
    to.signed(usage.objects);
    to.signed(usage.bytes);
  });

export const decodeUsage = (value: Buffer): UsageRow =>
  decodeRecord('usage', format, value, (from) => ({ objects: from.signed(), bytes: from.signed() }));
