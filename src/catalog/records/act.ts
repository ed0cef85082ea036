// Row `act`: something that is being done with an area and is not over, so that whoever leads next goes on with it. Its key says which area, and
// which partition it is moved from.
import type { AreaId, PartitionId } from '../../model/ids.ts';
import { atPlace, decodeRecord, encodeRecord, placeOf } from './record.ts';

const format = 1;
const kinds = ['move', 'division'] as const;

/** Blocks on their way to another partition. */
export interface MoveRow {
  readonly kind: 'move';
  readonly to: PartitionId;
  /** Wanted to be moved, and moved so far: changed in the same commit as the places of blocks. */
  readonly bytes: number;
  readonly bytesMoved: number;
  /** Part of the area's reads that changes hands. */
  readonly readShare: number;
  readonly isWhole: boolean;
  readonly startedSec: number;
  readonly because: string;
}

/** An area that was divided, whose blocks still count to its lower part. */
export interface DivisionRow {
  readonly kind: 'division';
  readonly upper: AreaId;
  readonly startedSec: number;
}

export type ActRow = MoveRow | DivisionRow;

export const encodeAct = (act: ActRow): Buffer =>
  encodeRecord(format, (to) => {
    to.byte(placeOf(kinds, act.kind));
    to.count(act.startedSec);
    if (act.kind === 'division') {
      to.text(act.upper);
      return;
    }
    to.text(act.to);
    to.count(act.bytes);
    to.count(act.bytesMoved);
    to.float(act.readShare);
    to.byte(act.isWhole ? 1 : 0);
    to.text(act.because);
  });

export const decodeAct = (value: Buffer): ActRow =>
  decodeRecord('act', format, value, (from): ActRow => {
    const kind = atPlace(kinds, from.byte());
    const startedSec = from.count();
    if (kind === 'division') return { kind, upper: from.text(), startedSec };
    const to = from.text();
    const [bytes, bytesMoved] = [from.count(), from.count()];
    return {
      kind,
      to,
      bytes,
      bytesMoved,
      readShare: from.float(),
      isWhole: from.byte() === 1,
      startedSec,
      because: from.text(),
    };
  });
