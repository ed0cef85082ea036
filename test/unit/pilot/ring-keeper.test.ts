// Finished bins become rows of four rings; what nobody watched leaves none.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { type LmdbCatalog, openLmdbCatalog } from '../../../src/catalog/adapters/lmdb-catalog.ts';
import type { Change } from '../../../src/catalog/catalog.ts';
import { readRing } from '../../../src/pilot/read-rings.ts';
import { RingKeeper } from '../../../src/pilot/ring-keeper.ts';
import type { BinCounts, CounterStore } from '../../../src/telemetry/telemetry.ts';
import type { Control } from '../../../src/upkeep/upkeep.ts';

let dir: string;
let catalog: LmdbCatalog;
let counted: BinCounts[];
const clock = { nowMs: 0, wallMs: () => clock.nowMs };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'echogate-rings-'));
  catalog = openLmdbCatalog({ path: join(dir, 'catalog') });
  counted = [];
});
afterEach(async () => {
  await catalog.close();
  rmSync(dir, { recursive: true });
});

const keeper = (hasRoom = async () => true) =>
  new RingKeeper({
    catalog,
    control: { commit: (change: Change) => catalog.commit(change) } as Control,
    counters: {
      bins: async (fromSec, toSec) => counted.filter(({ startSec }) => startSec >= fromSec && startSec < toSec),
      tidy: async () => {},
    } satisfies Partial<CounterStore> as unknown as CounterStore,
    clock: clock as unknown as Clock,
    hasRoom,
    settleSec: 2,
  });

const bin = (startSec: number, readOps: number): BinCounts => ({
  startSec,
  seconds: 10,
  demand: [{ area: 'a', partition: 'p1', readOps, writeOps: 0, readBytes: readOps * 10, writeBytes: 0 }],
  served: [],
});

async function walk(rings: RingKeeper, toSec: number): Promise<void> {
  for (; clock.nowMs < toSec * 1000; clock.nowMs += 5_000) await rings.tick();
}
const reads = async (stepSec: number): Promise<number[]> =>
  (await readRing(catalog, stepSec, 0, 1e10)).map(({ demand }) => demand[0]!.readOps);
const startSec = 1_800_000_000;

describe('rings', () => {
  it('do not grow while there is no room; the bins come later', async () => {
    let hasRoom = false;
    for (let at = 0; at < 6; at++) counted.push(bin(startSec + at * 10, at));
    clock.nowMs = startSec * 1000;
    const rings = keeper(async () => hasRoom);
    await walk(rings, startSec + 100);
    expect(await reads(10)).toEqual([]);
    hasRoom = true;
    await walk(rings, startSec + 200);
    expect(await reads(10)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('hold every bin once, and their sums, over a restart of the pilot', async () => {
    for (let at = 0; at < 60; at++) counted.push(bin(startSec + at * 10, at));
    clock.nowMs = startSec * 1000;
    await walk(keeper(), startSec + 250);
    await walk(keeper(), startSec + 700);
    expect(await reads(10)).toEqual(Array.from({ length: 60 }, (_, at) => at));
    expect((await reads(60)).slice(0, 2)).toEqual([15, 51]);
    const fives = await readRing(catalog, 300, 0, 1e10);
    expect(fives.map(({ seconds }) => seconds)).toEqual([300, 300]);
    expect(await reads(300)).toEqual([435, 1335]);
    expect(await reads(3600)).toEqual([1770]);
  });

  it('know nothing of an outage', async () => {
    counted.push(bin(startSec, 1), bin(startSec + 600, 2));
    clock.nowMs = startSec * 1000;
    await walk(keeper(), startSec + 900);
    expect((await readRing(catalog, 300, 0, 1e10)).map(({ startSec: at }) => at - startSec)).toEqual([0, 600]);
  });

  it('let go of fine bins after minutes, of coarse ones after weeks', async () => {
    counted.push(bin(startSec, 1));
    clock.nowMs = startSec * 1000;
    const rings = keeper();
    await walk(rings, startSec + 60);
    clock.nowMs = (startSec + 3600) * 1000;
    await rings.tick();
    expect([await reads(10), await reads(300)]).toEqual([[], [1]]);
    clock.nowMs = (startSec + 40 * 86_400) * 1000;
    await rings.tick();
    expect([await reads(300), await reads(3600)]).toEqual([[], [1]]);
  });

  it('go on when the clock was an hour ahead', async () => {
    counted.push(bin(startSec + 3600, 1), bin(startSec + 20, 7));
    clock.nowMs = (startSec + 3600) * 1000;
    const rings = keeper();
    await walk(rings, startSec + 3640);
    clock.nowMs = (startSec + 20) * 1000;
    await walk(rings, startSec + 60);
    expect(await reads(10)).toEqual([7, 1]);
  });
});
