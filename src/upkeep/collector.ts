// Works off DROPPED rows once no running read can want the bytes: manifests are taken apart from the front, a bounded piece
// per commit, so that a crash anywhere leaves a shorter manifest and the same work to go on with.
import { caps } from '../base/caps.ts';
import { reached } from '../base/crash-points.ts';
import type { Catalog, Check, Row, Write } from '../catalog/catalog.ts';
import { keys, prefixEnd, tag } from '../catalog/keys.ts';
import { decodeBlock } from '../catalog/records/block.ts';
import { encodeDelta } from '../catalog/records/delta.ts';
import { decodeDropped } from '../catalog/records/dropped.ts';
import { decodeManifestChunk, encodeManifestChunk, type ManifestEntry } from '../catalog/records/manifest.ts';
import type { AreaId, BlockId, ManifestId, PackId } from '../model/ids.ts';
import { type Held, releaseManifests } from '../objects/drop.ts';
import { packedBytes } from '../objects/packed-bytes.ts';
import { oldestReadMs } from './oldest-read.ts';
import type { Doer, UpkeepDeps } from './upkeep-deps.ts';

const rowsPerTick = 2000;
const blocksPerCommit = 300;
const childrenPerCommit = 100;
const infoRowsPerCommit = 500;

export class Collector implements Doer {
  readonly name = 'collector';
  readonly everyMs = 1000;
  readonly #deps: UpkeepDeps;
  readonly #catalog: Catalog;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
    this.#catalog = deps.storage.catalog;
  }

  async tick(): Promise<void> {
    const { clock, knobs } = this.#deps;
    const upToMs = Math.max(0, (await oldestReadMs(this.#catalog, clock)) - knobs.dropMarginMs);
    const from = keys.first(tag.dropped);
    const to = keys.dropped(upToMs, '00'.repeat(16));
    const rows = await this.#catalog.range(from, to, { limit: rowsPerTick });
    let simple: Row[] = [];
    let simpleBlocks = 0;
    for (const row of rows) {
      const { manifest, blocks = [] } = decodeDropped(row.value);
      const isSimple = blocks.length <= caps.inlineBlocksMax && !(manifest && (await this.#hasRows(manifest)));
      if (!isSimple) {
        await this.#takeApart(row);
        continue;
      }
      simple.push(row);
      simpleBlocks += blocks.length;
      if (simple.length + simpleBlocks < blocksPerCommit) continue;
      await this.#removeSimple(simple);
      simple = [];
      simpleBlocks = 0;
    }
    if (simple.length > 0) await this.#removeSimple(simple);
  }

  async #hasRows(manifest: ManifestId): Promise<boolean> {
    for (const prefix of [keys.manifestsOf(manifest), keys.manifestPartsOf(manifest)]) {
      if ((await this.#catalog.range(prefix, prefixEnd(prefix), { limit: 1 })).length > 0) return true;
    }
    return false;
  }

  /** Rows whose few blocks stand in them: many in one commit. */
  async #removeSimple(rows: readonly Row[]): Promise<void> {
    const removal = new BlockRemoval(this.#catalog);
    for (const row of rows) for (const { id } of decodeDropped(row.value).blocks ?? []) await removal.add(id);
    reached('collection: before block rows go');
    await this.#commit(
      rows.map(({ key, version }) => [key, version]),
      rows.map(({ key }) => [key, undefined]),
      removal,
    );
    reached('collection: block rows gone');
  }

  async #takeApart(row: Row): Promise<void> {
    const droppedMs = droppedMsOf(row.key);
    const { manifest, blocks = [] } = decodeDropped(row.value);
    if (manifest !== undefined) {
      if (!(await this.#removeChunks(manifest, droppedMs))) return; // somebody was faster: next tick
      await this.#removeInfo(manifest);
    }
    for (let at = 0; at < blocks.length; at += blocksPerCommit) {
      const removal = new BlockRemoval(this.#catalog);
      for (const { id } of blocks.slice(at, at + blocksPerCommit)) await removal.add(id);
      if (!(await this.#commit([], [], removal))) return;
    }
    reached('collection: manifest gone');
    await this.#commit([[row.key, row.version]], [[row.key, undefined]]);
  }

  async #removeChunks(manifest: ManifestId, droppedMs: number): Promise<boolean> {
    const prefix = keys.manifestsOf(manifest);
    for (;;) {
      const [row] = await this.#catalog.range(prefix, prefixEnd(prefix), { limit: 1 });
      if (row === undefined) return true;
      const { entries } = decodeManifestChunk(row.value);
      const piece = firstPiece(entries);
      const rest = entries.slice(piece.entries);
      const released = await releaseManifests(this.#catalog, piece.children, droppedMs);
      const removal = new BlockRemoval(this.#catalog);
      for (const id of piece.blocks) await removal.add(id);
      const left = rest.length === 0 ? undefined : encodeManifestChunk({ entries: rest });
      const done = await this.#commit(
        [[row.key, row.version], ...released.checks],
        [[row.key, left], ...released.writes],
        removal,
      );
      if (!done) return false;
      reached('collection: manifest shortened');
    }
  }

  /** Part rows under a finished manifest hold nothing of their own. */
  async #removeInfo(manifest: ManifestId): Promise<void> {
    const prefix = keys.manifestPartsOf(manifest);
    for (;;) {
      const rows = await this.#catalog.range(prefix, prefixEnd(prefix), { limit: infoRowsPerCommit });
      if (rows.length === 0) return;
      await this.#commit(
        [],
        rows.map(({ key }) => [key, undefined]),
      );
    }
  }

  async #commit(checks: readonly Check[], writes: readonly Write[], removal?: BlockRemoval): Promise<boolean> {
    const delta: Write[] = [];
    if (removal !== undefined && removal.writes.length > 0) {
      delta.push([this.#deps.storage.session.deltaKey(), encodeDelta(removal.delta())]);
    }
    const change = {
      checks: [...checks, ...(removal?.checks ?? [])],
      writes: [...writes, ...(removal?.writes ?? []), ...delta],
    };
    return (await this.#deps.control.commit(change)) === 'done';
  }
}

const droppedMsOf = (key: Buffer): number => Number(key.readBigUInt64BE(1));

/** Removes block rows that still exist, and says what that takes from packs and areas. */
class BlockRemoval {
  readonly checks: Check[] = [];
  readonly writes: Write[] = [];
  readonly #catalog: Catalog;
  readonly #packs = new Map<PackId, number>();
  readonly #areas = new Map<AreaId, number>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  async add(id: BlockId): Promise<void> {
    const key = keys.block(id);
    const row = await this.#catalog.get(key);
    if (row === undefined) return;
    const { pack, area, length } = decodeBlock(row.value);
    this.checks.push([key, row.version]); // it may be moved meanwhile
    this.writes.push([key, undefined]);
    this.#packs.set(pack, (this.#packs.get(pack) ?? 0) - packedBytes(length));
    this.#areas.set(area, (this.#areas.get(area) ?? 0) - length);
  }

  delta() {
    return { packs: [...this.#packs], areas: [...this.#areas], buckets: [] };
  }
}

interface Piece {
  /** How many entries of the chunk it covers. */
  readonly entries: number;
  readonly blocks: readonly BlockId[];
  readonly children: readonly Held[];
}

/** As many entries from the front as fit into one commit. */
function firstPiece(entries: readonly ManifestEntry[]): Piece {
  const blocks: BlockId[] = [];
  const children: Held[] = [];
  let count = 0;
  for (const entry of entries) {
    const own = entry.kind === 'block' ? [entry.block] : entry.kind === 'inline' ? entry.blocks : [];
    const isChild = entry.kind === 'manifest' || (entry.kind === 'inline' && entry.manifest !== undefined);
    if (count > 0 && (children.length >= childrenPerCommit || blocks.length + own.length > blocksPerCommit)) break;
    if (entry.kind === 'manifest') children.push({ manifest: entry.manifest });
    else if (isChild && entry.manifest !== undefined) children.push({ manifest: entry.manifest, blocks: own });
    else blocks.push(...own.map(({ id }) => id));
    count += 1;
  }
  return { entries: count, blocks, children };
}
