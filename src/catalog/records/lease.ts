// Row `lease`: who leads, and the increasing epoch that every control write checks.
import { decodeRecord, encodeRecord } from './record.ts';

const format = 1;

export interface LeaseRow {
  readonly holder: string;
  readonly epoch: number;
  readonly expiresMs: number;
}

export const encodeLease = (lease: LeaseRow): Buffer =>
  encodeRecord(format, (to) => {
    to.text(lease.holder);
    to.count(lease.epoch);
    to.count(lease.expiresMs);
  });

export const decodeLease = (value: Buffer): LeaseRow =>
  decodeRecord('lease', format, value, (from) => ({
    holder: from.text(),
    epoch: from.count(),
    expiresMs: from.count(),
  }));
