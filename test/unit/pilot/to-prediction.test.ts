// A forecast as planners take it: steps from now on, and what changed hands since counted where it is.
import { describe, expect, it } from 'vitest';
import { type FleetForecast, levels } from '../../../src/forecast/forecast.ts';
import { eachFlow, flows } from '../../../src/model/load.ts';
import { unflatten } from '../../../src/pilot/flat-prediction.ts';
import { type PredictionSources, toPrediction } from '../../../src/pilot/to-prediction.ts';
import { quantileLevels } from '../../../src/placement/placement.ts';

const originSec = 1_800_000_000;
const stepSec = 300;
const steps = 3;
/** The bin after the origin's begins then. */
const nowSec = originSec + stepSec + 20;
const row = (middle: number): number[] => levels.map((level) => middle + 10 * (level - 0.5));

/** `a1` is asked 100, 200, 300 reads, all on p1 as the forecaster has it; `a2` 50 writes on p2. */
function forecast(): FleetForecast {
  const areas = ['a1', 'a2'];
  const values = new Float64Array(areas.length * flows.length * steps);
  values.set([100, 200, 300], flows.indexOf('readOps') * steps);
  values.set([50, 50, 50], (flows.length + flows.indexOf('writeOps')) * steps);
  const of = (flow: (typeof flows)[number], middles: readonly number[]) => ({
    ...{ flow, horizon: steps, mean: row(0), max: row(0), weights: {}, state: 'sound' as const, because: [] },
    steps: middles.map(row),
  });
  return {
    ...{ originSec, stepSec, scores: [], crossings: [] },
    partitions: new Map([
      ['p1', [of('readOps', [100, 200, 300])]],
      ['p2', [of('readOps', [0, 0, 0]), of('writeOps', [50, 50, 50])]],
    ]),
    expected: {
      ...{ steps, areas, values, fleet: { readOps: [100, 200, 300].map(row) } },
      shares: new Map([
        ['a1', new Map([['p1', eachFlow(() => 1)]])],
        ['a2', new Map([['p2', eachFlow(() => 1)]])],
      ]),
    },
  };
}

const all = (partition: string): ReadonlyMap<string, number> => new Map([[partition, 1]]);
const unmoved = new Map([
  ['a1', { reads: all('p1'), writes: all('p1') }],
  ['a2', { reads: all('p2'), writes: all('p2') }],
]);
const predicted = (sources: PredictionSources) => unflatten(toPrediction(sources));
const sources = { forecast: forecast(), declared: undefined, shares: unmoved, nowSec };
const middle = (rows: readonly ArrayLike<number>[] | undefined) => rows!.map((each) => each[levels.indexOf(0.5)]);

describe('a prediction', () => {
  it('has the levels of the forecaster', () => {
    expect(quantileLevels).toEqual(levels);
  });

  it('is the forecast, its steps counted from now', () => {
    const { aheadSec, partitions, areas, fleet } = predicted(sources);
    expect(aheadSec).toEqual([280, 580, 880]);
    expect(Array.from(partitions.get('p1')!.readOps![1]!)).toEqual(row(200));
    expect(Array.from(areas.get('a1')!.readOps!)).toEqual([100, 200, 300]);
    expect(middle(fleet.readOps)).toEqual([100, 200, 300]);
  });

  it('leaves out steps that are over', () => {
    const { aheadSec, partitions, areas, fleet } = predicted({ ...sources, nowSec: nowSec + 300 });
    expect(aheadSec).toEqual([280, 580]);
    expect(middle(partitions.get('p1')!.readOps)).toEqual([200, 300]);
    expect(Array.from(areas.get('a1')!.readOps!)).toEqual([200, 300]);
    expect(fleet.readOps!.length).toBe(2);
    const late = predicted({ ...sources, nowSec: nowSec + 3000 });
    expect([late.aheadSec, late.partitions.get('p1')!.readOps]).toEqual([[], []]);
  });

  it('has reads where they fall now, and writes at the home of now', () => {
    const shares = new Map([
      [
        'a1',
        {
          reads: new Map([
            ['p1', 0.25],
            ['p2', 0.75],
          ]),
          writes: all('p1'),
        },
      ],
      ['a2', { reads: all('p2'), writes: all('p1') }],
    ]);
    const { partitions } = predicted({ ...sources, shares });
    expect(middle(partitions.get('p1')!.readOps)).toEqual([25, 50, 75]);
    expect(middle(partitions.get('p2')!.readOps)).toEqual([75, 150, 225]);
    expect(middle(partitions.get('p2')!.writeOps)).toEqual([0, 0, 0]);
    // No quantile is below nothing.
    expect(Math.min(...partitions.get('p2')!.writeOps!.map((each) => each[0]!))).toBe(0);
  });

  it('knows which areas are asked by what is declared for these steps, and from when', () => {
    const job = (name: string, startSec: number, area: string) => ({
      ...{ name, starts: [startSec], durationSec: 60, load: eachFlow(() => 1), parts: new Map([[area, 1]]) },
    });
    const declared = {
      jobs: [
        job('soon', nowSec + 800, 'a1'),
        job('sooner', nowSec + 300, 'a1'),
        job('late', nowSec + 5000, 'a2'),
        job('over', nowSec - 100, 'a2'),
      ],
      hints: [],
      calendars: [],
    };
    expect([...predicted({ ...sources, declared }).declared]).toEqual([['a1', [nowSec + 800, nowSec + 300]]]);
  });
});
