// Rows `partition` and `pool`: what the pilot knows of a place for blocks; the credentials are only named, never stored.
import { atPlace, decodeRecord, encodeRecord, placeOf, readOptional, writeOptional } from './record.ts';

const format = 1;
const duties = ['online', 'draining', 'offline', 'retired'] as const;

export interface PartitionRow {
  readonly duty: (typeof duties)[number];
  /** Where it lies: a directory, or an endpoint and a bucket. */
  readonly address: string;
  /** Absent where the backend does not say. */
  readonly capacityBytes?: number;
  readonly capacityDomain?: string;
  readonly failureDomain?: string;
  /** Name of the credentials in the configuration. */
  readonly credentials?: string;
}

export interface PoolRow {
  readonly endpoint: string;
  /** How new partitions are named: `part-{n}`. */
  readonly template: string;
  readonly credentials?: string;
}

export const encodePartition = (partition: PartitionRow): Buffer =>
  encodeRecord(format, (to) => {
    to.byte(placeOf(duties, partition.duty));
    to.text(partition.address);
    writeOptional(to, partition.capacityBytes, (bytes) => to.count(bytes));
    for (const name of partitionTexts) writeOptional(to, partition[name], (value) => to.text(value));
  });

const partitionTexts = ['capacityDomain', 'failureDomain', 'credentials'] as const;

export const decodePartition = (value: Buffer): PartitionRow =>
  decodeRecord('partition', format, value, (from) => {
    const duty = atPlace(duties, from.byte());
    const address = from.text();
    const capacityBytes = readOptional(from, () => from.count());
    const texts: { [Name in (typeof partitionTexts)[number]]?: string } = {};
    for (const name of partitionTexts) {
      const text = readOptional(from, () => from.text());
      if (text !== undefined) texts[name] = text;
    }
    return { duty, address, ...(capacityBytes === undefined ? undefined : { capacityBytes }), ...texts };
  });

export const encodePool = (pool: PoolRow): Buffer =>
  encodeRecord(format, (to) => {
    to.text(pool.endpoint);
    to.text(pool.template);
    writeOptional(to, pool.credentials, (name) => to.text(name));
  });

export const decodePool = (value: Buffer): PoolRow =>
  decodeRecord('pool', format, value, (from) => {
    const endpoint = from.text();
    const template = from.text();
    const credentials = readOptional(from, () => from.text());
    return { endpoint, template, ...(credentials === undefined ? undefined : { credentials }) };
  });
