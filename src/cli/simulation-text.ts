// A scenario and what came of its runs, as people read them.
import type { Comparison, Scenario, Simulation, Sources } from '../sim/sim.ts';
import { humanBytes, table } from './print.ts';

export function describeScenario(scenario: Scenario, sources: Sources, seeds: readonly number[]): string[] {
  const { partitions, pool, days, batch, flash, move, policies, utilisation, readShare, loads, forecast } = scenario;
  const areas = loads.reduce((sum, group) => sum + group.areas, 0);
  const capacity = partitions.reduce((sum, each) => sum + each.capacity, 0);
  const domains = new Set(partitions.map((each) => each.capacityDomain)).size;
  const rows = sources.series.map((each) => [
    each.name,
    days5(each.shown.length),
    days5(each.shown.length - each.usableFrom),
    each.mean.toPrecision(4),
  ]);
  return [
    `${partitions.length} partitions in ${domains} capacity domains, capacity ${capacity}; a pool of ${pool.max} more`,
    `${areas} areas of ${scenario.blocksPerArea} blocks in ${loads.length} groups, phase ${loads.map((group) => group.phase).join(', ')}`,
    `utilisation ${percent(utilisation)}, ${percent(readShare)} reads; a move of a mean area takes ${move.minutes} minutes`,
    `${days.warmUp} days of warm-up, ${days.scored} days scored, a tick every ${scenario.tickMinutes} min`,
    ...batch.map(
      (job) =>
        `job ${job.name}: ${percent(job.areas)} of the areas, ${job.minutes} min a day at ${job.startMinute === undefined ? 'a time by the seed' : clock(job.startMinute)}, ${job.partitionsWorth} partitions' worth, ${job.declared ? `declared × ${job.declaredFactor}` : 'not declared'}`,
    ),
    ...(flash === undefined
      ? []
      : [
          `flash: ${percent(flash.readShareOfAll)} of reads on ${flash.objects} objects, ${flash.times} × ${flash.minutes} min`,
        ]),
    `forecasts ${forecast.aheadMinutes.join(', ')} minutes ahead, ${forecast.trees ? 'with' : 'without'} trees`,
    `reads spread as ${sources.heat.map(({ name }) => name).join(', ')}`,
    ...(partitions.length > 1 && domains === 1 ? ['one capacity domain: moves relieve nothing there'] : []),
    '',
    table(rows, ['series', 'days', 'usable', 'mean']),
    ...sources.notes.map((note) => `note: ${note}`),
    '',
    `${policies.length * seeds.length} runs: ${policies.join(', ')} with ${seeds.length} seeds (${seeds[0]}..${seeds.at(-1)})`,
  ];
}

export function showSimulation({ policies, comparisons, digest, wallMs }: Simulation): string[] {
  const rows = policies.map(({ policy, medians: of }) => [
    policy,
    of.violatingMinutes.toFixed(0),
    of.excess.toFixed(1),
    of.partitionHours.toFixed(0),
    of.maxOverMean.toFixed(2),
    humanBytes(of.bytesMoved),
    of.movesStarted.toFixed(0),
    of.movesUndone.toFixed(0),
    of.echoFills.toFixed(0),
    of.readP50Ms.toFixed(1),
    of.readP99Ms.toFixed(1),
  ]);
  const shown = comparisons.filter((each) => each.figure === 'violatingMinutes');
  return [
    table(rows, [
      'policy',
      'violating min',
      'excess',
      'partition h',
      'max/mean',
      'moved',
      'moves',
      'undone',
      'fills',
      'p50 ms',
      'p99 ms',
    ]),
    ...(shown.length === 0 ? [] : ['', 'violating minutes, × against', '']),
    ...(shown.length === 0
      ? []
      : [table(shown.map(comparisonRow), ['policy', 'against', 'ratio', 'difference', 'ratio at equal hours'])]),
    '',
    `medians over ${policies[0]?.seeds ?? 0} seeds, 95 % intervals by resampling seeds; ${(wallMs / 1000).toFixed(1)} s; configuration ${digest}`,
  ];
}

const comparisonRow = ({ policy, against, ratio, difference, ratioAtEqualHours }: Comparison): string[] => [
  policy,
  against,
  interval(ratio, 3),
  interval(difference, 0),
  ratioAtEqualHours === undefined ? '' : interval(ratioAtEqualHours, 3),
];

const interval = ({ value, low, high }: Comparison['ratio'], digits: number): string => {
  if (Number.isNaN(value)) return '–';
  return `${value.toFixed(digits)}${Number.isNaN(low) ? '' : ` (${low.toFixed(digits)} … ${high.toFixed(digits)})`}`;
};

const days5 = (bins: number): string => (bins / 288).toFixed(1);
const percent = (part: number): string => `${Number((100 * part).toFixed(2))} %`;
const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
