// Hints and calendars show in the forecasts of a series, are put right by what is seen, and never make a forecast that is none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nothingDeclared, type SeriesDeclared } from '../../../src/forecast/declared-loads.ts';
import type { DeclaredFactor } from '../../../src/forecast/factor-load.ts';
import { levels, median, rowLoss } from '../../../src/forecast/levels.ts';
import type { LikeDays } from '../../../src/forecast/like-days.ts';
import { SeriesForecaster } from '../../../src/forecast/series-forecaster.ts';
import { chance, dailyLoad, normal } from './made-series.ts';

const stepSec = 3600;
const perDay = 24;
/** A Thursday, 00:00 UTC. */
const startSec = 1_700_092_800;
const timeOf = (bin: number): number => startSec + bin * stepSec;

interface Said {
  readonly loss: number;
  readonly middle: number;
  /** q90 − q10. */
  readonly width: number;
  readonly effects: readonly string[];
  readonly runs: readonly number[];
}

/** What is said at each bin of the next `horizon` bins; the loss is NaN where they are not all there. */
function run(values: Float64Array, declared: SeriesDeclared | undefined, horizon = 1): Said[] {
  const series = new SeriesForecaster({ startSec, stepSec, horizons: [horizon], withTrees: false, jobs: [], declared });
  return Array.from(values, (value, at) => {
    // Fitted daily, which is often enough here and quick.
    const [forecast] = series.push(value, false);
    if (at % perDay === 0) series.refit(false);
    const ahead = values.subarray(at + 1, at + 1 + horizon);
    const actual = ahead.length < horizon ? Number.NaN : ahead.reduce((sum, each) => sum + each, 0) / horizon;
    return {
      loss: rowLoss(forecast!.row, actual),
      middle: forecast!.row[median]!,
      width: forecast!.row[levels.indexOf(0.9)]! - forecast!.row[levels.indexOf(0.1)]!,
      effects: forecast!.effects.map(({ kind, name }) => `${kind} ${name}`),
      runs: forecast!.effects.map(({ runs }) => runs),
    };
  });
}

const lossOf = (said: readonly Said[], from: number, to: number): number =>
  said.slice(from, to).reduce((sum, { loss }) => sum + loss, 0);

const hint = (factor: number, from: number, to: number, more: Partial<DeclaredFactor> = {}): SeriesDeclared => ({
  ...nothingDeclared,
  factors: [
    { kind: 'hint', name: 'launch', factor, part: 1, spans: [{ fromSec: timeOf(from), toSec: timeOf(to) }], ...more },
  ],
});

/** Demand is `times` the usual one in the bins [from, to). */
function hot(times: number, from: number, to: number): Float64Array {
  return dailyLoad(12 * perDay, stepSec, 3).map((value, at) => (at >= from && at < to ? times * value : value));
}

describe('a hint', () => {
  const [from, to] = [10 * perDay, 10 * perDay + 12];
  const values = hot(4, from, to);

  it('shows in the forecast before anything is seen of it', () => {
    const without = run(values, undefined);
    const withHint = run(values, hint(4, from, to));
    const before = without[from - 1]!.middle;
    expect(withHint[from - 1]!.middle).toBeGreaterThan(2.5 * before);
    expect(withHint[from - 1]!.middle).toBeLessThan(4.5 * before);
    expect(withHint[from - 1]!.effects).toEqual(['hint launch']);
    // Untouched before, and ordinary again behind it.
    expect(withHint.slice(0, from - 1)).toEqual(without.slice(0, from - 1));
    expect(withHint[to + 1]!.middle).toBeLessThan(1.6 * before);
    expect(lossOf(withHint, from - 2, to + 4)).toBeLessThan(0.5 * lossOf(without, from - 2, to + 4));
  });

  it('counts for the part of a window that it covers', () => {
    const said = run(values, hint(4, from, to), 8);
    const ordinary = run(values, undefined, 8);
    const lift = (at: number): number => said[at]!.middle / ordinary[at]!.middle - 1;
    expect(lift(from - 5)).toBeGreaterThan(0.3 * lift(from - 1));
    expect(lift(from - 5)).toBeLessThan(0.7 * lift(from - 1));
  });

  it('that was twice too big, or did not come true at all, is put right while it runs', () => {
    for (const [times, declared] of [
      [2, 4],
      [1, 4],
    ] as const) {
      const seen = hot(times, from, to);
      const said = run(seen, hint(declared, from, to));
      const ordinary = run(hot(1, from, to), undefined);
      expect(said[from - 1]!.middle).toBeGreaterThan(1.5 * times * ordinary[from - 1]!.middle);
      for (let at = from + 2; at < to - 1; at++) {
        expect(Math.abs(said[at]!.middle / (times * ordinary[at]!.middle) - 1)).toBeLessThan(0.25);
      }
    }
  });

  it('stretches what is not known with the load, when its size is known well', () => {
    const said = run(values, hint(4, from, to));
    const ordinary = run(hot(1, from, to), undefined);
    expect(said[to - 2]!.width).toBeGreaterThan(4 * ordinary[to - 2]!.width);
  });

  it('may say that demand falls', () => {
    const seen = hot(0.25, from, to);
    const without = run(seen, undefined);
    const said = run(seen, hint(0.25, from, to));
    expect(said[from - 1]!.middle).toBeLessThan(0.6 * without[from - 1]!.middle);
    expect(lossOf(said, from - 2, to + 2)).toBeLessThan(0.7 * lossOf(without, from - 2, to + 2));
  });
});

describe('a calendar', () => {
  const days = 29;
  /** Quiet weekends: a third of the load. `holidays` are as quiet as Sundays, whatever day they are. */
  function workload(holidays: readonly number[], share = 1): Float64Array {
    const random = chance(5);
    return Float64Array.from({ length: days * perDay }, (_, at) => {
      const day = Math.floor(at / perDay);
      const isQuiet = (day + 4) % 7 === 0 || (day + 4) % 7 === 6 || holidays.includes(day);
      const wave = 100 + 60 * Math.sin((2 * Math.PI * at) / perDay);
      return Math.max(0, wave * (isQuiet ? (holidays.includes(day) ? share : 1) / 3 : 1) + 3 * normal(random));
    });
  }
  const likeSunday = (holidays: readonly number[], more: Partial<LikeDays> = {}): SeriesDeclared => ({
    ...nothingDeclared,
    likeDays: [
      {
        name: 'holidays',
        factor: 1,
        days: holidays.map((day) => ({
          fromSec: timeOf(day * perDay),
          toSec: timeOf((day + 1) * perDay),
          daysBack: (day + 4) % 7,
        })),
        ...more,
      },
    ],
  });
  /** A Tuesday and the Wednesday of the week behind it. */
  const holidays = [19, 27];
  const values = workload(holidays);
  const without = run(values, undefined, 6);
  const lossAround = (said: readonly Said[], day: number): number => lossOf(said, day * perDay - 3, (day + 1) * perDay);

  it('shows in the forecast of a holiday that is like a Sunday', () => {
    const said = run(values, likeSunday(holidays), 6);
    const eve = 19 * perDay - 1;
    expect(said[eve]!.middle).toBeLessThan(0.6 * without[eve]!.middle);
    expect(said[eve]!.effects).toEqual(['calendar holidays']);
    expect(said.slice(0, eve - 6)).toEqual(without.slice(0, eve - 6));
    for (const day of holidays) expect(lossAround(said, day)).toBeLessThan(0.6 * lossAround(without, day));
    // The day after is an ordinary day, and so is that day a week later.
    expect(lossAround(said, 20)).toBeLessThan(lossAround(without, 20));
    expect(lossAround(said, 26)).toBeLessThan(lossAround(without, 26));
  }, 20_000);

  it('learns from earlier days what later ones will be', () => {
    // Declared like Sundays, but nobody had the day off.
    const worked = workload([]);
    const said = run(worked, likeSunday(holidays), 6);
    const ordinary = run(worked, undefined, 6);
    const off = (day: number): number => Math.abs(said[day * perDay - 1]!.middle - ordinary[day * perDay - 1]!.middle);
    expect(off(27)).toBeLessThan(0.5 * off(19));
    expect([19, 27].map((day) => said[day * perDay - 1]!.runs)).toEqual([[0], [1]]);
  });

  it('may have a factor alone', () => {
    const spans = holidays.map((day) => ({ fromSec: timeOf(day * perDay), toSec: timeOf((day + 1) * perDay) }));
    const factors = [{ kind: 'calendar' as const, name: 'holidays', factor: 0.33, part: 1, spans }];
    const said = run(values, { ...nothingDeclared, factors }, 6);
    for (const day of holidays) expect(lossAround(said, day)).toBeLessThan(0.8 * lossAround(without, day));
  });
});

describe('whatever is declared', () => {
  it('of nothing changes no forecast by a bit', () => {
    const values = hot(3, 200, 220);
    const bare = run(values, undefined, 4);
    expect(run(values, nothingDeclared, 4)).toEqual(bare);
    const series = new SeriesForecaster({ startSec, stepSec, horizons: [4], withTrees: false, jobs: [] });
    for (const [at, value] of values.entries()) {
      series.declare(undefined);
      expect(series.push(value, false)[0]!.row[median]).toBe(bare[at]!.middle);
      if (at % perDay === 0) series.refit(false);
    }
  });

  it('quantiles are in order, finite and not negative', () => {
    const bin = fc.integer({ min: 0, max: 5 * perDay });
    const span = fc.record({ from: bin, length: fc.integer({ min: 1, max: 200 }) });
    const spans = fc.array(span, { maxLength: 3 }).map((list) => {
      let free = Number.NEGATIVE_INFINITY;
      return list
        .sort((a, b) => a.from - b.from)
        .flatMap(({ from, length }) => {
          const fromSec = Math.max(free, timeOf(from));
          free = Math.max(free, timeOf(from + length));
          return fromSec < free ? [{ fromSec, toSec: free, daysBack: from % 7 }] : [];
        });
    });
    const factor = fc.oneof(fc.constantFrom(0.001, 1000, 1), fc.double({ min: 0.01, max: 50, noNaN: true }));
    const value = fc.oneof(
      fc.double({ min: 0, max: 200, noNaN: true }),
      fc.constantFrom(0, Number.NaN, 1e9, 1e-300, Number.POSITIVE_INFINITY),
    );
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 3, maxLength: 5 * perDay }),
        fc.array(fc.tuple(spans, factor), { maxLength: 3 }),
        fc.array(fc.tuple(spans, factor), { maxLength: 2 }),
        fc.array(fc.tuple(spans, fc.double({ min: 0, max: 1e16, noNaN: true })), { maxLength: 2 }),
        (values, hints, calendars, jobs) => {
          const declared: SeriesDeclared = {
            factors: hints.map(([each, times], at) => ({
              kind: 'hint',
              name: `h${at}`,
              factor: times,
              part: 1,
              spans: each,
            })),
            likeDays: calendars.map(([each, times], at) => ({ name: `c${at}`, factor: times, days: each })),
            jobs: jobs.map(([each, load], at) => ({
              name: `j${at}`,
              runs: each.map(({ fromSec, toSec }) => ({ startSec: fromSec, durationSec: toSec - fromSec, load })),
            })),
          };
          const series = new SeriesForecaster({
            startSec,
            stepSec,
            horizons: [3],
            withTrees: false,
            jobs: [],
            declared,
          });
          for (const each of values) {
            for (const { row } of series.push(each)) {
              let below = 0;
              for (const quantile of row) {
                if (!(quantile >= below && Number.isFinite(quantile))) throw new Error(`${quantile} follows ${below}`);
                below = quantile;
              }
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 20_000);

  it('may change while it runs: what was learned stays with the name, unless the size is another', () => {
    const values = hot(2, 240, 264);
    const factorAfter = (later: SeriesDeclared): number => {
      const series = new SeriesForecaster({
        startSec,
        stepSec,
        horizons: [1],
        withTrees: false,
        jobs: [],
        declared: hint(4, 240, 264),
      });
      for (const each of values.subarray(0, 245)) series.push(each, false);
      series.declare(later);
      return series.push(values[245]!)[0]!.effects[0]!.factor;
    };
    const unchanged = factorAfter(hint(4, 240, 264));
    expect(factorAfter(hint(4, 240, 260))).toBe(unchanged);
    expect(Math.abs(factorAfter(hint(3, 240, 264)) - unchanged)).toBeGreaterThan(0.05);
  });

  it('a job whose part in a series changes is thought to be as big as it was; one of another size is not', () => {
    const starts = [4, 5, 6].map((day) => day * perDay);
    const values = dailyLoad(8 * perDay, stepSec, 2).map((value, at) =>
      starts.some((start) => at >= start && at < start + 3) ? value + 100 : value,
    );
    const job = (load: number, whole: number, from = 0): SeriesDeclared => ({
      ...nothingDeclared,
      jobs: [
        {
          name: 'backup',
          whole,
          runs: [...starts, 7 * perDay]
            .filter((start) => start >= from)
            .map((start) => ({ startSec: timeOf(start), durationSec: 3 * stepSec, load })),
        },
      ],
    });
    const broughtAfter = (later: SeriesDeclared): number => {
      const declared = job(200, 200);
      const series = new SeriesForecaster({ startSec, stepSec, horizons: [1], withTrees: false, jobs: [], declared });
      for (const each of values.subarray(0, 7 * perDay - 2)) series.push(each, false);
      // Between runs none may be near.
      series.declare(job(200, 200, 99 * perDay));
      series.push(values[7 * perDay - 2]!, false);
      series.declare(later);
      return series.push(values[7 * perDay - 1]!, false)[0]!.effects[0]!.load;
    };
    const learned = broughtAfter(job(200, 200, 7 * perDay));
    expect(Math.abs(learned - 100)).toBeLessThan(40);
    expect(broughtAfter(job(50, 200, 7 * perDay))).toBeCloseTo(learned, 6);
    expect(broughtAfter(job(50, 50, 7 * perDay))).toBeCloseTo(0.85 * 50, 6);
  });
});
