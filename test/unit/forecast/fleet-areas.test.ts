// Areas that are born with a past, or given another one, and which of them may have trees.
import { expect, it } from 'vitest';
import { FleetForecaster } from '../../../src/forecast/fleet-forecaster.ts';
import { at, begun, binAt, dailyAreas, flowOf, type Loads, layoutOf, pastOf, stepSec } from './made-fleet.ts';

const pastBins = 6 * 24;
const loads: Loads = dailyAreas(['a', 'b', 'child'], pastBins + 10);
const layout = layoutOf({ a: 'p', b: 'p', child: 'q' });
const known: Loads = { a: loads.a!, b: loads.b! };

it('a new area is no stranger when its past comes with it', () => {
  const [inherited, none] = [pastOf({ child: loads.child! }, pastBins), []].map((past) =>
    flowOf(begun(known, pastBins, layout).push(binAt(loads, pastBins), layout, past), 'q', 1),
  );
  expect(inherited!.state).not.toBe('young');
  expect(none!.state).toBe('young');
  expect(none!.because).toEqual(['1 of 1 areas (100 % of the demand) have less than two days of history']);
  expect(Math.abs(at(inherited!.mean, 0.5) / loads.child![pastBins + 1]! - 1)).toBeLessThan(0.25);
});

it('an area that gave half of its keys away begins anew with the other half of its past', () => {
  const halved: Loads = { a: loads.a!.map((value) => value / 2) };
  const fleet = begun(known, pastBins, layout);
  const median = (past: Loads): number => {
    const now = { ...loads, ...past };
    const pasts = Object.keys(past).length === 0 ? [] : pastOf(past, pastBins);
    const forecast = fleet.push(binAt(now, pastBins), layout, pasts);
    return at(flowOf(forecast, 'p', 4).mean, 0.5);
  };
  const [whole, half] = [begun(known, pastBins, layout).push(binAt(loads, pastBins), layout, []), median(halved)];
  expect(half / at(flowOf(whole, 'p', 4).mean, 0.5)).toBeCloseTo(0.75, 1);
  expect(
    fleet
      .areas(['a'])
      .get('a')!
      .find(({ flow }) => flow === 'readOps')!.state,
  ).not.toBe('young');
});

it('only the hottest series have trees', () => {
  const hot: Loads = { ...known, b: loads.b!.map((value) => 5 * value) };
  const options = { stepSec, horizons: [1], treesMax: 1, refitsPerBinMax: 0 };
  const fleet = new FleetForecaster(options, pastOf(hot, pastBins), layout);
  fleet.push(binAt({ ...loads, ...hot }, pastBins), layout, []);
  const withTrees = [...fleet.areas(['a', 'b', 'child'])].filter(([, [first]]) => 'trees' in first!.weights);
  expect(withTrees.map(([area]) => area)).toEqual(['b']);
});

it('nothing is said of an area that is not known, and nothing asked is forecast as nothing', () => {
  const fleet = begun(known, pastBins, layout);
  fleet.push(binAt(loads, pastBins), layout, []);
  const areas = fleet.areas(['a', 'unheard of']);
  expect([...areas.keys()]).toEqual(['a']);
  const writes = areas.get('a')!.filter(({ flow }) => flow === 'writeBytes');
  expect(writes.map(({ horizon, steps }) => [horizon, steps.length])).toEqual([
    [1, 1],
    [4, 4],
  ]);
  expect(new Set(writes.flatMap(({ steps, mean, max }) => [...steps, mean, max].flat()))).toEqual(new Set([0]));
});
