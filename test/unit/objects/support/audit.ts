// Compares what is stored with what is referenced: every block row must be named by a living version or part, or by one DROPPED
// row, never by both and never by none; shared manifests must count their holders.
import type { Catalog, Row } from '../../../../src/catalog/catalog.ts';
import { idOf, keys, prefixEnd, tag, textOf } from '../../../../src/catalog/keys.ts';
import { decodeDropped } from '../../../../src/catalog/records/dropped.ts';
import { decodeManifestChunk } from '../../../../src/catalog/records/manifest.ts';
import { decodePart } from '../../../../src/catalog/records/part.ts';
import { decodeReference } from '../../../../src/catalog/records/reference.ts';
import { decodeSequence } from '../../../../src/catalog/records/sequence.ts';
import { decodeVersion } from '../../../../src/catalog/records/version.ts';
import type { Held } from '../../../../src/objects/drop.ts';

export interface Audit {
  readonly blocks: number;
  readonly live: number;
  readonly dropped: number;
  /** What does not fit; empty when all is well. */
  readonly faults: readonly string[];
}

export async function audit(catalog: Catalog): Promise<Audit> {
  const faults: string[] = [];
  const live = new Set<string>();
  const dropped = new Set<string>();
  const holders = new Map<string, number>();

  for (const kind of [tag.current, tag.version] as const) {
    for (const row of await rowsOf(catalog, kind)) {
      const version = decodeVersion(row.value);
      if (version.manifest !== undefined) holders.set(version.manifest, (holders.get(version.manifest) ?? 0) + 1);
      for (const block of await blocksOf(catalog, version)) live.add(block);
    }
  }
  const uploads = new Set(
    (await rowsOf(catalog, tag.upload)).map((row) => row.key.toString('hex', row.key.length - 16)),
  );
  for (const row of await rowsOf(catalog, tag.manifestPart)) {
    const part = decodePart(row.value);
    const upload = idOf(row.key);
    if (uploads.has(upload)) for (const block of await blocksOf(catalog, part)) live.add(block);
  }
  const droppedManifests = new Set<string>();
  for (const row of await rowsOf(catalog, tag.dropped)) {
    const held = decodeDropped(row.value);
    if (held.manifest !== undefined) {
      if (droppedManifests.has(held.manifest)) faults.push(`manifest ${held.manifest} dropped twice`);
      droppedManifests.add(held.manifest);
    }
    for (const block of await blocksOf(catalog, held)) {
      if (dropped.has(block)) faults.push(`block ${block} dropped twice`);
      dropped.add(block);
    }
  }
  for (const row of await rowsOf(catalog, tag.manifestPart)) {
    const upload = idOf(row.key);
    if (!uploads.has(upload) && !holders.has(upload) && !droppedManifests.has(upload)) {
      faults.push(`part row of ${upload} that nobody holds`);
    }
  }
  for (const row of await rowsOf(catalog, tag.reference)) {
    const counted = decodeReference(row.value);
    const manifest = idOf(row.key);
    const held = holders.get(manifest) ?? 0;
    if (counted !== held || counted < 2) faults.push(`reference ${manifest} says ${counted}, held by ${held}`);
    holders.delete(manifest);
  }
  for (const [manifest, held] of holders) {
    if (held > 1) faults.push(`manifest ${manifest} held by ${held} without a reference row`);
  }
  for (const row of await rowsOf(catalog, tag.nullVersion)) {
    const version = await catalog.get(keys.version(idOf(row.key), textOf(row.key, 1), decodeSequence(row.value)));
    if (version === undefined || decodeVersion(version.value).versionId !== 'null') {
      faults.push(`null pointer of ${textOf(row.key, 1)} points nowhere`);
    }
  }
  const blocks = (await rowsOf(catalog, tag.block)).map((row) => idOf(row.key));
  for (const block of blocks) {
    if (live.has(block) && dropped.has(block)) faults.push(`block ${block} is live and dropped`);
    if (!live.has(block) && !dropped.has(block)) faults.push(`block ${block} leaked`);
  }
  const known = new Set(blocks);
  for (const block of live) if (!known.has(block)) faults.push(`live block ${block} has no row`);
  return { blocks: blocks.length, live: live.size, dropped: dropped.size, faults };
}

async function blocksOf(catalog: Catalog, { blocks, manifest }: Held): Promise<string[]> {
  const found = (blocks ?? []).map((block) => block.id);
  if (manifest === undefined || blocks !== undefined) return found;
  const from = keys.manifestsOf(manifest);
  for (const row of await all(catalog, from)) {
    for (const entry of decodeManifestChunk(row.value).entries) {
      if (entry.kind === 'block') found.push(entry.block.id);
      else if (entry.kind === 'inline') found.push(...entry.blocks.map((block) => block.id));
      else found.push(...(await blocksOf(catalog, { manifest: entry.manifest })));
    }
  }
  return found;
}

const rowsOf = (catalog: Catalog, kind: (typeof tag)[keyof typeof tag]): Promise<Row[]> =>
  all(catalog, keys.first(kind));

const all = async (catalog: Catalog, prefix: Buffer): Promise<Row[]> =>
  catalog.range(prefix, prefixEnd(prefix), { limit: 1_000_000 });
