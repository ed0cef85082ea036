// The features of the learning experts: everything relative to the last value and in local scales, so that one set of bounds fits all series.
import { putDayWaves, waveCount } from './day-waves.ts';
import { type History, plainSmoothing } from './history.ts';
import type { Origin, Target } from './origin.ts';

/** Beyond so many scales a feature or target says only "far". */
export const farScales = 25;
const lags = [1, 2, 3, 5, 11] as const;
const daysBack = 7;

export const featureNames = [
  ...lags.map((lag) => `lag ${lag}`),
  'EWMA .15',
  'EWMA .3',
  'EWMA .05',
  'mean of 12',
  'mean of a day',
  'target a day ago',
  'now a day ago',
  'around target a day ago',
  'target on days before',
  'now on days before',
  'target a week ago',
  'now a week ago',
  'Prophet at target',
  'Prophet now',
  'Prophet error lately',
  'highest of 12',
  'lowest of 12',
  'scale against week',
  'level against week',
  'sin day',
  'cos day',
  'sin half day',
  'cos half day',
  'sin hour',
  'cos hour',
  'weekend',
] as const;
export const featureCount = featureNames.length;

/** Fills `origin.features`; `origin` already holds index, value, scale, means and Prophet's words. */
export function fillFeatures(origin: Origin, history: History, { from, to }: Target): void {
  const { index, value, scale, features } = origin;
  const { binsPerDay: day, binsPerWeek: week } = history;
  const oldest = history.first;
  let at = 0;
  const put = (feature: number): void => {
    features[at++] =
      feature > farScales ? farScales : feature >= -farScales ? feature : Number.isNaN(feature) ? 0 : -farScales;
  };
  const perScale = 1 / scale;
  const relative = (level: number): void => put((level - value) * perScale);
  for (let each = 0; each < lags.length; each++) {
    const lag = index - lags[each]!;
    relative(lag >= oldest ? history.at(lag) : value);
  }
  relative(origin.smooth[1]!);
  relative(origin.smooth[plainSmoothing]!);
  relative(origin.smooth[0]!);
  relative(origin.windowMean);
  relative(history.mean(Math.max(oldest, index - day + 1), index));
  const dayAgo = index - day;
  if (dayAgo + from >= oldest && day >= to) {
    relative(history.mean(dayAgo + from, dayAgo + to));
    relative(dayAgo >= oldest ? history.at(dayAgo) : value);
    relative(history.mean(Math.max(oldest, dayAgo + from - 3), Math.min(index, dayAgo + to + 3)));
    let targets = 0;
    let nows = 0;
    let count = 0;
    for (let back = 1; back <= daysBack; back++) {
      const then = index - back * day;
      if (then < oldest) break;
      targets += history.mean(then + from, then + to);
      nows += history.at(then);
      count++;
    }
    relative(count > 0 ? targets / count : value);
    relative(count > 0 ? nows / count : value);
  } else at = putZeros(features, at, 5);
  const weekAgo = index - week;
  if (weekAgo >= oldest && week >= to) {
    relative(history.mean(weekAgo + from, weekAgo + to));
    relative(history.at(weekAgo));
  } else at = putZeros(features, at, 2);
  relative(origin.prophetTarget);
  relative(origin.prophetNow);
  put(origin.prophetError / scale);
  let highest = value;
  let lowest = value;
  for (let back = Math.max(oldest, index - 11); back < index; back++) {
    const then = history.at(back);
    if (then > highest) highest = then;
    else if (then < lowest) lowest = then;
  }
  relative(highest);
  relative(lowest);
  put(Math.log(scale / history.scale.week));
  put(Math.log((value + scale) / (history.scale.level + scale)));
  const sec = history.timeSec(index + ((from + to) >> 1));
  putDayWaves(sec, history.stepSec, features, at);
  at += waveCount;
  put(((Math.floor(sec / 86_400) + 4) % 7) % 6 === 0 ? 1 : 0);
}

function putZeros(features: Float32Array, at: number, count: number): number {
  features.fill(0, at, at + count);
  return at + count;
}
