// Row `setting`: one text that all processes share, e.g. the data directory's own id.
import { decodeRecord, encodeRecord } from './record.ts';

const format = 1;

export const encodeSetting = (value: string): Buffer => encodeRecord(format, (to) => to.text(value));
export const decodeSetting = (value: Buffer): string => decodeRecord('setting', format, value, (from) => from.text());
