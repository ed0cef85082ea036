// Small fleets for the tests: areas that are read only, in bins of an hour, so that days are short.

import type {
  AreaPast,
  FleetBin,
  FleetForecast,
  FleetLayout,
  FlowForecast,
  Flows,
} from '../../../src/forecast/fleet.ts';
import { FleetForecaster } from '../../../src/forecast/fleet-forecaster.ts';
import { levels } from '../../../src/forecast/levels.ts';
import { type Capacity, unknownCapacity } from '../../../src/model/capacity.ts';
import { chance, normal } from './made-series.ts';

export const stepSec = 3600;
export const startSec = 1_699_920_000;

export const whole: Flows = { readOps: 1, writeOps: 1, readBytes: 1, writeBytes: 1 };
export const reads = (value: number): Flows => ({ readOps: value, writeOps: 0, readBytes: 0, writeBytes: 0 });
export const quota = (readOps: number): Capacity => ({ load: { readOps }, confidence: 1, source: 'quota' });

/** Each area wholly on one partition. */
export function layoutOf(
  homes: Readonly<Record<string, string>>,
  capacities: Record<string, Capacity> = {},
): FleetLayout {
  const partitions = [...new Set(Object.values(homes))];
  return {
    shares: new Map(Object.entries(homes).map(([area, home]) => [area, new Map([[home, whole]])])),
    capacities: new Map([...partitions.map((each) => [each, unknownCapacity] as const), ...Object.entries(capacities)]),
  };
}

export type Loads = Readonly<Record<string, Float64Array>>;

export const pastOf = (loads: Loads, bins: number, from = 0): AreaPast[] =>
  Object.entries(loads).map(([area, values]) => {
    const none = new Float64Array(bins - from);
    const rates = { readOps: values.slice(from, bins), writeOps: none, readBytes: none, writeBytes: none };
    return { area, startSec: startSec + from * stepSec, values: rates };
  });

export const binAt = (loads: Loads, at: number): FleetBin => ({
  startSec: startSec + at * stepSec,
  areas: new Map(Object.entries(loads).map(([area, values]) => [area, reads(values[at]!)])),
});

/** Areas with the same course of the day; `common` of their noise is shared by all. */
export function dailyAreas(
  names: readonly string[],
  bins: number,
  { noise = 10, common = 0, level = 100 } = {},
): Record<string, Float64Array> {
  const random = chance(7);
  const shared = Float64Array.from({ length: bins }, () => normal(random));
  return Object.fromEntries(
    names.map((name) => [
      name,
      Float64Array.from({ length: bins }, (_, at) => {
        const error = common * shared[at]! + (1 - common) * normal(random);
        return Math.max(0, level * (1 + 0.4 * Math.sin((2 * Math.PI * at * stepSec) / 86_400)) + noise * error);
      }),
    ]),
  );
}

export const begun = (
  loads: Loads,
  bins: number,
  layout: FleetLayout,
  horizons: readonly number[] = [1, 4],
): FleetForecaster =>
  new FleetForecaster({ stepSec, horizons, treesMax: 0, refitsPerBinMax: 0 }, pastOf(loads, bins), layout);

export function flowOf(forecast: FleetForecast, partition: string, horizon: number): FlowForecast {
  const found = forecast.partitions.get(partition)?.find((each) => each.flow === 'readOps' && each.horizon === horizon);
  if (found === undefined) throw new Error(`nothing is forecast for ${partition} and ${horizon} bins`);
  return found;
}

export const at = (row: ArrayLike<number>, level: (typeof levels)[number]): number => row[levels.indexOf(level)]!;
