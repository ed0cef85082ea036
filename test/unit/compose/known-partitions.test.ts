// No start without the partitions that hold data.
import { describe, expect, it } from 'vitest';
import type { Catalog, Row } from '../../../src/catalog/catalog.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { encodeUsage } from '../../../src/catalog/records/delta.ts';
import { encodePartition } from '../../../src/catalog/records/partition.ts';
import { assertPartitionsKnown } from '../../../src/compose/known-partitions.ts';
import type { PartitionConfig } from '../../../src/config/config.ts';

const rows = (used: Readonly<Record<string, number>>, more: readonly Row[] = []): Catalog => {
  const usage = Object.entries(used).map(
    ([id, bytes]): Row => ({ key: keys.usage('partition', id), value: encodeUsage({ objects: 0, bytes }), version: 1 }),
  );
  const all = [...usage, ...more];
  const within = (from: Buffer, to: Buffer) => all.filter(({ key }) => key.compare(from) >= 0 && key.compare(to) < 0);
  return { get: () => undefined, range: within, commit: async () => 'done', close: async () => {} };
};

const known = (...ids: string[]) => ({
  partitions: ids.map((id): PartitionConfig => ({ id, capacityDomain: 'd', failureDomain: 'd', duty: 'online' })),
  pools: [],
});

describe('assertPartitionsKnown', () => {
  it('is content when all that hold data are configured', async () => {
    await assertPartitionsKnown(rows({}), known('p1'));
    await assertPartitionsKnown(rows({ p1: 5, p2: 7, gone: 0 }), known('p2', 'p1', 'new'));
  });

  it('names each that is missing, and how much it holds', async () => {
    await expect(assertPartitionsKnown(rows({ p1: 5, p10: 7, p2: 9 }), known('p1'))).rejects.toThrow(
      /hold data: p10 \(7 bytes\), p2 \(9 bytes\)/,
    );
  });

  it('knows what a pool has made, while the file names that pool', async () => {
    const made = { pool: 'cloud', number: 1, place: { bucket: 'b' }, capacityDomain: 'd', failureDomain: 'd' };
    const value = encodePartition({ duty: 'online', sinceMs: 1, made });
    const all = rows({ 'cloud-1': 9 }, [{ key: keys.partition('cloud-1'), value, version: 1 }]);
    await expect(assertPartitionsKnown(all, known('p1'))).rejects.toThrow(/cloud-1 of pool cloud \(9 bytes\)/);
    const s3 = { endpoint: 'http://h', bucket: 'b-{n}', region: 'r', pathStyle: true, createBucket: true };
    const credentials = { accessKey: 'A', secretKey: 'S' };
    const domains = { capacityDomain: 'd', failureDomain: 'd' };
    const pools = [{ name: 'cloud', max: 1, s3: { ...s3, credentials }, ...domains }];
    await assertPartitionsKnown(all, { ...known('p1'), pools });
  });
});
