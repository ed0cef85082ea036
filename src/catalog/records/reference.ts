// Row `reference`: how many versions share a manifest. Exists only where bytes are shared.
import { decodeRecord, encodeRecord } from './record.ts';

const format = 1;

export const encodeReference = (sharers: number): Buffer => encodeRecord(format, (to) => to.count(sharers));
export const decodeReference = (value: Buffer): number =>
  decodeRecord('reference', format, value, (from) => from.count());
