// What is declared shows in the forecast of the partitions that it falls on, at its time, by its name, and nowhere else.
import { expect, it } from 'vitest';
import { expandDeclared } from '../../../src/forecast/expand-declared.ts';
import { FleetForecaster } from '../../../src/forecast/fleet-forecaster.ts';
import type { FleetDeclared, FleetForecast, Flows } from '../../../src/forecast/forecast.ts';
import { median } from '../../../src/forecast/levels.ts';
import { noMetadata } from '../../../src/model/metadata.ts';
import { chance, normal } from './made-series.ts';

const stepSec = 3600;
/** 00:00 UTC. */
const startSec = Date.parse('2026-03-02T00:00Z') / 1000;
const bins = 4 * 24;
const horizon = 6;
const names = ['a1', 'a2', 'b1'];
const homes: Readonly<Record<string, string>> = { a1: 'p1', a2: 'p2', b1: 'p2' };
const whole: Flows = { readOps: 1, writeOps: 1, readBytes: 1, writeBytes: 1 };

const random = chance(4);
const loads = new Map(
  names.map((name) => [name, Float64Array.from({ length: bins + 30 }, () => 100 + 3 * normal(random))]),
);

/** A job over both areas of bucket a, each day at 04:00: 100 reads per second for an hour, half of them for each area. */
const declared = expandDeclared(
  {
    ...noMetadata,
    jobs: [{ name: 'scan', cron: '0 4 * * *', timeZone: 'UTC', bucket: 'a', requests: 7200 * 50, durationSec: 3600 }],
  },
  {
    areas: [
      { area: 'a1', bucket: 'a', from: '', to: 'm' },
      { area: 'a2', bucket: 'a', from: 'm', to: undefined },
      { area: 'b1', bucket: 'b', from: '', to: undefined },
    ],
    fromSec: startSec + bins * stepSec,
    toSec: startSec + (bins + 48) * stepSec,
  },
);

/** The forecast after the bin that begins at 01:00 of the fifth day. */
function forecastWith(what: FleetDeclared | undefined): FleetForecast {
  const layout = {
    shares: new Map(names.map((name) => [name, new Map([[homes[name]!, whole]])])),
    capacities: new Map(),
    declared: what,
  };
  const past = names.map((area) => {
    const none = new Float64Array(bins);
    const values = { readOps: loads.get(area)!.slice(0, bins), writeOps: none, readBytes: none, writeBytes: none };
    return { area, startSec, values };
  });
  const fleet = new FleetForecaster({ stepSec, horizons: [1, horizon], treesMax: 0, refitsPerBinMax: 0 }, past, layout);
  let forecast: FleetForecast | undefined;
  for (let at = bins; at < bins + 2; at++) {
    const areas = new Map(
      names.map((area) => [area, { readOps: loads.get(area)![at]!, writeOps: 0, readBytes: 0, writeBytes: 0 }]),
    );
    forecast = fleet.push({ startSec: startSec + at * stepSec, areas }, layout, []);
  }
  return forecast!;
}

const readsOf = (forecast: FleetForecast, partition: string) =>
  forecast.partitions.get(partition)!.find(({ flow, horizon: ahead }) => flow === 'readOps' && ahead === horizon)!;

it('a job adds its part to each partition, in the bin in which it runs', () => {
  const bare = forecastWith(undefined);
  const said = forecastWith(declared);
  for (const partition of ['p1', 'p2']) {
    const lifts = readsOf(said, partition).steps.map(
      (row, step) => row[median]! - readsOf(bare, partition).steps[step]![median]!,
    );
    // Newest bin 01:00: 04:00 is the third ahead. 50 per second on each area, of which 0.85 is expected.
    expect(lifts.map((lift) => Math.round(lift))).toEqual([0, 0, 43, 0, 0, 0]);
    const flow = readsOf(said, partition);
    expect(flow.effects).toMatchObject([{ kind: 'job', name: 'scan', factor: 0.85, runs: 0 }]);
    expect(flow.effects![0]!.load).toBeCloseTo((50 * 0.85) / horizon, 6);
    expect(flow.mean[median]! - readsOf(bare, partition).mean[median]!).toBeCloseTo((50 * 0.85) / horizon, 6);
    expect(flow.max[median]!).toBeGreaterThan(readsOf(bare, partition).max[median]! + 20);
    for (const row of [...flow.steps, flow.mean, flow.max]) {
      for (const [level, quantile] of row.entries()) expect(quantile).toBeGreaterThanOrEqual(row[level - 1] ?? 0);
    }
  }
  expect(readsOf(bare, 'p1').effects).toBeUndefined();
});

it('what concerns no area changes nothing', () => {
  const empty: FleetDeclared = { jobs: [], hints: [], calendars: [] };
  expect(forecastWith(empty)).toEqual(forecastWith(undefined));
});
