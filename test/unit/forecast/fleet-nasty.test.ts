// Whatever is measured, wherever areas are said to lie, whatever partitions are said to do: rows of quantiles, parts of 1, no exception.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AreaPast, FleetForecast, FleetLayout, Flows } from '../../../src/forecast/fleet.ts';
import { FleetForecaster } from '../../../src/forecast/fleet-forecaster.ts';
import type { Capacity } from '../../../src/model/capacity.ts';
import { startSec, stepSec } from './made-fleet.ts';

function judge({ partitions, scores, crossings }: FleetForecast): void {
  for (const [partition, of] of partitions) {
    for (const { flow, horizon, steps, mean, max, weights } of of) {
      for (const row of [...steps, mean, max]) {
        const sound = row.every((value, at) => value >= (row[at - 1] ?? 0) && value < Number.POSITIVE_INFINITY);
        if (!sound) expect.fail(`${partition} ${flow} ${horizon}: ${row.join(' ')}`);
      }
      if (steps.length !== horizon) expect.fail(`${steps.length} steps of ${horizon}`);
      const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
      if (sum !== 0 && Math.abs(sum - 1) > 1e-6) expect.fail(`weights sum to ${sum}`);
    }
  }
  for (const { pressure = 0, overloadProb = 0, imbalanceScore = 0, because, flow } of scores) {
    if (!(pressure >= 0 && pressure < Number.POSITIVE_INFINITY)) expect.fail(`pressure ${pressure}`);
    if (!(overloadProb >= 0 && overloadProb <= 1)) expect.fail(`probability ${overloadProb}`);
    if (!Number.isFinite(imbalanceScore)) expect.fail(`imbalance ${imbalanceScore}`);
    if (flow === undefined && because.length === 0) expect.fail('left out without a word');
  }
  if (crossings.some(({ atSec }) => !Number.isFinite(atSec))) expect.fail('crosses at no time');
}

const number = fc.oneof(
  { weight: 5, arbitrary: fc.double({ min: 0, max: 1000, noNaN: true }) },
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constantFrom(Number.NaN, 1e9, 1e-12, 1e300, -5, Number.POSITIVE_INFINITY) },
);
const rates: fc.Arbitrary<Flows> = fc.record({
  readOps: number,
  writeOps: number,
  readBytes: number,
  writeBytes: number,
});
const area = fc.constantFrom('a', 'b', 'c', 'd');
const partition = fc.constantFrom('p', 'q', '*', '');
const capacity: fc.Arbitrary<Capacity> = fc.record({
  load: fc.record({ readOps: number, writeOps: number }, { requiredKeys: [] }),
  confidence: fc.constantFrom(0, 0.3, 1, Number.NaN),
  source: fc.constantFrom('quota', 'estimate', 'none'),
});
const layout: fc.Arbitrary<FleetLayout> = fc.record({
  shares: fc
    .array(fc.tuple(area, fc.array(fc.tuple(partition, rates), { maxLength: 3 })), { maxLength: 4 })
    .map((rows) => new Map(rows.map(([id, parts]) => [id, new Map(parts)]))),
  capacities: fc.array(fc.tuple(partition, capacity), { maxLength: 3 }).map((rows) => new Map(rows)),
  gone: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(area, { maxLength: 1 }) }),
});
const values = fc.array(number, { maxLength: 80 }).map((each) => Float64Array.from(each));
const past: fc.Arbitrary<AreaPast> = fc.record({
  area,
  startSec: fc.integer({ min: -100, max: 20 }).map((bins) => startSec + bins * stepSec),
  values: fc.record({ readOps: values, writeOps: values, readBytes: values, writeBytes: values }),
});
const bin = fc.record({
  skipped: fc.constantFrom(0, 0, 0, 0, 0, 2, -3, 200),
  areas: fc.option(
    fc.array(fc.tuple(area, rates), { maxLength: 4 }).map((rows) => new Map(rows)),
    { nil: undefined, freq: 8 },
  ),
  layout,
  past: fc.oneof({ weight: 8, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(past, { maxLength: 1 }) }),
});

test('any fleet', () => {
  fc.assert(
    fc.property(fc.array(past, { maxLength: 3 }), layout, fc.array(bin, { maxLength: 15 }), (pasts, first, bins) => {
      const fleet = new FleetForecaster({ stepSec, horizons: [1, 3], treesMax: 1, refitsPerBinMax: 1 }, pasts, first);
      let at = startSec + 20 * stepSec;
      for (const each of bins) {
        at += (each.skipped + 1) * stepSec;
        judge(fleet.push({ startSec: at, areas: each.areas }, each.layout, each.past));
        judge({
          ...fleet.push({ startSec: at, areas: each.areas }, each.layout, []),
          partitions: fleet.areas(['a', 'x']),
        });
      }
    }),
    { numRuns: 10, seed: 1, endOnFailure: true },
  );
});
