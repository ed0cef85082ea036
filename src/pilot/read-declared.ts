// What is declared, from the configuration and from the rows made at run time, and the areas of today that it concerns.
import type { Catalog } from '../catalog/catalog.ts';
import { idOf, keys, prefixEnd, tag, textOf } from '../catalog/keys.ts';
import { decodeArea } from '../catalog/records/area.ts';
import { decodeBucket } from '../catalog/records/bucket.ts';
import { decodeDeclared } from '../catalog/records/declared.ts';
import { type AreaRange, expandDeclared, type FleetDeclared } from '../forecast/forecast.ts';
import { type Metadata, metadataLimits } from '../model/metadata.ts';
import { walkKind } from '../upkeep/upkeep.ts';

/** Both together. A name that stands in the configuration means what stands there. */
export async function readMetadata(catalog: Catalog, configured: Metadata): Promise<Metadata> {
  const { jobs, hints, calendars } = await declaredRows(catalog);
  return {
    jobs: merged(configured.jobs, jobs),
    hints: merged(configured.hints, hints),
    calendars: merged(configured.calendars, calendars),
  };
}

/** What was declared at run time. */
export async function declaredRows(catalog: Catalog): Promise<Metadata> {
  const found: { [Kind in keyof Metadata]: Metadata[Kind][number][] } = { jobs: [], hints: [], calendars: [] };
  const from = keys.first(tag.declared);
  const rowsMax = metadataLimits.rowsMax * Object.keys(found).length;
  for (const { value } of await catalog.range(from, prefixEnd(from), { limit: rowsMax })) {
    const row = decodeDeclared(value);
    if (row.kind === 'jobs') found.jobs.push(row.value);
    else if (row.kind === 'hints') found.hints.push(row.value);
    else found.calendars.push(row.value);
  }
  return found;
}

const merged = <T extends { readonly name: string }>(configured: readonly T[], rows: readonly T[]): readonly T[] => {
  const names = new Set(configured.map(({ name }) => name));
  return [...configured, ...rows.filter(({ name }) => !names.has(name))];
};

/** For the forecaster: what is not over at `fromSec` and begins before `toSec`. Undefined: nothing is declared. */
export async function readFleetDeclared(
  catalog: Catalog,
  configured: Metadata,
  span: { readonly fromSec: number; readonly toSec: number },
): Promise<FleetDeclared | undefined> {
  const metadata = await readMetadata(catalog, configured);
  if (Object.values(metadata).every((list) => list.length === 0)) return undefined;
  return expandDeclared(metadata, { areas: await areaRanges(catalog), ...span });
}

/** Of all buckets, in order of bucket and key. */
export async function areaRanges(catalog: Catalog): Promise<AreaRange[]> {
  const names = new Map<string, string>();
  for await (const { key, value } of walkKind(catalog, tag.bucket)) names.set(decodeBucket(value).id, textOf(key, 0));
  const ranges: (AreaRange & { readonly id: string })[] = [];
  for await (const { key, value } of walkKind(catalog, tag.area)) {
    const id = idOf(key);
    const from = textOf(key, 1);
    const before = ranges.at(-1);
    if (before?.id === id) ranges[ranges.length - 1] = { ...before, to: from };
    // Of a bucket that is being removed nothing is declared any more.
    ranges.push({ id, area: decodeArea(value).id, bucket: names.get(id) ?? '', from, to: undefined });
  }
  return ranges.filter(({ bucket }) => bucket !== '');
}
