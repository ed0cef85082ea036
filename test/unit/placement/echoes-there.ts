// Echoes that lie where an area is to move, and who sweeps up what nobody names; the clock may be set ahead.
import { expect } from 'vitest';
import { keys } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import { claimEcho, type FillDeps, fillEcho } from '../../../src/echo/acts/fill-echo.ts';
import { type DropReason, EchoSweeper } from '../../../src/echo/acts/sweeper.ts';
import { CatalogEchoMap } from '../../../src/echo/adapters/catalog-echo-map.ts';
import type { Echo } from '../../../src/model/echo.ts';
import { hurriedClock, type Worker, type World } from '../objects-blocks/world.ts';
import type { TestPilot } from '../upkeep/pilot.ts';
import type { Stored } from './acts-world.ts';

let aheadMs = 0;
/** Fifty times as fast, and ahead by what was swept. */
export const clock = {
  ...hurriedClock,
  monotonicMs: () => 50 * hurriedClock.monotonicMs(),
  steadyMs: () => hurriedClock.steadyMs() + aheadMs,
};

/** Of its first block, on p2, ready and sealed. */
export async function echoOf(world: World, worker: Worker, { blocks, bytes }: Stored): Promise<Echo> {
  const map = new CatalogEchoMap(world.raw);
  const partition = (id: string) => world.seats.get(id)?.partition;
  const { session, catalog, storage } = worker;
  const deps: FillDeps = { map, session, ledger: storage.ledger, clock, read: { catalog, partition } };
  const [{ id, length }] = blocks as [Stored['blocks'][0]];
  const claim = await claimEcho(deps, { block: id, partition: 'p2', length, isPinned: false });
  const row = decodeBlock(world.raw.get(keys.block(id))!.value);
  const echo = await fillEcho(deps, claim!, row, [bytes]);
  await expect.poll(() => decodePack(world.raw.get(keys.pack(echo.place!.pack))!.value).state).toBe('sealed');
  return echo;
}

export const sweeper = ({ worker: { storage, session }, deps }: TestPilot, dropped: DropReason[]) =>
  new EchoSweeper({
    ...{ map: new CatalogEchoMap(storage.catalog), catalog: storage.catalog, keepsBytes: true, clock },
    commit: (change) => deps.control.commit(change),
    deltaKey: () => session.deltaKey(),
    heat: async () => new Map(),
    isLeaving: () => false,
    budgetBytes: async () => 1e9,
    onDropped: (_echo, because) => dropped.push(because),
  });

/** What nobody names goes after a while. */
export async function sweep(pilot: TestPilot): Promise<DropReason[]> {
  const dropped: DropReason[] = [];
  const own = sweeper(pilot, dropped);
  await pilot.folder.tick();
  await own.tick();
  aheadMs += 130_000;
  await own.tick();
  return dropped;
}
