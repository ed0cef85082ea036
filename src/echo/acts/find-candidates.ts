// The blocks that a spot means: those of the current versions under its prefix, or the hottest that lie on its partition. In bounded steps, with
// pauses in which others may run.
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type { Catalog } from '../../catalog/catalog.ts';
import { keys, prefixEnd, tag, textOf } from '../../catalog/keys.ts';
import { decodeArea } from '../../catalog/records/area.ts';
import { decodeBlock } from '../../catalog/records/block.ts';
import { decodeVersion } from '../../catalog/records/version.ts';
import type { Echo } from '../../model/echo.ts';
import type { AreaId, BlockId, BucketId, PartitionId } from '../../model/ids.ts';
import { isPrefix, placeAmong } from '../../objects/key-place.ts';
import { readBucket } from '../../objects/live-bucket.ts';
import { segmentsOf } from '../../objects/manifest.ts';
import { packedBytes } from '../../objects/packed-bytes.ts';
import { createRowCursor } from '../../objects/row-cursor.ts';
import type { HeatedBlock } from '../../telemetry/telemetry.ts';
import { type Candidate, echoesMax, type Neighbour, type PlacedSpot, placeEchoes, type SpotBlocks } from '../echo.ts';

export interface Sights {
  readonly catalog: Catalog;
  /** Of each block, without those that are no more than spoken of. */
  readonly echoes: ReadonlyMap<BlockId, readonly Echo[]>;
  /** The hottest first. */
  readonly hottest: readonly HeatedBlock[];
  readonly neighbours: readonly Neighbour[];
  /** Most echoes that a block of the area may have, by what an operator says of its bucket. */
  readonly mostIn: (area: AreaId) => number;
}

/** Versions and blocks that are looked at: of one spot, and of all of them together until it is enough for now. */
export interface LookLimits {
  readonly spot: number;
  readonly all: number;
}

export const usualLimits: LookLimits = { spot: 10_000, all: 50_000 };
const stepsPerTurn = 256;
/** Of a partition that will be overloaded: the heat of a fleet is that of few blocks, and others want echoes too. */
const blocksOfHomeMax = 128;
/** What is colder the sweeper would take away again. */
const heatMin = 4;
const areasMax = 10_000;

/** Of the first of `spots`, at least of one; the others come later. */
export async function findCandidates(
  sights: Sights,
  spots: readonly PlacedSpot[],
  limits = usualLimits,
): Promise<SpotBlocks[]> {
  const heats = new Map(sights.hottest.map(({ block, heat }) => [block, heat]));
  const places = placesBy(sights.neighbours);
  const found: SpotBlocks[] = [];
  let steps = 0;
  for (const spot of spots) {
    if (steps >= limits.all && found.length > 0) break;
    const blocks: Candidate[] = [];
    for await (const id of blocksOf(sights, spot, limits.spot)) {
      if (++steps % stepsPerTurn === 0) await turnOfOthers();
      const row = id === undefined ? undefined : await sights.catalog.get(keys.block(id));
      if (id === undefined || row === undefined) continue;
      const { partition: home, length, area } = decodeBlock(row.value);
      if ('home' in spot.where && (home !== spot.where.home || blocks.length >= blocksOfHomeMax)) continue;
      const has = sights.echoes.get(id)?.length ?? 0;
      const most = Math.min(places(home), sights.mostIn(area));
      blocks.push({ block: id, bytes: packedBytes(length), heat: heats.get(id) ?? 0, has, places: most });
    }
    found.push({ spot, blocks });
  }
  return found;
}

/** Undefined: a step that led to no block. */
async function* blocksOf(
  sights: Sights,
  { where }: PlacedSpot,
  stepsMax: number,
): AsyncGenerator<BlockId | undefined, void> {
  if ('heatMin' in where) {
    for (const { block, heat } of sights.hottest) if (heat >= where.heatMin) yield block;
    return;
  }
  if ('home' in where) {
    for (const { block, heat } of sights.hottest) if (heat >= heatMin) yield block;
    return;
  }
  const bucket = (await readBucket(sights.catalog, where.bucket))?.bucket.id;
  if (bucket === undefined || !isPrefix(where.prefix)) return;
  // Those may lie behind the keys that are looked at.
  const whole = await areasInside(sights.catalog, bucket, where.prefix);
  for (const { block, area } of sights.hottest) if (whole.has(area)) yield block;
  let steps = 0;
  for await (const block of currentBlocks(sights.catalog, bucket, where.prefix)) {
    yield block;
    if (++steps >= stepsMax) return;
  }
}

async function* currentBlocks(
  catalog: Catalog,
  bucket: BucketId,
  prefix: string,
): AsyncGenerator<BlockId | undefined, void> {
  const from = placeAmong(keys.first(tag.current, bucket), prefix);
  const cursor = createRowCursor(catalog, from, prefixEnd(from));
  for (let row = await cursor.peek(); row !== undefined; row = await cursor.peek()) {
    cursor.advance();
    const version = decodeVersion(row.value);
    if (version.kind !== 'object' || version.size === 0) yield undefined;
    else {
      for await (const { blocks } of segmentsOf(catalog, version, { start: 0, end: version.size })) {
        for (const { id } of blocks) yield id;
      }
    }
  }
}

/** Areas that hold no keys but those that begin with the prefix. */
async function areasInside(catalog: Catalog, bucket: BucketId, prefix: string): Promise<Set<AreaId>> {
  const from = keys.first(tag.area, bucket);
  const rows = await catalog.range(from, prefixEnd(from), { limit: areasMax });
  const begins = rows.map(({ key }) => textOf(key, 1).startsWith(prefix));
  return new Set(
    rows.filter((_, at) => prefix === '' || (begins[at] && begins[at + 1])).map(({ value }) => decodeArea(value).id),
  );
}

/** How many partitions could hold an echo of what lies on one. */
function placesBy(neighbours: readonly Neighbour[]): (home: PartitionId) => number {
  const known = new Map<PartitionId, number>();
  return (home) => {
    const count = known.get(home) ?? placeEchoes('', home, neighbours, [], echoesMax).length;
    known.set(home, count);
    return count;
  };
}
