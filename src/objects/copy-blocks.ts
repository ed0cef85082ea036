// Copies blocks into one new pack, reads the copy back, and only then flips each block's row to its new place. The one act
// that compaction and moves share. It may die anywhere: until its flip a block is served from where it was, and a copy
// without a row pointing at it is dead weight of a pack that is collected.

import { caps } from '../base/caps.ts';
import type { Clock } from '../base/clock.ts';
import { reached } from '../base/crash-points.ts';
import { Fault, isFault } from '../base/fault.ts';
import { MiB } from '../base/units.ts';
import type { Catalog, Change, Write } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeBlock, encodeBlock } from '../catalog/records/block.ts';
import { encodeDelta } from '../catalog/records/delta.ts';
import type { BlockRow } from '../model/block.ts';
import type { AreaId, BlockId, PackId, PartitionId } from '../model/ids.ts';
import type { Partition } from '../partition/partition.ts';
import { OpenPack } from './open-pack.ts';
import type { PackLedger } from './pack-ledger.ts';
import type { PlacedBlock } from './pack-shelf.ts';
import { packedBytes } from './packed-bytes.ts';
import { verifiedBytes } from './read-copies.ts';
import { readRun, runsOf } from './read-neighbours.ts';
import type { Session } from './session.ts';

export interface CopyDeps {
  readonly catalog: Catalog;
  /** How flips are committed: the leader's commits check that it leads. */
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
  readonly partition: (id: PartitionId) => Partition | undefined;
  readonly session: Session;
  readonly ledger: PackLedger;
  readonly clock: Clock;
  /** Why a block stays where it is. */
  readonly onUnreadable?: (block: BlockId, error: Fault) => void;
}

export interface BlockAt {
  readonly id: BlockId;
  readonly row: BlockRow;
  /** Of the block's row when it was read: the flip's check. */
  readonly version: number;
}

export interface CopyTarget {
  readonly partition: PartitionId;
  /** Set when all blocks are of this area. */
  readonly areaPure?: AreaId;
}

export interface CopyResult {
  readonly moved: readonly BlockId[];
  /** Removed or moved by somebody else meanwhile. */
  readonly overtaken: readonly BlockId[];
  /** Could not be read, or not rightly; they stay where they are. */
  readonly unreadable: readonly BlockId[];
}

interface Copied extends BlockAt {
  readonly placed: PlacedBlock;
}

const flushBytes = 16 * MiB;
const flipsPerCommit = 250;

/** `readBack` before `flip`: a copy that does not read back right throws, and nothing is flipped. */
export async function copyBlocks(deps: CopyDeps, blocks: readonly BlockAt[], target: CopyTarget): Promise<CopyResult> {
  const to = deps.partition(target.partition);
  if (to === undefined)
    throw new Fault({
      kind: 'partition-down',
      partition: target.partition,
      message: 'this partition is not configured',
    });
  const moved: BlockId[] = [];
  const overtaken: BlockId[] = [];
  const unreadable: BlockId[] = [];
  for (let at = 0; at < blocks.length; ) {
    const pack = await OpenPack.open({ partition: to, ledger: deps.ledger, clock: deps.clock });
    pack.areaPure = target.areaPure;
    const run = firstRun(blocks.slice(at), pack.flushes ? caps.packBytesMax : caps.blockBytesMax);
    const result = await copyInto(deps, pack, run);
    moved.push(...result.moved);
    overtaken.push(...result.overtaken);
    unreadable.push(...result.unreadable);
    at += run.length;
  }
  return { moved, overtaken, unreadable };
}

function firstRun(blocks: readonly BlockAt[], bytesMax: number): readonly BlockAt[] {
  let bytes = 0;
  let count = 0;
  for (const { row } of blocks) {
    bytes += row.length;
    if (count > 0 && bytes > bytesMax) break;
    count += 1;
  }
  return blocks.slice(0, count);
}

async function copyInto(deps: CopyDeps, pack: OpenPack, blocks: readonly BlockAt[]): Promise<CopyResult> {
  const copied: Copied[] = [];
  const unreadable: BlockId[] = [];
  try {
    await fillPack(deps, pack, blocks, copied, unreadable);
    reached('moving: blocks copied');
    await pack.end();
    reached('moving: copy sealed');
    await readBack(deps, copied);
    reached('moving: copy read back');
    const { moved, overtaken } = await flip(deps, copied);
    return { moved, overtaken, unreadable };
  } finally {
    await pack.end().catch(() => {}); // a failure was thrown above
    for (const { placed } of copied) placed.settle();
  }
}

async function fillPack(
  deps: CopyDeps,
  pack: OpenPack,
  blocks: readonly BlockAt[],
  copied: Copied[],
  unreadable: BlockId[],
): Promise<void> {
  let unflushed = 0;
  for await (const { block, chunks } of readAll(deps, blocks)) {
    if (chunks === undefined) {
      unreadable.push(block.id);
      continue;
    }
    const { length, sliceCrcs } = block.row;
    copied.push({ ...block, placed: pack.append({ id: block.id, length, chunks, sliceCrcs }) });
    unflushed += length;
    if (unflushed < flushBytes || !pack.flushes) continue;
    await pack.flush();
    unflushed = 0;
  }
}

/** Neighbours together; one by one where that fails for something that the blocks themselves may be to blame for. */
async function* readAll(
  deps: CopyDeps,
  blocks: readonly BlockAt[],
): AsyncGenerator<{ readonly block: BlockAt; readonly chunks: Buffer[] | undefined }, void> {
  for (const run of runsOf(blocks)) {
    let together: Buffer[][] | undefined;
    let outOfReach: Fault | undefined;
    try {
      if (run.length > 1) together = await readRun(deps.partition, run);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (isFault(error, 'partition-down') || isFault(error, 'partition-busy')) outOfReach = error;
    }
    for (const [at, block] of run.entries()) {
      if (outOfReach !== undefined) deps.onUnreadable?.(block.id, outOfReach);
      yield {
        block,
        chunks: outOfReach === undefined ? (together?.[at] ?? (await readWhole(deps, block))) : undefined,
      };
    }
  }
}

async function readWhole(deps: CopyDeps, { id, row }: BlockAt): Promise<Buffer[] | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of verifiedBytes(deps, id, row, { start: 0, end: row.length })) chunks.push(chunk);
    return chunks;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    deps.onUnreadable?.(id, error);
    return undefined;
  }
}

/** The CRCs say whether the copy is the block. */
async function readBack({ partition }: CopyDeps, copied: readonly Copied[]): Promise<void> {
  const there = copied.map((copy): BlockAt => ({ ...copy, row: { ...copy.row, ...copy.placed.location } }));
  for (const run of runsOf(there)) await readRun(partition, run);
}

async function flip(deps: CopyDeps, copied: readonly Copied[]): Promise<{ moved: BlockId[]; overtaken: BlockId[] }> {
  const moved: BlockId[] = [];
  const overtaken: BlockId[] = [];
  for (let at = 0; at < copied.length; at += flipsPerCommit) {
    const some = copied.slice(at, at + flipsPerCommit);
    const result = await deps.commit(flipChange(deps, some));
    reached('moving: flipped');
    if (result === 'done') {
      moved.push(...some.map(({ id }) => id));
      continue;
    }
    for (const one of some) {
      const result = await deps.commit(flipChange(deps, [one]));
      (result === 'done' ? moved : overtaken).push(one.id);
    }
  }
  return { moved, overtaken };
}

function flipChange({ session }: CopyDeps, copied: readonly Copied[]): Change {
  const packs = new Map<PackId, number>();
  const writes: Write[] = [];
  for (const { id, row, placed } of copied) {
    const { location } = placed;
    writes.push([keys.block(id), encodeBlock({ ...row, ...location, generation: row.generation + 1 })]);
    packs.set(row.pack, (packs.get(row.pack) ?? 0) - packedBytes(row.length));
    packs.set(location.pack, (packs.get(location.pack) ?? 0) + packedBytes(row.length));
  }
  writes.push([session.deltaKey(), encodeDelta({ packs: [...packs], areas: [], buckets: [] })]);
  return { checks: copied.map(({ id, version }) => [keys.block(id), version]), writes };
}

/** Those of `ids` that lie in `pack` now. */
export async function blocksIn(catalog: Catalog, pack: PackId, ids: Iterable<BlockId>): Promise<BlockAt[]> {
  const found: BlockAt[] = [];
  for (const id of ids) {
    const row = await catalog.get(keys.block(id));
    if (row === undefined) continue;
    const block = decodeBlock(row.value);
    if (block.pack === pack) found.push({ id, row: block, version: row.version });
  }
  return found;
}
