// The day as text for a terminal: its sums, each partition as rows of small blocks, and the decisions with what came of them.
import type { PartitionDay, StepEffect } from './effect.ts';
import { coverageOf, effectsOf, isActed, overOf, partitionDays, partText, sumDay, timeText } from './effect.ts';
import type { DayRecord } from './record.ts';

const columns = 72;
const blocks = ' ▁▂▃▄▅▆▇█';
const stepsShown = 40;

export function dayText(record: DayRecord): string {
  const days = partitionDays(record);
  const effects = effectsOf(record, days);
  const sums = sumDay(record, days);
  const acted = effects.filter(({ step }) => isActed(step));
  const idle = effects.length - acted.length;
  return [
    `A day of real traces with the pilot in mode auto: ${timeText(record.fromSec)} to ${timeText(record.fromSec + record.bins.length * record.stepSec)}, ${record.factor} times as fast.`,
    `Measured on ${record.measuredOn}.`,
    '',
    `requests             ${sums.requests}, ${sums.failed} failed, ${sums.slow} slower than a second`,
    `above capacity       ${sums.overMinutes} partition-minutes; ${sums.overMinutesOtherwise} had nothing been moved`,
    `steps                ${sumsText(sums.steps)}; ${record.ticks} ticks`,
    `forecast             ${sums.coverage.inside} of ${sums.coverage.count} bins inside the published 90 % band (${partText(sums.coverage.inside / sums.coverage.count)})`,
    '',
    ...days.flatMap((day) => partitionLines(day, record)),
    `DECISIONS that did something${idle > 0 ? ` (${idle} further steps waited, were only shown or were refused)` : ''}`,
    ...(acted.length === 0 ? ['  none'] : acted.slice(0, stepsShown).flatMap(stepLines)),
    ...(acted.length > stepsShown ? [`  and ${acted.length - stepsShown} more`] : []),
    '',
    ...(record.refusals.length === 0 ? [] : ['LEFT ALONE']),
    ...record.refusals.map(({ why, times }) => `  ${String(times).padStart(5)} × ${why}`),
    '',
  ].join('\n');
}

const sumsText = (steps: Readonly<Record<string, number>>): string =>
  Object.entries(steps)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';

function partitionLines(day: PartitionDay, record: DayRecord): string[] {
  const { id, domain, capacity, demand, stayed, foreseen } = day;
  const { inside, count } = coverageOf(day);
  const row = (name: string, values: PartitionDay['demand']) => `  ${name.padEnd(12)}${blocksOf(values, capacity)}`;
  const marks = Array.from({ length: columns }, (_, column) => {
    const [from, to] = [column, column + 1].map(
      (each) => record.fromSec + (each / columns) * record.bins.length * record.stepSec,
    );
    const here = record.decisions.filter(({ atSec }) => atSec >= from! && atSec < to!).flatMap(({ steps }) => steps);
    const ours = here.filter((step) => isActed(step) && (step.from === id || step.to === id));
    return ours.length === 0 ? ' ' : ours.some(({ from }) => from === id) ? '-' : '+';
  });
  return [
    `${id} in ${domain}, ${capacity.toFixed(0)} reads a second (a full block is all of it; ! is more)`,
    row('demand', demand),
    row('unmoved', stayed),
    row(
      'q90',
      foreseen.map((each) => each?.q90),
    ),
    `  ${'moves'.padEnd(12)}${marks.join('')}`,
    `  above capacity in ${overOf(demand, capacity)} bins, ${overOf(stayed, capacity)} had nothing been moved; ${inside} of ${count} inside the band`,
    '',
  ];
}

/** The greatest of each column's bins. */
function blocksOf(values: PartitionDay['demand'], capacity: number): string {
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column / columns) * values.length);
    const to = Math.max(from + 1, Math.floor(((column + 1) / columns) * values.length));
    const known = values.slice(from, to).filter((each) => each !== undefined);
    if (known.length === 0) return '·';
    const part = Math.max(...known) / capacity;
    return part > 1 ? '!' : blocks[Math.round(part * (blocks.length - 1))]!;
  }).join('');
}

function stepLines({ decision, atSec, step, source }: StepEffect): string[] {
  return [
    `  ${timeText(atSec)}  plan ${decision}: ${step.what}`,
    `         because ${step.because}`,
    `         ${step.outcome}: ${step.outcomeBecause}`,
    ...(source === undefined
      ? []
      : [
          `         ${step.from} was at ${partText(source.before)}; half an hour later at ${partText(source.after)}, without any move ${partText(source.otherwise)}`,
        ]),
  ];
}
