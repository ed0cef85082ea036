// What a scenario may say, with its defaults and bounds: the fleet of control.md's comparison unless told otherwise. Source of docs/simulate.schema.json.
import { z } from 'zod';

export const policyNames = [
  'static',
  'reactive',
  'reactive+',
  'reactive+95',
  'reactive+90',
  'reactive+elastic',
  'oracle',
  'ours',
  'ours-forecast',
  'ours-echo',
  'ours-split',
  'ours-jobs',
  'ours-rehoming',
  'oracle-moves',
  'ours-moves',
] as const;
export type PolicyName = (typeof policyNames)[number];

const amount = (least: number, most: number) =>
  z.number({ error: 'must be a number' }).min(least, `must be at least ${least}`).max(most, `must be at most ${most}`);
const above0 = (most: number) =>
  z.number({ error: 'must be a number' }).gt(0, 'must be above 0').max(most, `must be at most ${most}`);
const whole = (least: number, most: number) =>
  z
    .int({ error: 'must be a whole number' })
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`);
const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });
const flag = z.boolean({ error: 'must be true or false' });
const id = z
  .string({ error: 'must be a short name' })
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be a short name (a–z, 0–9, ._-)');
const path = z.string({ error: 'must be a path' }).min(1, 'must be a path').max(4096);
const group = 'must be a group of keys, not a single value';
const strict = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, { error: (issue) => (issue.code === 'invalid_type' ? group : undefined) });
const list = <T extends z.ZodType>(item: T, of: string, least: number, most: number) =>
  z
    .array(item, { error: `must be a list of ${of}` })
    .min(least, `must have at least ${least}`)
    .max(most, `must have at most ${most}`);

const aggregate = choice(['sum', 'mean']);

const loads = strict({
  files: list(
    z.union([path, strict({ path, aggregate: aggregate.optional() })], {
      error: 'must be a path, or path and aggregate',
    }),
    'files',
    1,
    1000,
  ).describe('CSV, also .gz: timestamp,value; relative to the scenario. Areas take the files in turn.'),
  aggregate: aggregate.default('mean').describe('what a bin is of its samples, where a file does not say'),
  areas: whole(1, 100_000).default(240),
  phase: choice(['random', 'one', 'given'])
    .default('random')
    .describe(
      'where in its series an area begins: anywhere by the seed, all at its beginning, or as shiftMinutes says',
    ),
  shiftMinutes: list(whole(0, 10_000_000).multipleOf(5, 'must be a multiple of 5'), 'minutes', 1, 100_000)
    .optional()
    .describe('phase given: of the areas in turn, in whole bins of 5 minutes'),
  peakMax: above0(1000)
    .optional()
    .describe('no area asks for more, in capacities of a partition: what is more has been split; default: no bound'),
  sizeDeviation: amount(0, 3).default(0.5).describe('of the logarithm of the mean load of areas'),
});

const partition = {
  capacity: above0(1e6).describe('relative to the others'),
  serviceMs: above0(60_000).describe('mean time to serve a request; exponentially distributed'),
  writeCapacity: above0(100).describe('for writes, over that for reads (S3: 3,500 and 5,500 a second)'),
  concurrency: whole(1, 100_000).describe('requests served at once; all of them busy is the capacity'),
};

const partitions = strict({
  count: whole(1, 10_000).default(12).describe('alike, each in a domain of its own; unless there is a list'),
  capacity: partition.capacity.default(1),
  writeCapacity: partition.writeCapacity.default(0.64),
  serviceMs: partition.serviceMs.default(20),
  concurrency: partition.concurrency.default(16),
  list: list(
    strict({
      id,
      capacity: partition.capacity.optional(),
      capacityDomain: id.optional().describe('default: its own'),
      failureDomain: id.optional().describe('default: its own'),
      writeCapacity: partition.writeCapacity.optional(),
      serviceMs: partition.serviceMs.optional(),
      concurrency: partition.concurrency.optional(),
    }),
    'partitions',
    1,
    10_000,
  ).optional(),
});

const batch = strict({
  name: id.optional(),
  areas: above0(1).default(0.08).describe('part of the areas that run it, drawn by the seed'),
  startMinute: whole(0, 1439).optional().describe('of the day; default: by the seed'),
  minutes: whole(1, 1440).default(60),
  partitionsWorth: above0(10_000).default(1).describe('what the areas add together, in capacities of a partition'),
  readShare: amount(0, 1).optional().describe('default: as for all'),
  declared: flag.default(true).describe('false: the planner learns of it only by seeing it'),
  declaredFactor: above0(100).default(1).describe('what is declared over what comes'),
});

const flash = strict({
  readShareOfAll: above0(0.95).default(0.3).describe('part of all reads that falls on it'),
  objects: whole(1, 100_000).default(16).describe('so far cold ones, homed on one partition'),
  minutes: whole(1, 1440).default(30),
  times: whole(1, 1000).default(3).describe('within the scored days, at random'),
});

export const scenarioSchema = strict({
  loads: list(loads, 'area groups', 1, 100),
  skew: strict({
    files: list(path, 'block traces', 1, 100)
      .optional()
      .describe('block ids in order of access, little-endian uint32, also .gz; relative to the scenario'),
    zipf: amount(0, 3).optional().describe('exponent of the popularity of blocks'),
  })
    .prefault({})
    .describe('how reads spread over the blocks of an area; areas take the profiles in turn. Default: zipf 0.9'),
  partitions: partitions.prefault({}),
  pool: strict({
    max: whole(0, 10_000).default(3),
    capacity: partition.capacity.default(1),
    onlineMinutes: whole(0, 1440).default(5).describe('until a new one takes data'),
  }).prefault({}),
  utilisation: above0(1.5)
    .default(0.65)
    .describe('mean demand over the capacity of all partitions but those of the pool, over the scored days'),
  readShare: amount(0, 1).default(0.8).describe('part of the operations that read'),
  move: strict({
    minutes: above0(1440).default(20).describe('in which one move brings the bytes of a mean area over'),
    loadShare: amount(0, 0.5).default(0.02).describe("of the source's and of the target's capacity while it runs"),
    perSource: whole(1, 100).default(2).describe('moves out of a partition at once'),
    inFlightShare: above0(1).default(0.05).describe('of all bytes under way at once'),
  }).prefault({}),
  echo: strict({
    count: whole(0, 4).default(2),
    budgetShare: amount(0, 1).default(0.02).describe('of all bytes'),
    fillSeconds: amount(0, 3600).default(2),
  }).prefault({}),
  days: strict({ warmUp: whole(0, 365).default(4), scored: whole(1, 365).default(10) }).prefault({}),
  batch: list(batch, 'jobs', 0, 100).default([]).describe('each runs once a day'),
  flash: flash.optional(),
  forecast: strict({
    trees: flag.default(false).describe('with boosted trees, as the hottest series have them: ten times the time'),
    aheadMinutes: list(whole(5, 1440).multipleOf(5, 'must be a multiple of 5'), 'minutes', 1, 24)
      .default([5, 10, 15, 30, 60, 120])
      .describe('how far ahead is forecast, ascending'),
  }).prefault({}),
  policies: list(choice(policyNames), 'policies', 1, policyNames.length).default([
    'static',
    'reactive',
    'reactive+',
    'oracle',
    'ours',
  ]),
  tickMinutes: whole(1, 60).default(1),
  blocksPerArea: whole(1, 1_000_000).default(1000),
}).describe('A scenario of `echogate simulate`.');
