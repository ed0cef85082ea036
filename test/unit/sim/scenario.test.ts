// Scenarios: what is left out has its default, what is wrong is told with its line and what may have been meant.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scenarioOf, withPolicies } from '../../../src/sim/scenario.ts';
import { scenarioJsonSchema } from '../../../src/sim/scenario-json-schema.ts';

const least = 'loads: [{ files: [a.csv] }]\n';
const mistakesOf = (text: string): string => {
  try {
    scenarioOf('s.yaml', text);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

it('has the fleet of the comparison when nothing but loads is told', () => {
  const { partitions, loads, pool, utilisation, days, skew, move, policies } = scenarioOf('s.yaml', least);
  expect(loads).toEqual([
    {
      files: [{ path: 'a.csv', aggregate: 'mean' }],
      areas: 240,
      phase: 'random',
      shiftMinutes: [],
      sizeDeviation: 0.5,
      peakMax: Number.POSITIVE_INFINITY,
    },
  ]);
  expect(partitions).toHaveLength(12);
  expect(new Set(partitions.map((each) => each.capacityDomain)).size).toBe(12);
  expect([pool.max, utilisation, days.warmUp, days.scored, move.minutes]).toEqual([3, 0.65, 4, 10, 20]);
  expect(skew).toEqual({ files: [], zipf: [0.9] });
  expect(policies).toContain('ours');
});

it('fills in what items of lists leave out', () => {
  const { loads, partitions, batch, skew } = scenarioOf(
    's.yaml',
    `loads: [{ aggregate: sum, files: [a.csv, { path: b.csv, aggregate: mean }] }]
partitions: { serviceMs: 5, list: [{ id: a, capacity: 2, capacityDomain: x }, { id: b }] }
skew: { files: [t.u32] }
readShare: 0.5
batch: [{ minutes: 30 }]`,
  );
  expect(loads[0]?.files.map((each) => each.aggregate)).toEqual(['sum', 'mean']);
  expect(partitions).toEqual([
    {
      id: 'a',
      capacity: 2,
      capacityDomain: 'x',
      failureDomain: 'a',
      writeCapacity: 0.64,
      serviceMs: 5,
      concurrency: 16,
    },
    {
      id: 'b',
      capacity: 1,
      capacityDomain: 'b',
      failureDomain: 'b',
      writeCapacity: 0.64,
      serviceMs: 5,
      concurrency: 16,
    },
  ]);
  expect(batch[0]).toMatchObject({ name: 'job-1', readShare: 0.5, startMinute: undefined, declared: true });
  expect(skew).toEqual({ files: ['t.u32'], zipf: [] });
});

it.each([
  ['loads: []', 's.yaml:1: loads: must have at least 1'],
  ['utilisation: 0.5', 'loads: must be a list of area groups'],
  [`${least}utilization: 0.5`, 's.yaml:2: utilization: is unknown; did you mean utilisation?'],
  [`${least}move:\n  minuts: 5`, 's.yaml:3: move.minuts: is unknown; did you mean minutes?'],
  [`${least}batch: [{ area: 0.1 }]`, 'batch[0].area: is unknown; did you mean areas?'],
  [
    `${least}partitions:\n  list: [{ id: a, capacty: 1 }]`,
    'partitions.list[0].capacty: is unknown; did you mean capacity?',
  ],
  [`${least}move: fast`, 's.yaml:2: move: must be a group of keys, not a single value'],
  [`${least}utilisation: 0`, 'utilisation: must be above 0'],
  [`${least}utilisation: many`, 'utilisation: must be a number'],
  [`${least}days: { scored: 1.5 }`, 'days.scored: must be a whole number'],
  [`${least}policies: [our]`, 'policies[0]: must be one of static'],
  [`${least}policies: [ours, ours]`, 'policies[1]: is there twice'],
  [`${least}forecast: { aheadMinutes: [10, 5] }`, 'forecast.aheadMinutes: must ascend'],
  [`${least}forecast: { aheadMinutes: [7] }`, 'must be a multiple of 5'],
  [`${least}partitions: { list: [{ id: a }, { id: a }] }`, 'partitions.list[1].id: is there twice'],
  ['loads: [{ files: [a.csv], phase: given }]', 'loads[0].phase: given wants shiftMinutes'],
  ['loads: [{ files: [a.csv], shiftMinutes: [5] }]', 'loads[0].shiftMinutes: is only for phase given'],
  ['loads: [{ files: [3] }]', 'loads[0].files[0]: must be a path, or path and aggregate'],
  ['loads: [{', 's.yaml:1'],
  [`${least}loads: []`, 'is written twice here'],
])('refuses %j', (text, told) => {
  expect(mistakesOf(text)).toContain(told);
});

it('tells all mistakes at once', () => {
  expect(mistakesOf(`${least}utilisation: 9\nreadShare: 9`)).toContain('2 mistakes');
});

it('takes other policies, and names the one that was meant', () => {
  const read = { scenario: scenarioOf('s.yaml', least), folder: '.' };
  expect(withPolicies(read, ['ours', 'oracle', 'ours']).scenario.policies).toEqual(['ours', 'oracle']);
  expect(() => withPolicies(read, ['reactve'])).toThrow('there is no policy reactve; did you mean reactive?');
});

it('docs/simulate.schema.json is up to date (echogate simulate schema > docs/simulate.schema.json)', () => {
  expect(readFileSync('docs/simulate.schema.json', 'utf8')).toBe(scenarioJsonSchema());
});
