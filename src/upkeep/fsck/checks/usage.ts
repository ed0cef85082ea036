// I7: what is counted, with what waits to be folded, equals a recount. A split shares an area's bytes out by a guess, so areas are
// judged together, bucket by bucket.
import type { Catalog } from '../../../catalog/catalog.ts';
import { idOf, keys, prefixEnd, tag } from '../../../catalog/keys.ts';
import { decodeArea } from '../../../catalog/records/area.ts';
import { decodeDelta, decodeUsage } from '../../../catalog/records/delta.ts';
import type { AreaId, BucketId, PackId } from '../../../model/ids.ts';
import { type Recount, recount, writeUsage } from '../../recount.ts';
import { walkKind, walkPages } from '../../walk-rows.ts';
import type { Check } from '../check.ts';
import type { Ground } from '../ground.ts';

export const usageCheck: Check = {
  name: 'usage',
  promise: 'counted bytes equal a recount',
  async run(ground, findings) {
    const packs = await ground.packs();
    const found = await recount(ground.catalog, packs);
    const counted = await readCounts(ground);
    // What names them stands elsewhere, or died: the sweeper's work.
    for (const [pack, { holds, partition }] of packs) {
      const bytes = counted.packs.get(pack) ?? 0;
      if (holds !== 'echo' || found.packs.has(pack) || bytes === 0) continue;
      found.packs.set(pack, bytes);
      found.partitions.set(partition, (found.partitions.get(partition) ?? 0) + bytes);
    }
    const areaBuckets = await bucketsOfAreas(ground.catalog);
    // One mend for all: what was counted wrongly is counted anew as a whole.
    const mend = () => writeUsage(ground.catalog, found);
    const compare = (kind: string, were: ReadonlyMap<string, number>, are: ReadonlyMap<string, number>): void => {
      for (const name of new Set([...were.keys(), ...are.keys()])) {
        findings.look();
        const [says, is] = [were.get(name) ?? 0, are.get(name) ?? 0];
        if (says !== is)
          findings.break(`${kind} ${name}: ${says} bytes counted, ${is} there`, findings.broken > 0 ? undefined : mend);
      }
    };
    compare('pack', counted.packs, found.packs);
    compare('partition', counted.partitions, found.partitions);
    compare('bucket', byBucket(counted.areas, areaBuckets), byBucket(found.areas, areaBuckets));
  },
};

/** Folded totals and what is not folded yet, added up. */
async function readCounts(ground: Ground): Promise<Recount> {
  const { catalog } = ground;
  const packRows = await ground.packs();
  const counts = {
    pack: new Map<string, number>(),
    partition: new Map<string, number>(),
    area: new Map<string, number>(),
  };
  const add = (kind: keyof typeof counts, name: string, bytes: number) =>
    void counts[kind].set(name, (counts[kind].get(name) ?? 0) + bytes);
  for (const kind of ['pack', 'partition', 'area'] as const) {
    const prefix = keys.usage(kind, '');
    for await (const rows of walkPages(catalog, prefix, prefixEnd(prefix))) {
      for (const { key, value } of rows) add(kind, key.toString('utf8', prefix.length), decodeUsage(value).bytes);
    }
  }
  for await (const { value } of walkKind(catalog, tag.delta)) {
    const delta = decodeDelta(value);
    for (const [area, bytes] of delta.areas) add('area', area, bytes);
    for (const [pack, bytes] of delta.packs) {
      add('pack', pack, bytes);
      const partition = packRows.get(pack as PackId)?.partition;
      if (partition !== undefined) add('partition', partition, bytes);
    }
  }
  return { packs: counts.pack, partitions: counts.partition, areas: counts.area };
}

async function bucketsOfAreas(catalog: Catalog): Promise<Map<AreaId, BucketId>> {
  const buckets = new Map<AreaId, BucketId>();
  for await (const { key, value } of walkKind(catalog, tag.area)) buckets.set(decodeArea(value).id, idOf(key));
  return buckets;
}

/** Areas that have no row are of a bucket that is gone: what is left of them is being collected. */
function byBucket(areas: ReadonlyMap<AreaId, number>, buckets: ReadonlyMap<AreaId, BucketId>): Map<BucketId, number> {
  const sums = new Map<BucketId, number>();
  for (const [area, bytes] of areas) {
    const bucket = buckets.get(area);
    if (bucket !== undefined) sums.set(bucket, (sums.get(bucket) ?? 0) + bytes);
  }
  return sums;
}
