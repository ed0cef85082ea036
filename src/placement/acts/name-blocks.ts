// After an area was divided: the blocks of the upper part's keys become blocks of the upper area, so that what is asked of them counts to it, and a
// move of it finds them. They stay where they are. It may die anywhere: what has its new name keeps it, and the rest is found again.
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { reached } from '../../base/crash-points.ts';
import type { Catalog, Change, Check, Row, Write } from '../../catalog/catalog.ts';
import { after, keys, prefixEnd, type Tag, tag } from '../../catalog/keys.ts';
import { decodeBlock, encodeBlock } from '../../catalog/records/block.ts';
import { encodeDelta } from '../../catalog/records/delta.ts';
import { decodePack, encodePack } from '../../catalog/records/pack.ts';
import { decodeVersion } from '../../catalog/records/version.ts';
import type { AreaId, BlockId, PackId } from '../../model/ids.ts';
import { segmentsOf } from '../../objects/manifest.ts';
import type { AreaRows, FoundArea } from './area-rows.ts';

export interface NamingDeps {
  readonly catalog: Catalog;
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
  readonly deltaKey: () => Buffer;
  readonly areas: AreaRows;
}

const pageRows = 500;
const blocksPerCommit = 250;
/** Of a block that others keep changing. */
const triesMax = 5;

export async function nameBlocks(deps: NamingDeps, lower: AreaId, upper: AreaId, signal: AbortSignal): Promise<void> {
  const area = await deps.areas.find(upper);
  if (area === undefined) return; // its bucket is gone
  let blocks: BlockId[] = [];
  for (const kind of [tag.current, tag.version] as const) {
    for await (const id of blocksOf(deps.catalog, kind, area)) {
      blocks.push(id);
      if (blocks.length < blocksPerCommit) continue;
      signal.throwIfAborted();
      await rename(deps, blocks, lower, upper);
      blocks = [];
    }
  }
  await rename(deps, blocks, lower, upper);
}

async function* blocksOf(
  catalog: Catalog,
  kind: typeof tag.current | typeof tag.version,
  area: FoundArea,
): AsyncGenerator<BlockId, void> {
  const [from, to] = rangeOf(kind, area);
  for (let start = from; ; await turnOfOthers()) {
    const rows: Row[] = await catalog.range(start, to, { limit: pageRows });
    for (const { value } of rows) {
      const version = decodeVersion(value);
      if (version.kind !== 'object' || version.size === 0) continue;
      for await (const { blocks } of segmentsOf(catalog, version, { start: 0, end: version.size }))
        for (const { id } of blocks) yield id;
    }
    if (rows.length < pageRows) return;
    start = after(rows.at(-1)!.key);
  }
}

/** One that changed meanwhile is looked at again, alone. */
async function rename(deps: NamingDeps, ids: readonly BlockId[], lower: AreaId, upper: AreaId): Promise<void> {
  const isDone = async (some: readonly BlockId[]): Promise<boolean> => {
    const change = await renaming(deps, some, lower, upper);
    if (change === undefined) return true;
    const result = await deps.commit(change);
    reached('division: some blocks named');
    return result === 'done';
  };
  if (await isDone(ids)) return;
  for (const id of ids) for (let tries = 0; tries < triesMax && !(await isDone([id])); tries++);
}

async function renaming(
  { catalog, deltaKey }: NamingDeps,
  ids: readonly BlockId[],
  lower: AreaId,
  upper: AreaId,
): Promise<Change | undefined> {
  const checks: Check[] = [];
  const writes: Write[] = [];
  const packs = new Set<PackId>();
  let bytes = 0;
  for (const id of new Set(ids)) {
    const row = await catalog.get(keys.block(id));
    const block = row && decodeBlock(row.value);
    if (row === undefined || block?.area !== lower) continue;
    checks.push([row.key, row.version]);
    writes.push([row.key, encodeBlock({ ...block, area: upper })]);
    bytes += block.length;
    packs.add(block.pack);
  }
  if (writes.length === 0) return undefined;
  for (const id of packs) {
    const row = await catalog.get(keys.pack(id));
    const pack = row && decodePack(row.value);
    if (row === undefined || pack?.areaPure !== lower) continue;
    const { areaPure: _, ...mixed } = pack; // of two areas now
    checks.push([row.key, row.version]);
    writes.push([row.key, encodePack(mixed)]);
  }
  const areas = [[lower, -bytes] as const, [upper, bytes] as const];
  return { checks, writes: [...writes, [deltaKey(), encodeDelta({ packs: [], areas, buckets: [] })]] };
}

function rangeOf(kind: Tag, { bucket, from, to }: FoundArea): readonly [from: Buffer, to: Buffer] {
  const at = (key: string): Buffer => Buffer.concat([keys.first(kind, bucket), Buffer.from(key, 'utf8')]);
  return [at(from), to === undefined ? prefixEnd(keys.first(kind, bucket)) : at(to)];
}
