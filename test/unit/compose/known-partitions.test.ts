// No start without the partitions that hold data.
import { describe, expect, it } from 'vitest';
import type { Catalog, Row } from '../../../src/catalog/catalog.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { encodeUsage } from '../../../src/catalog/records/delta.ts';
import { assertPartitionsKnown } from '../../../src/compose/known-partitions.ts';
import type { PartitionConfig } from '../../../src/config/config.ts';

const rows = (used: Readonly<Record<string, number>>): Catalog => {
  const all = Object.entries(used).map(
    ([id, bytes]): Row => ({ key: keys.usage('partition', id), value: encodeUsage({ objects: 0, bytes }), version: 1 }),
  );
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
});
