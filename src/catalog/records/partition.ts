// Row `partition`: one that was made while the server ran, or whose duty was changed then. No keys to its backend stand here: those are its
// pool's, in the configuration.
import { atPlace, decodeRecord, encodeRecord, placeOf, readOptional, writeOptional } from './record.ts';

const format = 1;
/** `coming`: being made, nobody uses it; `retired`: holds nothing; `going`: being removed, nobody uses it any more. */
const duties = ['coming', 'online', 'draining', 'retired', 'going'] as const;

const places = ['directory', 'bucket'] as const;

export interface PartitionRow {
  readonly duty: (typeof duties)[number];
  /** By the wall clock. */
  readonly sinceMs: number;
  /** An operator's word, not a plan's. */
  readonly byOperator?: true;
  /** Absent: it stands in the configuration. */
  readonly made?: MadePartition;
}

export interface MadePartition {
  readonly pool: string;
  /** In its pool, from 1. */
  readonly number: number;
  readonly place: { readonly directory: string } | { readonly bucket: string };
  readonly capacityDomain: string;
  readonly failureDomain: string;
}

/** Beside the duty in its byte. */
const operatorBit = 0x10;

export const encodePartition = ({ duty, sinceMs, byOperator, made }: PartitionRow): Buffer =>
  encodeRecord(format, (to) => {
    to.byte(placeOf(duties, duty) + (byOperator ? operatorBit : 0));
    to.count(sinceMs);
    writeOptional(to, made, ({ pool, number, place, capacityDomain, failureDomain }) => {
      to.text(pool);
      to.count(number);
      to.byte(placeOf(places, 'directory' in place ? 'directory' : 'bucket'));
      to.text('directory' in place ? place.directory : place.bucket);
      to.text(capacityDomain);
      to.text(failureDomain);
    });
  });

export const decodePartition = (value: Buffer): PartitionRow =>
  decodeRecord('partition', format, value, (from) => {
    const first = from.byte();
    const duty = atPlace(duties, first & ~operatorBit);
    const byOperator = (first & operatorBit) !== 0;
    const sinceMs = from.count();
    const made = readOptional(from, (): MadePartition => {
      const pool = from.text();
      const number = from.count();
      const kind = atPlace(places, from.byte());
      const name = from.text();
      const place = kind === 'bucket' ? { bucket: name } : { directory: name };
      return { pool, number, place, capacityDomain: from.text(), failureDomain: from.text() };
    });
    return { duty, sinceMs, ...(byOperator && { byOperator }), ...(made === undefined ? undefined : { made }) };
  });
