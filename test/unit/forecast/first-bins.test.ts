// A fleet that was begun a moment ago: its load comes from nothing, and what is said of it stays of the size of what was seen.
import { describe, expect, it } from 'vitest';
import { flows } from '../../../src/forecast/fleet.ts';
import { FleetForecaster } from '../../../src/forecast/fleet-forecaster.ts';
import { flowOf, layoutOf } from './made-fleet.ts';

const areas = ['a', 'b', 'c', 'd', 'e'];
const layout = layoutOf(Object.fromEntries(areas.map((name) => [name, 'p'])));
const startSec = 1_700_000_100;
/** Filling for a bin, then steady. */
const totals = [0.05, 1.7, 1.8, 1.7, 1.9, 1.8, 1.7, 1.8, 1.9, 1.8, 1.7, 1.8, 1.7, 1.9, 1.8, 1.7];

describe('the first bins of a fleet', () => {
  it('foresee a few times what was seen at most', () => {
    const fleet = new FleetForecaster({ stepSec: 300, horizons: [1, 12], treesMax: 0 }, [], layout);
    totals.forEach((total, at) => {
      const counts = new Map(
        areas.map((name, place) => {
          const one = (total / areas.length) * (1 + 0.1 * Math.sin(place + at));
          return [name, Object.fromEntries(flows.map((flow) => [flow, one])) as Record<(typeof flows)[number], number>];
        }),
      );
      const bin = { startSec: startSec + at * 300, areas: counts };
      const fresh = at === 0 ? areas.map((area) => ({ area, startSec: bin.startSec, values: emptyPast() })) : [];
      const forecast = fleet.push(bin, layout, fresh);
      const { steps } = flowOf(forecast, 'p', 12);
      const greatest = Math.max(...steps.flat());
      expect(greatest, `after ${at + 1} bins`).toBeLessThan(20);
    });
  });
});

const emptyPast = () => ({
  readOps: new Float64Array(0),
  writeOps: new Float64Array(0),
  readBytes: new Float64Array(0),
  writeBytes: new Float64Array(0),
});
