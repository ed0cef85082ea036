// Splits areas at the median key by bytes, so that a growing bucket spreads over the partitions while it grows. Old blocks
// stay where they are: a split only says where the upper half's new blocks go.
import { setImmediate as breathe } from 'node:timers/promises';
import { reached } from '../base/crash-points.ts';
import { type Random, randomId } from '../base/random.ts';
import { secondMs } from '../base/units.ts';
import type { Catalog, Row } from '../catalog/catalog.ts';
import { idOf, keys, prefixEnd, tag, textOf } from '../catalog/keys.ts';
import { type AreaRow, decodeArea } from '../catalog/records/area.ts';
import { encodeUsage } from '../catalog/records/delta.ts';
import { listViewOf } from '../catalog/records/version.ts';
import type { AreaId, BucketId, PartitionId } from '../model/ids.ts';
import { divideArea } from '../objects/divide-area.ts';
import { readUsage } from './folder.ts';
import type { Doer, UpkeepDeps } from './upkeep-deps.ts';
import { walkKind, walkPages } from './walk-rows.ts';

/** Aim: so many areas per partition in one bucket, within the bounds of an area's size. */
const areasPerPartition = 8;

interface Area extends AreaRow {
  readonly bucket: BucketId;
  readonly from: string;
  readonly row: Row;
  readonly storedBytes: number;
}

export class AreaSplitter implements Doer {
  readonly name = 'area-splitter';
  readonly everyMs = 0.5 * secondMs;
  readonly #deps: UpkeepDeps;
  readonly #catalog: Catalog;
  readonly #random: Random;
  /** Areas whose bytes lie under one key (or in running uploads), and how big they were: not worth another look yet. */
  readonly #unsplittable = new Map<AreaId, number>();

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
    this.#catalog = deps.storage.catalog;
    this.#random = deps.random;
  }

  async tick(): Promise<void> {
    const areas: Area[] = [];
    for await (const row of walkKind(this.#catalog, tag.area)) areas.push(await this.#read(row));
    if (areas.every(({ storedBytes }) => storedBytes < this.#deps.knobs.areaBytesMin)) return;
    const homed = new HomedBytes(areas);
    for (const bucket of byBucket(areas)) await this.#splitIn(bucket, homed);
  }

  async #read(row: Row): Promise<Area> {
    const area = decodeArea(row.value);
    const { bytes } = await readUsage(this.#catalog, keys.usage('area', area.id));
    return { ...area, bucket: idOf(row.key), from: textOf(row.key, 1), row, storedBytes: Math.max(0, bytes) };
  }

  /** The areas of one bucket, in key order. */
  async #splitIn(areas: readonly Area[], homed: HomedBytes): Promise<void> {
    const homes = new Set(areas.map(homeOf));
    for (const [at, area] of areas.entries()) {
      const skipped = this.#unsplittable.get(area.id);
      if (area.storedBytes < this.#limit(areas, homes) || area.storedBytes < (skipped ?? 0) * 1.25) continue;
      const home = await this.#chooseHome(homes, homed);
      if (home === undefined) return;
      const end = areas[at + 1]?.row.key ?? prefixEnd(keys.first(tag.area, area.bucket));
      const upperBytes = await this.#split(area, end, home);
      if (upperBytes === undefined) {
        this.#unsplittable.set(area.id, area.storedBytes);
        continue;
      }
      homes.add(home);
      homed.move(upperBytes, homeOf(area), home);
    }
  }

  #limit(areas: readonly Area[], homes: ReadonlySet<PartitionId | undefined>): number {
    const { areaBytesMin, areaBytesMax } = this.#deps.knobs;
    const online = [...this.#deps.partitions].filter(([, seat]) => seat.online?.() ?? true);
    if (online.some(([id]) => !homes.has(id))) return areaBytesMin;
    const bucketBytes = areas.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    const aim = bucketBytes / (areasPerPartition * online.length);
    return Math.min(areaBytesMax, Math.max(areaBytesMin, aim));
  }

  /**
   * A partition without an area of the bucket first, then the one with the least for its capacity: what it stores and what
   * its areas stand for, since an area's past is the best guess at how much will soon come in.
   */
  async #chooseHome(homes: ReadonlySet<PartitionId | undefined>, homed: HomedBytes): Promise<PartitionId | undefined> {
    let best: { id: PartitionId; has: boolean; fullness: number } | undefined;
    for (const [id, seat] of this.#deps.partitions) {
      if (seat.online?.() === false) continue;
      const { bytes } = await readUsage(this.#catalog, keys.usage('partition', id));
      const one = { id, has: homes.has(id), fullness: (bytes + homed.of(id)) / seat.capacityWeight };
      if (best === undefined || (best.has && !one.has) || (best.has === one.has && one.fullness < best.fullness)) {
        best = one;
      }
    }
    return best?.id;
  }

  /** Bytes of the upper half; undefined when there is no key to split at. */
  async #split(area: Area, areaEnd: Buffer, home: PartitionId): Promise<number | undefined> {
    const found = await this.#median(currentKeyOf(area.row.key), currentKeyOf(areaEnd));
    if (found === undefined || found.key === area.from) return undefined;
    const upper: AreaRow = { id: randomId(this.#random), homes: [{ partition: home, weight: 1 }] };
    const usageKey = keys.usage('area', area.id);
    const usage = await readUsage(this.#catalog, usageKey);
    const upperBytes = Math.round(usage.bytes * found.upperShare);
    const atSec = Math.floor(this.#deps.clock.wallMs() / 1000);
    // By bytes, since nobody knows yet which keys are asked for.
    const division = divideArea(area.row, { ...found, upper, atSec });
    const result = await this.#deps.control.commit({
      checks: division.checks,
      writes: [
        ...division.writes,
        [usageKey, encodeUsage({ objects: 0, bytes: usage.bytes - upperBytes })],
        [keys.usage('area', upper.id), encodeUsage({ objects: 0, bytes: upperBytes })],
      ],
    });
    reached('areas: split');
    return result === 'done' ? upperBytes : undefined;
  }

  /** First key of the upper half by bytes, and how much of the bytes lies in that half. */
  async #median(from: Buffer, to: Buffer): Promise<{ key: string; upperShare: number } | undefined> {
    const pages: { first: Buffer; bytes: number }[] = [];
    let total = 0;
    for await (const rows of walkPages(this.#catalog, from, to)) {
      const bytes = rows.reduce((sum, row) => sum + listViewOf(row.value).size, 0);
      pages.push({ first: rows[0]!.key, bytes });
      total += bytes;
    }
    let below = 0;
    for (const { first, bytes } of pages) {
      if (below + bytes < total / 2) {
        below += bytes;
        continue;
      }
      await breathe();
      for (const row of await this.#catalog.range(first, to, { limit: 1000 })) {
        if (below > 0 && below + listViewOf(row.value).size > total / 2)
          return { key: textOf(row.key, 1), upperShare: (total - below) / total };
        below += listViewOf(row.value).size;
      }
    }
    return undefined;
  }
}

const homeOf = (area: AreaRow): PartitionId | undefined => area.homes[0]?.partition;

/** Bytes of the areas that have a partition as their home. */
class HomedBytes {
  readonly #bytes = new Map<PartitionId | undefined, number>();

  constructor(areas: readonly Area[]) {
    for (const area of areas) this.#add(homeOf(area), area.storedBytes);
  }

  of(home: PartitionId): number {
    return this.#bytes.get(home) ?? 0;
  }

  move(bytes: number, from: PartitionId | undefined, to: PartitionId): void {
    this.#add(from, -bytes);
    this.#add(to, bytes);
  }

  #add(home: PartitionId | undefined, bytes: number): void {
    this.#bytes.set(home, (this.#bytes.get(home) ?? 0) + bytes);
  }
}

/** Area rows lie in order of bucket. */
function* byBucket(areas: readonly Area[]): Generator<Area[]> {
  for (let at = 0; at < areas.length; ) {
    const { bucket } = areas[at]!;
    let end = at;
    while (areas[end]?.bucket === bucket) end += 1;
    yield areas.slice(at, end);
    at = end;
  }
}

/** The same bucket and key (or end of the bucket) in the space of current versions. */
function currentKeyOf(areaKey: Buffer): Buffer {
  const key = Buffer.from(areaKey);
  key[0] = tag.current;
  return key;
}
