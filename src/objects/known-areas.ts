// The areas of the buckets that are written to, so that not every write reads them. What stands here may be a moment old:
// nothing depends on it but where new bytes go, and a block row names the area that it was counted to.
import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/clock.ts';
import type { Catalog, Row } from '../catalog/catalog.ts';
import { keys, prefixEnd, tag } from '../catalog/keys.ts';
import { type AreaRow, decodeArea } from '../catalog/records/area.ts';
import type { BucketId, PartitionId } from '../model/ids.ts';
import { areaOf } from './areas.ts';

const believedMs = 20;
const bucketsMax = 1000;
/** A bucket with more areas is looked up key by key. */
const areasMax = 64;

interface Known {
  readonly untilMs: number;
  /** In key order; the first one begins before every key. */
  readonly areas: readonly { readonly from: Buffer; readonly area: AreaRow }[];
}

export class KnownAreas {
  readonly #catalog: Catalog;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #known = new LRUCache<BucketId, Known>({ max: bucketsMax });

  constructor(catalog: Catalog, clock: Pick<Clock, 'monotonicMs'>) {
    this.#catalog = catalog;
    this.#clock = clock;
  }

  /** The area that `key` lies in; the first one of a bucket is made here. */
  async of(bucket: BucketId, key: string, chooseHome: () => PartitionId): Promise<AreaRow> {
    const nowMs = this.#clock.monotonicMs();
    let known = this.#known.get(bucket);
    if (known === undefined || known.untilMs <= nowMs) {
      const rows = await this.#rowsOf(bucket);
      if (rows.length === 0 || rows.length > areasMax) return await areaOf(this.#catalog, bucket, key, chooseHome);
      const areas = rows.map((row) => ({ from: row.key, area: decodeArea(row.value) }));
      known = { untilMs: nowMs + believedMs, areas };
      this.#known.set(bucket, known);
    }
    if (known.areas.length === 1) return known.areas[0]!.area;
    const place = keys.area(bucket, key);
    return known.areas.findLast(({ from }) => Buffer.compare(from, place) <= 0)!.area;
  }

  async #rowsOf(bucket: BucketId): Promise<readonly Row[]> {
    const from = keys.first(tag.area, bucket);
    return await this.#catalog.range(from, prefixEnd(from), { limit: areasMax + 1 });
  }
}
