// What planners are told of areas is what the forecast says of them, declared load included.
import { describe, expect, it } from 'vitest';
import { type FleetForecast, flows } from '../../../src/forecast/fleet.ts';
import { at, begun, binAt, dailyAreas, layoutOf, quota, reads, startSec, stepSec } from './made-fleet.ts';

const pastBins = 6 * 24;
const names = ['a', 'b', 'c'];
const loads = dailyAreas(names, pastBins + 2);
const homes = { a: 'p', b: 'p', c: 'q' };

function rowOf({ expected }: FleetForecast, area: string, flow: (typeof flows)[number]): number[] {
  const from = (expected.areas.indexOf(area) * flows.length + flows.indexOf(flow)) * expected.steps;
  return Array.from(expected.values.subarray(from, from + expected.steps));
}

describe('what is expected of areas', () => {
  it('is the middle of their forecast in every step, with a job on top while it runs', () => {
    const layout = layoutOf(homes, { p: quota(1000), q: quota(1000) });
    const jobs = [
      {
        ...{ name: 'nightly', durationSec: stepSec, load: reads(500), parts: new Map([['b', 1]]) },
        starts: [startSec + (pastBins + 3) * stepSec],
      },
    ];
    const declared = { ...layout, declared: { jobs, hints: [], calendars: [] } };
    const fleet = begun(loads, pastBins, layout, [1, 4]);
    const forecast = fleet.push(binAt(loads, pastBins), declared, []);
    expect(forecast.expected.steps).toBe(4);
    for (const area of names) {
      const said = fleet.areas([area]).get(area)!;
      const { steps } = said.find(({ flow, horizon }) => flow === 'readOps' && horizon === 4)!;
      rowOf(forecast, area, 'readOps').forEach((value, step) => {
        expect(value).toBeCloseTo(at(steps[step]!, 0.5), 6);
      });
      expect(rowOf(forecast, area, 'writeOps')).toEqual([0, 0, 0, 0]);
    }
    const [, before, during, after] = rowOf(forecast, 'b', 'readOps');
    expect(during! - Math.max(before!, after!)).toBeGreaterThan(300);
  });

  it('comes with where they were taken to lie, and with the fleet as one', () => {
    const layout = layoutOf(homes, { p: quota(1000), q: quota(1000) });
    const forecast = begun(loads, pastBins, layout, [1, 4]).push(binAt(loads, pastBins), layout, []);
    expect([...forecast.expected.shares.get('c')!.keys()]).toEqual(['q']);
    const fleet = forecast.expected.fleet.readOps!;
    const sum = names.reduce((all, area) => all + rowOf(forecast, area, 'readOps')[0]!, 0);
    expect(fleet.length).toBe(4);
    expect(at(fleet[0]!, 0.5) / sum).toBeCloseTo(1, 1);
    expect(at(fleet[0]!, 0.9)).toBeGreaterThan(at(fleet[0]!, 0.5));
  });
});
