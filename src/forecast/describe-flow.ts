// A series' forecast as it is published: the fan of each horizon, whose it is, and what should be known before it is trusted.
import { addBrought } from './add-brought.ts';
import type { AreaSeries } from './area-series.ts';
import { type Fan, type FanSource, fanOf, maxRow } from './fan.ts';
import type { Flow, FlowForecast, Quantiles } from './fleet.ts';
import { levelCount } from './levels.ts';
import { mergeEffects } from './merge-effects.ts';
import type { PartitionSeries } from './partition-series.ts';
import type { Effect } from './prior.ts';

type Explained = Pick<FlowForecast, 'weights' | 'state' | 'because'>;

/** `max`: row of the greatest bin of a horizon; `explain`: by the place of a target, the mean of each horizon. */
export function describeFlow(
  flow: Flow,
  source: FanSource,
  fan: Fan,
  horizons: readonly number[],
  max: (horizon: number) => Float64Array,
  explain: (place: number) => Explained,
): FlowForecast[] {
  return horizons.map((horizon) => {
    const place = source.answer.findIndex(({ target }) => target.from === 1 && target.to === horizon);
    const { row, plain = row } = source.answer[place]!;
    const mean = plain.slice();
    const effects: Effect[] = [];
    const brought = source.bring?.(1, horizon, effects);
    if (brought !== undefined) addBrought(mean, brought);
    return {
      flow,
      horizon,
      steps: fan.steps.slice(0, horizon).map(published),
      mean: published(mean),
      max: published(horizon === 1 ? mean : max(horizon)),
      ...explain(place),
      ...(brought !== undefined && { effects: mergeEffects([{ effects, share: 1 }]) }),
    };
  });
}

/** Nothing was ever asked of it. */
export function describeNothing(flow: Flow, horizons: readonly number[]): FlowForecast[] {
  const zeros: Quantiles = new Array<number>(levelCount).fill(0);
  return horizons.map((horizon) => ({
    flow,
    horizon,
    steps: Array.from({ length: horizon }, () => zeros),
    mean: zeros,
    max: zeros,
    weights: {},
    state: 'sound',
    because: ['nothing of this kind was ever asked'],
  }));
}

export function describeArea(series: AreaSeries, horizons: readonly number[], stepSec: number): FlowForecast[] {
  const fan = fanOf(series, Math.max(...horizons), stepSec);
  return describeFlow(
    series.flow,
    series,
    fan,
    horizons,
    (horizon) => maxRow(fan, horizon),
    (place) => ({
      weights: series.answer[place]!.weights,
      state: series.state,
      because: sentencesOf[series.state],
    }),
  );
}

const sentencesOf: Readonly<Record<FlowForecast['state'], readonly string[]>> = {
  sound: [],
  young: ['less than two days were measured: the rest of the fleet stands in for what is not known'],
  fallback: ['too little was measured to fit anything: simple experts only'],
};

/** Weights of a partition are its areas' weights by their demand, as far as it trusts them, and those of the direct experts. */
export function explainPartition(series: PartitionSeries, place: number): Explained {
  const parts = series.parts.map(({ series: area, share }) => ({ area, demand: share * area.level }));
  const total = parts.reduce((sum, { demand }) => sum + demand, 0);
  const weights: Record<string, number> = {};
  const add = (name: string, weight: number): void => {
    if (weight > 0) weights[name] = (weights[name] ?? 0) + weight;
  };
  let trusted = 0;
  for (const [name, weight] of Object.entries(series.answer[place]?.weights ?? {})) {
    if (name === 'areas' || name === 'areas-scaled') trusted += weight;
    else add(`direct-${name}`, weight);
  }
  // Nothing lies here any more: the sum of nothing is what its areas say.
  if (parts.length === 0) add('areas', trusted);
  const demandOf = (demand: number): number => (total > 0 ? demand / total : 1 / parts.length);
  for (const { area, demand } of parts) {
    for (const [name, weight] of Object.entries(area.answer[place]?.weights ?? {})) {
      add(name, trusted * demandOf(demand) * weight);
    }
  }
  const partOf = (state: FlowForecast['state']): number =>
    parts.reduce((sum, { area, demand }) => (area.state === state ? sum + demandOf(demand) : sum), 0);
  const because = (['young', 'fallback'] as const).flatMap((state) => {
    const count = parts.filter(({ area }) => area.state === state).length;
    return count === 0
      ? []
      : [`${count} of ${parts.length} areas (${percent(partOf(state))} of the demand) ${words[state]}`];
  });
  const state =
    partOf('fallback') >= 0.5 ? 'fallback' : partOf('young') + partOf('fallback') >= 0.5 ? 'young' : 'sound';
  return { weights, state, because };
}

const words = { young: 'have less than two days of history', fallback: 'know only simple experts' } as const;
const percent = (part: number): string => `${Math.round(100 * part)} %`;
const published = (row: Float64Array): Quantiles => Array.from(row);
