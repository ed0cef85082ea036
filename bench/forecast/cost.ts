// What a refit and a sample cost, on a made series as long as the forecaster keeps: CPU time of this process, so that other work on the machine
// counts as little as it can.
import { SeriesForecaster } from '../../src/forecast/forecast.ts';

export interface Cost {
  readonly configuration: string;
  readonly refitMs: number;
  readonly refitsPerMinute: number;
  readonly sampleMicros: number;
  /** Growth of the heap and of typed arrays over 500 refits, in MiB. */
  readonly grownMiB: number;
}

const stepSec = 300;
const days = 30;
const warmSamples = 12_000;

export function measureCost(horizons: readonly number[], withTrees: boolean, collect: () => void): Cost {
  const forecaster = new SeriesForecaster({ startSec: 1.7e9, stepSec, horizons, withTrees, jobs: [] });
  const load = (at: number): number =>
    100 + 40 * Math.sin((2 * Math.PI * at * stepSec) / 86_400) + 10 * Math.sin(at * 12.9898) * Math.cos(at * 78.233);
  let at = 0;
  // Until the history is full, without the trees of each quarter of a day: what counts is the refit at the end.
  for (; at < days * 288; at++) forecaster.push(load(at), false);
  const refits = withTrees ? 12 : 60;
  forecaster.refit(withTrees);
  const refitMs =
    cpuMs(() => {
      for (let each = 0; each < refits; each++) forecaster.refit(withTrees);
    }) / refits;
  // A thread that runs for days: the engine compiles it once more after the first refits.
  for (let each = 0; each < warmSamples; each++) forecaster.push(load(at++), false);
  const samples = 4000;
  const sampleMs = cpuMs(() => {
    for (let each = 0; each < samples; each++) forecaster.push(load(at++), false);
  });
  collect();
  const before = heldBytes();
  for (let each = 0; each < 500; each++) forecaster.refit(withTrees && each % 10 === 0);
  collect();
  return {
    configuration: `horizons ${horizons.join(' and ')}, ${withTrees ? 'with' : 'without'} trees`,
    refitMs,
    refitsPerMinute: 60_000 / refitMs,
    sampleMicros: (1000 * sampleMs) / samples,
    grownMiB: (heldBytes() - before) / 2 ** 20,
  };
}

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function heldBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
