// Row `pin`: an operator wants a block to have so many echoes, whoever asks for it. Unlike the echoes themselves it is logged: a catalog that is
// rebuilt keeps it, and the echoes are made anew from it.
import { decodeRecord, encodeRecord } from './record.ts';

const format = 1;

export interface PinRow {
  /** 1 … 4: nobody pins to none. */
  readonly count: number;
}

export const encodePin = ({ count }: PinRow): Buffer => encodeRecord(format, (to) => to.count(count));

export const decodePin = (value: Buffer): PinRow =>
  decodeRecord('pin', format, value, (from) => ({ count: from.count() }));
