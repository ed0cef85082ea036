// One round over all blocks, a bounded piece at a time, in the order of their ids; inside a piece in the order of packs. Where it stands
// is kept in the catalog, so that a round goes on after a restart.
import { Fault } from '../../base/fault.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { after, idOf, keys, prefixEnd, tag } from '../../catalog/keys.ts';
import { decodeBlock } from '../../catalog/records/block.ts';
import { decodeSetting, encodeSetting } from '../../catalog/records/setting.ts';
import type { BlockRow } from '../../model/block.ts';
import type { BlockId } from '../../model/ids.ts';
import { findHolders, type Holder } from './find-holders.ts';
import { type MendDeps, mendBlock } from './mend-block.ts';
import type { OtherCopies } from './other-copies.ts';
import { damageOf } from './verify-block.ts';

export interface ScrubDeps extends MendDeps {
  readonly copies: OtherCopies;
  /** Waits so long that no more is read than is allowed. */
  readonly pace: (bytes: number) => Promise<void>;
}

export interface DamagedBlock {
  readonly block: BlockId;
  readonly partition: string;
  readonly pack: string;
  readonly offset: number;
  readonly wrong: string;
  readonly mended: boolean;
  /** Nobody: it was dropped already. */
  readonly holders: readonly Holder[];
}

export interface ScrubRound {
  readonly startedMs: number;
  readonly endedMs?: number;
  /** Hex of the last block's key. */
  readonly after: string;
  readonly blocks: number;
  readonly bytes: number;
  readonly damaged: number;
  readonly mended: number;
}

const roundKey = keys.setting('scrub');

export async function readRound(catalog: Catalog): Promise<ScrubRound | undefined> {
  const row = await catalog.get(roundKey);
  return row && (JSON.parse(decodeSetting(row.value)) as ScrubRound);
}

export const beginRound = (startedMs: number): ScrubRound => {
  return { startedMs, after: '', blocks: 0, bytes: 0, damaged: 0, mended: 0 };
};

/** The next blocks of a round, at most so many. */
export async function scrubPiece(
  deps: ScrubDeps,
  round: ScrubRound,
  blocksMax: number,
): Promise<{ round: ScrubRound; damaged: readonly DamagedBlock[] }> {
  const from = round.after === '' ? keys.first(tag.block) : after(Buffer.from(round.after, 'hex'));
  const rows = await deps.catalog.range(from, prefixEnd(keys.first(tag.block)), { limit: blocksMax });
  const blocks = rows.map(({ key, value }) => ({ id: idOf(key), row: decodeBlock(value) })).sort(byPlace);
  const wrong: Wrong[] = [];
  let bytes = 0;
  for (const { id, row } of blocks) {
    bytes += row.length;
    await deps.pace(row.length);
    const found = await damageNow(deps, id, row);
    if (found !== undefined) wrong.push(found);
  }
  const damaged = wrong.length === 0 ? [] : await judge(deps, wrong);
  const next: ScrubRound = {
    ...round,
    after: rows.at(-1)?.key.toString('hex') ?? round.after,
    blocks: round.blocks + blocks.length,
    bytes: round.bytes + bytes,
    damaged: round.damaged + damaged.length,
    mended: round.mended + damaged.filter(({ mended }) => mended).length,
    ...(rows.length < blocksMax && { endedMs: deps.nowMs() }),
  };
  await deps.commit({ checks: [], writes: [[roundKey, encodeSetting(JSON.stringify(next))]] });
  return { round: next, damaged };
}

type Wrong = { readonly id: BlockId; readonly row: BlockRow; readonly wrong: string };

/** Where the row says now: it may have been moved or removed since it was read. */
async function damageNow(deps: ScrubDeps, id: BlockId, read: BlockRow): Promise<Wrong | undefined> {
  let row = read;
  let damage = await damageOf(deps.partitions, id, row);
  if (damage === undefined) return undefined;
  const again = await deps.catalog.get(keys.block(id));
  if (again === undefined) return undefined;
  row = decodeBlock(again.value);
  if (row.generation !== read.generation) damage = await damageOf(deps.partitions, id, row);
  if (damage === undefined) return undefined;
  if (damage.isDown) await assertUp(deps, row);
  return { id, row, wrong: damage.said };
}

/** One bad sector is damage; a whole partition that is down is not. */
async function assertUp({ partitions }: ScrubDeps, { partition: id }: BlockRow): Promise<void> {
  const probe = await partitions.get(id)?.partition.probe();
  if (probe?.ok) return;
  const message = probe?.message ?? 'it is not configured';
  throw new Fault({ kind: 'partition-down', partition: id, message });
}

async function judge(deps: ScrubDeps, wrong: readonly Wrong[]): Promise<DamagedBlock[]> {
  const ids = new Set(wrong.map(({ id }) => id));
  const [holders, copies] = [await findHolders(deps.catalog, ids), await deps.copies.of(ids)];
  const damaged: DamagedBlock[] = [];
  for (const one of wrong) {
    const { partition, pack, offset } = one.row;
    const place = await mendBlock(deps, one.id, copies.get(one.id) ?? []);
    damaged.push({
      block: one.id,
      partition,
      pack,
      offset,
      wrong: one.wrong,
      mended: place !== undefined,
      holders: holders.get(one.id) ?? [],
    });
  }
  return damaged;
}

const byPlace = (a: { row: BlockRow }, b: { row: BlockRow }): number =>
  a.row.pack < b.row.pack ? -1 : a.row.pack > b.row.pack ? 1 : a.row.offset - b.row.offset;
