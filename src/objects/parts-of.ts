// The parts of a finished multipart object. Their rows never change, so where each begins is worked out once and remembered.
import { LRUCache } from 'lru-cache';
import { Fault } from '../base/fault.ts';
import type { ByteRange } from '../base/range.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys, numberAtEnd, prefixEnd } from '../catalog/keys.ts';
import { decodePart } from '../catalog/records/part.ts';
import type { ManifestId } from '../model/ids.ts';
import type { PartRow, Version } from '../model/object.ts';

const pageRows = 1000;
const rememberedPartsMax = 200_000;

/** First byte of each part by its number. */
type Starts = ReadonlyMap<number, number>;
const remembered = new LRUCache<ManifestId, Starts>({
  max: 10_000,
  maxSize: rememberedPartsMax,
  sizeCalculation: (starts) => Math.max(1, starts.size),
});

export async function listPartsOf(
  catalog: Catalog,
  manifest: ManifestId,
  query: { after?: number; limit: number },
): Promise<{ parts: PartRow[]; truncated: boolean }> {
  const from = keys.manifestPart(manifest, Math.min((query.after ?? 0) + 1, 0xffff));
  const end = prefixEnd(keys.manifestPartsOf(manifest));
  if (query.limit <= 0) return { parts: [], truncated: false };
  const rows = await catalog.range(from, end, { limit: query.limit + 1 });
  return {
    parts: rows.slice(0, query.limit).map((row) => decodePart(row.value)),
    truncated: rows.length > query.limit,
  };
}

/** The bytes of one part; an object of a single PUT is its own part 1. */
export async function findPart(
  catalog: Catalog,
  version: Version,
  partNumber: number,
): Promise<{ part?: PartRow; range: ByteRange }> {
  const { manifest, partCount } = version;
  if (manifest === undefined || partCount === undefined) {
    if (partNumber !== 1) throw new Fault({ kind: 'part-number-unsatisfiable', partNumber, partCount: 1 });
    return { range: { start: 0, end: version.size } };
  }
  const start = (await startsOf(catalog, manifest)).get(partNumber);
  const row = start === undefined ? undefined : await catalog.get(keys.manifestPart(manifest, partNumber));
  if (start === undefined || row === undefined) {
    throw new Fault({ kind: 'part-number-unsatisfiable', partNumber, partCount });
  }
  const part = decodePart(row.value);
  return { part, range: { start, end: start + part.size } };
}

async function startsOf(catalog: Catalog, manifest: ManifestId): Promise<Starts> {
  const known = remembered.get(manifest);
  if (known !== undefined) return known;
  const starts = new Map<number, number>();
  const end = prefixEnd(keys.manifestPartsOf(manifest));
  let from = keys.manifestPartsOf(manifest);
  let offset = 0;
  for (;;) {
    const rows = await catalog.range(from, end, { limit: pageRows });
    for (const row of rows) {
      const part = decodePart(row.value);
      starts.set(part.partNumber, offset);
      offset += part.size;
    }
    if (rows.length < pageRows) break;
    from = keys.manifestPart(manifest, numberAtEnd(rows.at(-1)!.key, 2) + 1);
  }
  remembered.set(manifest, starts);
  return starts;
}
