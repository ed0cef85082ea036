// A partition's forecast as text: the fan, the window in words, and what it rests on.
import type { Flow } from '../model/load.ts';
import { drawFan, type Fan } from './draw-fan.ts';
import { humanBytes } from './print.ts';

interface FlowShown {
  readonly flow: Flow;
  readonly horizon: number;
  readonly steps: readonly (readonly number[])[];
  readonly mean: readonly number[];
  readonly max: readonly number[];
  readonly weights: Readonly<Record<string, number>>;
  readonly state: string;
  readonly because: readonly string[];
  readonly effects?: readonly Effect[];
}

/** What a declared job, hint or calendar does to it. */
interface Effect {
  readonly kind: string;
  readonly name: string;
  readonly load: number;
  readonly factor: number;
  readonly runs: number;
  readonly note?: string;
}

interface PartitionShown {
  readonly partition: string;
  readonly score?: {
    readonly pressure?: number;
    readonly overloadProb?: number;
    readonly imbalanceScore?: number;
    readonly flow?: Flow;
    readonly atSec?: number;
    readonly confidence: number;
  };
  readonly crossings: readonly { readonly flow: Flow; readonly share: number; readonly atSec: number }[];
  readonly flows: readonly FlowShown[];
  readonly measured: Readonly<Record<Flow, readonly (number | null)[]>>;
}

/** As the admin API answers `/v1/forecast`. */
export interface ForecastShown {
  readonly levels: readonly number[];
  readonly originSec?: number;
  readonly stepSec?: number;
  readonly because: string;
  readonly partitions: readonly PartitionShown[];
}

const height = 12;
export const flowWords: Readonly<Record<Flow, string>> = {
  readOps: 'reads per second',
  writeOps: 'writes per second',
  readBytes: 'bytes read per second',
  writeBytes: 'bytes written per second',
};

/** `resource`: the flow that is drawn; else what drives the score, else the busiest. */
export function forecastText(
  one: PartitionShown,
  { levels, originSec = 0, stepSec = 300 }: ForecastShown,
  { resource, horizon }: { readonly resource?: string; readonly horizon: number },
): string {
  const flows = one.flows.filter((each) => each.horizon === horizon);
  const wanted = resource ?? one.score?.flow ?? busiest(flows) ?? 'readOps';
  const shown = flows.find(({ flow }) => flow === wanted);
  const lines = [`${one.partition}  ${scoreText(one)}`];
  if (shown === undefined) return [...lines, `  no forecast of ${wanted}: nothing was asked of it yet`, ''].join('\n');
  const at = (row: readonly number[], level: number): number => row[levels.indexOf(level)] ?? 0;
  const format = formatOf(shown.flow);
  const fan: Fan = {
    measured: one.measured[shown.flow],
    ahead: shown.steps.map((row) => [at(row, 0.05), at(row, 0.2), at(row, 0.5), at(row, 0.8), at(row, 0.95)]),
    height,
    label: format,
  };
  const fromSec = originSec + stepSec;
  const until = timeText(fromSec + horizon * stepSec);
  lines.push(`  ${flowWords[shown.flow]}, five-minute bins; now ${timeText(fromSec)}, until ${until} UTC`);
  lines.push(...drawFan(fan).map((line) => `  ${line}`));
  lines.push(
    `  mean of the window: ${format(at(shown.mean, 0.5))} (90 %: ${format(at(shown.mean, 0.05))} to ${format(at(shown.mean, 0.95))}); its highest bin: ${format(at(shown.max, 0.5))} (below ${format(at(shown.max, 0.95))} in 19 of 20 cases)`,
    `  ${weightsText(shown.weights)}${shown.state === 'sound' ? '' : `; ${shown.state}`}`,
    ...(shown.effects ?? []).map((effect) => `  ${effectText(effect, format)}`),
    ...shown.because.map((why) => `  ${why}`),
    '',
  );
  return lines.join('\n');
}

function busiest(flows: readonly FlowShown[]): Flow | undefined {
  const ops = flows.filter(({ flow }) => flow === 'readOps' || flow === 'writeOps');
  const middle = ({ mean }: FlowShown): number => mean[Math.floor(mean.length / 2)] ?? 0;
  return ops.toSorted((a, b) => middle(b) - middle(a))[0]?.flow;
}

function scoreText({ score, crossings }: PartitionShown): string {
  if (score?.pressure === undefined) return 'pressure unknown: it has no quota, and its limits were never seen';
  const parts = [`pressure ${score.pressure.toFixed(2)}`];
  if (score.overloadProb !== undefined) parts.push(`overload ${(100 * score.overloadProb).toFixed(0)} %`);
  if (score.imbalanceScore !== undefined) parts.push(`imbalance ${score.imbalanceScore.toFixed(2)}`);
  if (score.flow !== undefined && score.atSec !== undefined) parts.push(`by ${score.flow} at ${timeText(score.atSec)}`);
  if (score.confidence < 1) parts.push(`capacity estimated, confidence ${score.confidence.toFixed(1)}`);
  for (const { flow, share, atSec } of crossings) parts.push(`${flow} passes ${100 * share} % at ${timeText(atSec)}`);
  return parts.join(' · ');
}

/** `job nightly adds 120 on the mean of the window; 3 runs showed 86 % of what is declared` */
function effectText({ kind, name, load, factor, runs, note }: Effect, format: (value: number) => string): string {
  const does = load < 0 ? 'takes away' : 'adds';
  const seen =
    runs === 0 ? 'as declared, no run was seen to its end yet' : `${runs} ${runs === 1 ? 'run' : 'runs'} seen`;
  const share = `${(100 * factor).toFixed(0)} % of the declaration is expected`;
  return `${kind} ${name} ${does} ${format(Math.abs(load))}: ${seen}; ${share}${note === undefined ? '' : `; ${note}`}`;
}

const weightsText = (weights: Readonly<Record<string, number>>): string =>
  Object.entries(weights)
    .filter(([, weight]) => weight >= 0.005)
    .sort(([, a], [, b]) => b - a)
    .map(([name, weight]) => `${name} ${(100 * weight).toFixed(0)} %`)
    .join(', ');

const formatOf =
  (flow: Flow) =>
  (value: number): string =>
    flow === 'readBytes' || flow === 'writeBytes'
      ? humanBytes(value)
      : value < 10
        ? value.toFixed(1)
        : value.toFixed(0);

const timeText = (timeSec: number): string => new Date(timeSec * 1000).toISOString().slice(11, 16);
