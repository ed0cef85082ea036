// Plans as people read them: what would be done and why, what would not and why not.
import type { Decision, StepResult } from '../pilot/pilot.ts';
import type { Score, Step, UnderWay } from '../placement/placement.ts';
import { shortId, spanText } from './explained-text.ts';
import { humanBytes, table } from './print.ts';

export type AreaNames = Readonly<Record<string, string>>;

const refusalsShownMax = 20;

export function decisionText(decision: Decision, areas: AreaNames): string {
  const { id, steps, results, refusals, refusalsLeft } = decision;
  const shown = refusals.slice(0, refusalsShownMax);
  const more = refusals.length - shown.length + refusalsLeft;
  return [
    `plan ${id}, ${timeText(decision.untilSec)}, ${causes[decision.cause]}${againText(decision)}; what it saw: ${decision.digest.slice(0, 12)}`,
    ...(steps.length === 0 ? ['  nothing is to be done'] : []),
    ...steps.flatMap((step, at) => stepLines(step, results[at], at + 1, areas)),
    ...(shown.length === 0 ? [] : ['  left alone:']),
    ...shown.map(
      ({ partition, area, why }) =>
        `    ${[partition, area && areaText(area, areas)].filter(Boolean).join(', ')}: ${why}`,
    ),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ].join('\n');
}

const causes = { tick: 'by its tick', asked: 'asked for', rebalance: 'to level the fleet' } as const;
const againText = ({ times, atSec }: Decision): string =>
  times > 1 ? `, the same ${times} times since ${timeText(atSec)}` : '';

function stepLines(step: Step, result: StepResult | undefined, number: number, areas: AreaNames): string[] {
  return [
    `  ${number}. ${stepText(step, areas)}`,
    `     because ${step.because.text}`,
    ...(result === undefined ? [] : [`     ${result.outcome}: ${result.because}`]),
  ];
}

export function stepText(step: Step, areas: AreaNames): string {
  switch (step.kind) {
    case 're-home':
      return `re-home ${areaText(step.area, areas)} from ${homesText(step.from)} to ${homesText(step.to)}: its new blocks go there`;
    case 'move':
      return `move ${humanBytes(step.bytes)} of ${areaText(step.area, areas)} from ${step.from} to ${step.to}, ${partText(step.readShare)} of its reads${step.startInSec > 0 ? `, in ${spanText(step.startInSec)}` : ''}`;
    case 'split-area':
      return `split ${areaText(step.area, areas)} at the key that halves its demand; the upper half goes to ${step.home}`;
    case 'grow':
      return `bring a partition of pool ${step.pool} online`;
    case 'drain':
      return `drain ${step.partition}`;
    case 'keep':
      return `keep ${step.partition}: it takes new data again`;
    case 'retire':
      return `retire ${step.partition}`;
  }
}

const homesText = (homes: readonly { readonly partition: string; readonly weight: number }[]): string =>
  homes
    .map(({ partition, weight }) => (homes.length === 1 ? partition : `${partition} (${partText(weight)})`))
    .join(', ');
const partText = (part: number): string => `${Math.round(100 * part)} %`;
export const areaText = (area: string, areas: AreaNames): string => `area ${areas[area] ?? `…${shortId(area)}`}`;
export const timeText = (sec: number): string => new Date(sec * 1000).toISOString().replace(/\.\d+Z$/, 'Z');

export function scoresText(scores: readonly Score[]): string {
  const rows = scores.map(({ partition, pressure, imbalance, flow, inSec }) => [
    partition,
    pressure.toFixed(2),
    imbalance.toFixed(2),
    flow,
    inSec <= 0 ? 'now' : `in ${spanText(Math.round(inSec))}`,
  ]);
  return table(rows, ['PARTITION', 'PRESSURE', 'IMBALANCE', 'DRIVEN BY', 'WHEN']);
}

const barWidth = 24;

/** `total`: bytes that it has to move in all. */
export function underWayText(each: UnderWay, areas: AreaNames, total: number | undefined): string {
  if (each.kind === 'grow') return `partition ${each.partition} comes online from pool ${each.pool}`;
  if (each.kind === 'drain') return `partition ${each.partition} drains`;
  const share = total === undefined || total === 0 ? undefined : 1 - each.bytesLeft / total;
  const filled = Math.round(barWidth * (share ?? 0));
  const bar =
    share === undefined ? '' : ` [${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] ${Math.floor(100 * share)} %`;
  return `${areaText(each.area, areas)} from ${each.from} to ${each.to}${bar}, ${humanBytes(each.bytesLeft)} left`;
}
