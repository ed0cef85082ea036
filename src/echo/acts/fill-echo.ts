// Brings the bytes of a block to partitions that claimed an echo of it. It may die anywhere: a claim runs out, and a pack that no entry of the
// map names is swept up.
import type { Clock } from '../../base/clock.ts';
import { reached } from '../../base/crash-points.ts';
import { Fault } from '../../base/fault.ts';
import { encodeDelta } from '../../catalog/records/delta.ts';
import type { BlockRow } from '../../model/block.ts';
import type { Echo } from '../../model/echo.ts';
import type { BlockId, PackId } from '../../model/ids.ts';
import { OpenPack } from '../../objects/open-pack.ts';
import type { PackLedger } from '../../objects/pack-ledger.ts';
import { packedBytes } from '../../objects/packed-bytes.ts';
import { type ReadDeps, readPiece } from '../../objects/read-blocks.ts';
import type { Session } from '../../objects/session.ts';
import type { EchoMap } from '../echo.ts';

export interface FillDeps {
  readonly map: EchoMap;
  readonly session: Session;
  readonly ledger: PackLedger;
  readonly clock: Clock;
  /** As clients read: shared with them, and from whichever copy does well. What is counted is committed to its catalog. */
  readonly read: ReadDeps;
}

/** A claim that is older was somebody's who died. */
export const claimMs = 30_000;

/** The block's bytes from any of its copies: from a read that runs anyway, where one does. */
export async function readWhole({ read }: Pick<FillDeps, 'read'>, block: BlockId, length: number): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of readPiece(read, { id: block, range: { start: 0, end: length } })) chunks.push(chunk);
  return chunks;
}

/** Undefined: somebody else has made it, or is making it. */
export async function claimEcho(
  deps: Pick<FillDeps, 'map' | 'clock'>,
  claim: Omit<Echo, 'state' | 'sinceMs' | 'untilMs' | 'place'>,
) {
  const { map, clock } = deps;
  const nowMs = clock.steadyMs();
  const known = (await map.of(claim.block)).find(({ partition }) => partition === claim.partition);
  if (known?.state === 'ready' || (known?.state === 'filling' && (known.untilMs ?? 0) > nowMs)) return undefined;
  const mine: Echo = {
    ...claim,
    isPinned: claim.isPinned || (known?.isPinned ?? false),
    state: 'filling',
    sinceMs: nowMs,
    untilMs: nowMs + claimMs,
  };
  if (!(await map.change(mine, known, mine))) return undefined;
  reached('echo: claimed');
  return mine;
}

/** Rejects when it could not be made; the claim is given up then. */
export async function fillEcho(deps: FillDeps, claim: Echo, row: BlockRow, chunks: readonly Buffer[]): Promise<Echo> {
  let settle: () => void = () => {};
  try {
    const placed = await writePack(deps, claim, row, chunks);
    settle = placed.settle;
    const { pack, offset } = placed.location;
    reached('echo: packed');
    await count(deps, pack, packedBytes(row.length));
    reached('echo: counted');
    const { untilMs: _, ...rest } = claim;
    const ready: Echo = { ...rest, state: 'ready', sinceMs: deps.clock.steadyMs(), place: { pack, offset } };
    if (await deps.map.change(claim, claim, ready)) {
      reached('echo: ready, not said');
      return ready;
    }
    await count(deps, pack, -packedBytes(row.length));
    throw new Error(`the claim of an echo of ${claim.block} ran out`);
  } catch (error) {
    await deps.map.change(claim, claim, undefined).catch(() => {}); // else it runs out by itself
    throw error;
  } finally {
    settle(); // not before: a sealed pack in which nothing is counted is collected
  }
}

async function writePack(deps: FillDeps, { block, partition }: Echo, row: BlockRow, chunks: readonly Buffer[]) {
  const to = deps.read.partition(partition);
  if (to === undefined)
    throw new Fault({ kind: 'partition-down', partition, message: 'this partition is not configured' });
  const pack = await OpenPack.open({ partition: to, ledger: deps.ledger, clock: deps.clock }, undefined, 'echo');
  const placed = pack.append({ id: block, length: row.length, chunks, sliceCrcs: row.sliceCrcs });
  try {
    await pack.end();
    return placed;
  } catch (error) {
    placed.settle();
    throw error;
  }
}

async function count({ read, session }: FillDeps, pack: PackId, bytes: number): Promise<void> {
  const delta = encodeDelta({ packs: [[pack, bytes]], areas: [], buckets: [] });
  const done = await read.catalog.commit({ checks: [session.check()], writes: [[session.deltaKey(), delta]] });
  if (done !== 'done') await session.assertOwn();
}
