// Rows `watermark` (no process issues a sequence below it) and `nullVersion` (where the null version lies): one sequence.
import { decodeRecord, encodeRecord } from './record.ts';

const format = 1;

export const encodeSequence = (sequence: number): Buffer => encodeRecord(format, (to) => to.u64(sequence));
export const decodeSequence = (value: Buffer): number => decodeRecord('sequence', format, value, (from) => from.u64());
