// The fleet of the partition bands: areas made from traces by random phases and sizes, with a common shock or without, moving at random.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readSeries } from '../../src/cli/read-series.ts';
import { type AreaPast, type FleetBin, type FleetLayout, type Flows, toBins } from '../../src/forecast/forecast.ts';
import { chance, normal } from '../../test/unit/forecast/made-series.ts';

export const stepSec = 300;
export const partitionCount = 12;
export const areaCount = 240;
/** On the bin grid, at the start of a day. */
const startSec = 1_699_920_000;
/** Shock: factor on all areas at once, log-normal, forgetting half of itself within an hour. */
const shockDeviation = 0.3;
const shockKeep = 0.5 ** (1 / 12);
/** Sizes of areas, log-normal: the hottest of 240 is some twenty times the median. */
const sizeDeviation = 1;
const movesPerBin = 1 / 12;

export const traceFile = /\.csv(\.gz)?$/;

/** Request counts are sums over their minute, everything else is a value per step (README of the traces). */
export const aggregateOf = (file: string): 'sum' | 'mean' => (/-requests-/.test(file) ? 'sum' : 'mean');

/** Each trace in bins, its mean 1; what is missing is as the bin before. */
export const readTraces = (dir: string): Float64Array[] => readNamedTraces(dir).map(({ values }) => values);

export function readNamedTraces(dir: string): { name: string; values: Float64Array }[] {
  return readdirSync(dir)
    .filter((name) => traceFile.test(name))
    .map((name) => {
      const { values } = toBins(readSeries(join(dir, name)), stepSec, aggregateOf(name));
      for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at]!)) values[at] = values[at - 1] ?? 0;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { name: name.replace(traceFile, ''), values: values.map((value) => value / mean) };
    });
}

export class BandFleet {
  readonly #random: () => number;
  /** Truth, by area. */
  readonly areas: readonly Float64Array[];
  readonly #homes: number[];

  constructor(traces: readonly Float64Array[], bins: number, withShock: boolean, seed: number) {
    const random = chance(seed);
    this.#random = random;
    let log = 0;
    const shock = Float64Array.from({ length: bins }, () => {
      log = shockKeep * log + Math.sqrt(1 - shockKeep ** 2) * shockDeviation * normal(random);
      return withShock ? Math.exp(log - shockDeviation ** 2 / 2) : 1;
    });
    this.areas = Array.from({ length: areaCount }, (_, area) => {
      const trace = traces[area % traces.length]!;
      const phase = Math.floor(random() * trace.length);
      const size = Math.exp(sizeDeviation * normal(random));
      return shock.map((factor, bin) => size * factor * trace[(phase + bin) % trace.length]!);
    });
    this.#homes = this.areas.map(() => Math.floor(random() * partitionCount));
  }

  /** Once an hour, on the average, one area goes elsewhere. Returns whether one did. */
  move(): boolean {
    if (this.#random() >= movesPerBin) return false;
    const area = Math.floor(this.#random() * areaCount);
    this.#homes[area] = (this.#homes[area]! + 1 + Math.floor(this.#random() * (partitionCount - 1))) % partitionCount;
    return true;
  }

  past(bins: number): AreaPast[] {
    const none = new Float64Array(bins);
    return this.areas.map((values, area) => ({
      area: `a${area}`,
      startSec,
      values: { readOps: values.slice(0, bins), writeOps: none, readBytes: none, writeBytes: none },
    }));
  }

  bin(at: number): FleetBin {
    const flowsAt = (value: number): Flows => ({ readOps: value, writeOps: 0, readBytes: 0, writeBytes: 0 });
    return {
      startSec: startSec + at * stepSec,
      areas: new Map(this.areas.map((values, area) => [`a${area}`, flowsAt(values[at]!)])),
    };
  }

  layout(): FleetLayout {
    const whole: Flows = { readOps: 1, writeOps: 1, readBytes: 1, writeBytes: 1 };
    return {
      shares: new Map(this.#homes.map((home, area) => [`a${area}`, new Map([[`p${home}`, whole]])])),
      capacities: new Map(),
    };
  }

  /** What partition `p` is asked in a bin, areas where they lie now. */
  load(p: number, at: number): number {
    return this.areas.reduce((sum, values, area) => (this.#homes[area] === p ? sum + values[at]! : sum), 0);
  }
}
