// What the keeper of forecasts tells its forecaster when areas split and merge: the past goes with the keys.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { type LmdbCatalog, openLmdbCatalog } from '../../../src/catalog/adapters/lmdb-catalog.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { encodeDemandBin } from '../../../src/catalog/records/demand-bin.ts';
import { type Descent, encodeLineage } from '../../../src/catalog/records/lineage.ts';
import { type AreaPast, type FleetBin, FleetForecaster, type FleetLayout } from '../../../src/forecast/forecast.ts';
import { ForecastKeeper, forecastStepSec } from '../../../src/pilot/forecast-keeper.ts';

const stepSec = forecastStepSec;
const startSec = 6_000_000 * stepSec;
const settledSec = 10;

let dir: string;
let catalog: LmdbCatalog;
let nowSec: number;
let told: { bin: FleetBin; layout: FleetLayout; past: readonly AreaPast[] }[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'echogate-forecasts-'));
  catalog = openLmdbCatalog({ path: join(dir, 'catalog') });
  told = [];
});
afterEach(async () => {
  await catalog.close();
  rmSync(dir, { recursive: true });
});

function keeper(): ForecastKeeper {
  let fleet: FleetForecaster | undefined;
  return new ForecastKeeper({
    catalog,
    forecaster: {
      async begin(options, past, layout) {
        fleet = new FleetForecaster(options, past, layout);
      },
      async push(bin, layout, past) {
        told.push({ bin, layout, past });
        return fleet!.push(bin, layout, past);
      },
      async close() {},
    },
    clock: { wallMs: () => nowSec * 1000 } as Clock,
    settleSec: 2,
    horizons: [1],
    treesMax: 0,
    partitions: () => ['p'],
    quotas: () => new Map(),
    declared: { jobs: [], hints: [], calendars: [] },
  });
}

const secOf = (bin: number): number => startSec + bin * stepSec;

/** Reads per second of each area in a bin of five minutes, all on one partition. */
async function count(bin: number, areas: Readonly<Record<string, number>>): Promise<void> {
  const demand = Object.entries(areas).map(([area, rate]) => ({
    ...{ area, partition: 'p', readOps: rate * stepSec, writeOps: 0, readBytes: 0, writeBytes: 0 },
  }));
  const counts = { startSec: secOf(bin), seconds: stepSec, demand, served: [] };
  await catalog.commit({ checks: [], writes: [[keys.demandBin(stepSec, secOf(bin)), encodeDemandBin(counts)]] });
}

async function change(atSec: number, descents: readonly Descent[]): Promise<void> {
  const row = encodeLineage({ atSec, descents });
  await catalog.commit({ checks: [], writes: [[keys.lineage(atSec, descents[0]!.area), row]] });
}

async function tickAfter(bin: number, forecasts: ForecastKeeper): Promise<number> {
  nowSec = secOf(bin + 1) + settledSec;
  await forecasts.tick();
  const reads = forecasts
    .current()
    .forecast!.partitions.get('p')!
    .find(({ flow }) => flow === 'readOps')!;
  return reads.mean[Math.floor(reads.mean.length / 2)]!;
}

const halves = (share = 0.5): Descent[] => [
  { area: 'upper', from: 'whole', share },
  { area: 'whole', from: 'whole', share: 1 - share },
];

describe('when an area splits', () => {
  it('both halves begin anew with their part of its past, and the partition is forecast as before', async () => {
    for (let bin = 0; bin < 300; bin++) await count(bin, { whole: 100 });
    const forecasts = keeper();
    expect(await tickAfter(299, forecasts)).toBeCloseTo(100, 0);
    // In the middle of bin 300, which stands as it was counted; the next one is all theirs.
    await change(secOf(300) + 150, halves());
    await count(300, { whole: 75, upper: 25 });
    expect(await tickAfter(300, forecasts)).toBeCloseTo(100, -1);
    const [wholePast, upperPast] = ['whole', 'upper'].map(
      (area) => told.at(-1)!.past.find((past) => past.area === area)!.values.readOps,
    );
    expect([wholePast!.length, wholePast!.at(-1), upperPast!.at(-1)]).toEqual([300, 50, 50]);
    for (let bin = 301; bin < 304; bin++) {
      await count(bin, { whole: 50, upper: 50 });
      expect(await tickAfter(bin, forecasts)).toBeCloseTo(100, -1);
      expect(told.at(-1)!.past).toEqual([]);
    }
  });

  it('after the bin that is taken, it waits for its own', async () => {
    for (let bin = 0; bin < 20; bin++) await count(bin, { whole: 100 });
    const forecasts = keeper();
    await tickAfter(18, forecasts);
    await change(secOf(20) + 5, halves());
    await tickAfter(19, forecasts);
    expect(told.at(-1)!.past).toEqual([]);
    await count(20, { whole: 50, upper: 50 });
    await tickAfter(20, forecasts);
    expect(
      told
        .at(-1)!
        .past.map(({ area }) => area)
        .sort(),
    ).toEqual(['upper', 'whole']);
  });
});

describe('when areas merge', () => {
  it('what they become has the past of both, and what is no more is dropped', async () => {
    for (let bin = 0; bin < 20; bin++) await count(bin, { low: 30, high: 20 });
    const forecasts = keeper();
    await tickAfter(19, forecasts);
    await change(
      secOf(20),
      ['low', 'high'].map((from) => ({ area: 'low', from, share: 1 })),
    );
    await count(20, { low: 50 });
    expect(await tickAfter(20, forecasts)).toBeCloseTo(50, -1);
    const { past, layout } = told.at(-1)!;
    expect(past.map(({ area, values }) => [area, values.readOps.at(-1)])).toEqual([['low', 50]]);
    expect(layout.gone).toEqual(['high']);
  });
});
