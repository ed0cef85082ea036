// Partition bands: do the quantiles of partitions keep their promise, and are they sharper than simpler ways to put a partition together? The same
// areas' forecasts for all; only how they become a partition differs.
import { FleetForecaster } from '../../src/forecast/fleet-forecaster.ts';
import { levelCount, levels, median, normalAt, rowLoss, tidy } from '../../src/forecast/levels.ts';
import { PartitionSeries } from '../../src/forecast/partition-series.ts';
import type { Part } from '../../src/forecast/sum-areas.ts';
import { areaCount, BandFleet, partitionCount, stepSec } from './band-fleet.ts';

export const bandDays = { past: 6, warm: 1, scored: 2 } as const;
export const horizons = [1, 12] as const;
const binsPerDay = 86_400 / stepSec;
/** Areas are fitted anew every ten hours instead of hourly: one core has five minutes for all of it. */
export const refitsPerBinMax = 2;
const directRefitBins = 60;

export const ways = ['ours', 'Gaussian', 'direct', 'sum of quantiles'] as const;
export type Way = (typeof ways)[number];

export interface BandScore {
  readonly target: string;
  readonly way: Way;
  readonly n: number;
  readonly wql: number;
  readonly inside: number;
  readonly belowQ99: number;
}

class Keeper {
  #n = 0;
  #loss = 0;
  #load = 0;
  #inside = 0;
  #below = 0;

  add(row: Float64Array, actual: number): void {
    this.#n++;
    this.#loss += rowLoss(row, actual);
    this.#load += actual;
    if (actual >= row[levels.indexOf(0.05)]! && actual <= row[levels.indexOf(0.95)]!) this.#inside++;
    if (actual <= row[levels.indexOf(0.99)]!) this.#below++;
  }

  score(target: string, way: Way): BandScore {
    const share = (count: number): number => count / this.#n;
    return {
      target,
      way,
      n: this.#n,
      wql: (2 * this.#loss) / this.#load,
      inside: share(this.#inside),
      belowQ99: share(this.#below),
    };
  }
}

export function measureBands(
  traces: readonly Float64Array[],
  withShock: boolean,
  seed: number,
  tell: (line: string) => void,
): BandScore[] {
  const pastBins = bandDays.past * binsPerDay;
  const scoredFrom = pastBins + bandDays.warm * binsPerDay;
  const bins = scoredFrom + bandDays.scored * binsPerDay;
  const fleet = new BandFleet(traces, bins, withShock, seed);
  const name = withShock ? 'with a common shock' : 'decorrelated';
  tell(`${name}: ${areaCount} areas begin with ${bandDays.past} days`);
  const options = { stepSec, horizons, treesMax: 0, refitsPerBinMax };
  const forecaster = new FleetForecaster(options, fleet.past(pastBins), fleet.layout());
  const partitions = Array.from({ length: partitionCount }, (_, at) => `p${at}`);
  const parts = (partition: string): readonly Part[] => forecaster.parts(partition, 'readOps');
  const firstBin = parts('p0')[0]!.series.firstBin;
  const direct = partitions.map((partition) => {
    const own = parts(partition);
    return new PartitionSeries({ firstBin, stepSec, horizons, withAreas: false }, own, own[0]!.series.newestBin);
  });
  const keepers = new Map<string, Keeper>();
  const add = (target: string, way: Way, row: Float64Array, actual: number): void => {
    const key = `${target} ${way}`;
    const keeper = keepers.get(key) ?? new Keeper();
    keepers.set(key, keeper);
    keeper.add(row, actual);
  };
  for (let at = pastBins; at < bins - Math.max(...horizons); at++) {
    fleet.move();
    const forecast = forecaster.push(fleet.bin(at), fleet.layout(), []);
    partitions.forEach((partition, p) => {
      direct[p]!.push(parts(partition));
      if ((at + p) % directRefitBins === 0) direct[p]!.forecaster.refit(false);
    });
    if (at % binsPerDay === 0) tell(`${name}: day ${at / binsPerDay} of ${bins / binsPerDay}`);
    if (at < scoredFrom) continue;
    partitions.forEach((partition, p) => {
      const load = Array.from({ length: Math.max(...horizons) }, (_, ahead) => fleet.load(p, at + 1 + ahead));
      for (const said of forecast.partitions.get(partition)!.filter(({ flow }) => flow === 'readOps')) {
        const window = load.slice(0, said.horizon);
        const actuals = { mean: mean(window), last: window.at(-1)!, max: Math.max(...window) };
        const minutes = `${said.horizon * (stepSec / 60)} min`;
        const kinds = said.horizon === 1 ? (['mean'] as const) : (['mean', 'last', 'max'] as const);
        for (const kind of kinds) {
          const target = said.horizon === 1 ? `load in ${minutes}` : `${kind} of ${minutes}`;
          const ours = kind === 'last' ? said.steps.at(-1)! : said[kind];
          add(target, 'ours', Float64Array.from(ours), actuals[kind]);
          if (kind === 'max') continue;
          const place = direct[p]!.answer.findIndex(
            (each) =>
              each.target.to === said.horizon && (kind === 'mean' ? each.target.from === 1 : each.target.from !== 1),
          );
          add(target, 'direct', direct[p]!.answer[place]!.row, actuals[kind]);
          add(target, 'Gaussian', gaussian(parts(partition), place), actuals[kind]);
          add(target, 'sum of quantiles', sumOfQuantiles(parts(partition), place), actuals[kind]);
        }
      }
    });
  }
  return [...keepers].map(([key, keeper]) => {
    const way = ways.find((each) => key.endsWith(each))!;
    return keeper.score(key.slice(0, -way.length - 1), way);
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Areas err independently, each normally, as wide as its own 90 % band. */
function gaussian(parts: readonly Part[], place: number): Float64Array {
  let centre = 0;
  let variance = 0;
  const [low, high] = [levels.indexOf(0.05), levels.indexOf(0.95)];
  for (const { series, share } of parts) {
    const { row } = series.answer[place]!;
    centre += share * row[median]!;
    variance += ((share * (row[high]! - row[low]!)) / (normalAt[high]! - normalAt[low]!)) ** 2;
  }
  const row = Float64Array.from({ length: levelCount }, (_, at) => centre + normalAt[at]! * Math.sqrt(variance));
  tidy(row, centre);
  return row;
}

/** Areas err all together. */
function sumOfQuantiles(parts: readonly Part[], place: number): Float64Array {
  return Float64Array.from({ length: levelCount }, (_, at) =>
    parts.reduce((sum, { series, share }) => sum + share * series.answer[place]!.row[at]!, 0),
  );
}
