// How near to its capacity a partition will come, who drives it there, and what is left out.
import { describe, expect, it } from 'vitest';
import type { Fan } from '../../../src/forecast/fan.ts';
import type { Flow } from '../../../src/forecast/fleet.ts';
import { normalAt } from '../../../src/forecast/levels.ts';
import { bestPressure, crossingsOf, scoreOf } from '../../../src/forecast/pressure.ts';
import type { Capacity } from '../../../src/model/capacity.ts';

const origin = 1_699_920_000;
const stepSec = 300;

/** Steps with these q90, and paths that end at these maxima. */
function fan(q90s: readonly number[], maxima: readonly number[] = []): Fan {
  const all = new Float64Array(maxima.length * q90s.length).fill(Number.NaN);
  maxima.forEach((max, path) => {
    all[(path + 1) * q90s.length - 1] = max;
  });
  return { steps: q90s.map((q90) => normalAt.map((z) => q90 + z - normalAt[10]!)), maxima: all, paths: maxima.length };
}

const loaded = (fans: Partial<Record<Flow, Fan>>) => ({
  partition: 'p',
  fans: new Map(Object.entries(fans) as [Flow, Fan][]),
});
const quota = (load: Capacity['load'], confidence = 1): Capacity => ({ load, confidence, source: 'quota' });

describe('pressure', () => {
  it('is the greatest part of capacity over flows and steps, with who drives it', () => {
    const both = loaded({ readOps: fan([50, 60]), writeBytes: fan([700, 650]) });
    const score = scoreOf(both, quota({ readOps: 100, writeBytes: 1000 }), 0.5, origin, stepSec);
    expect(score).toMatchObject({ flow: 'writeBytes', atSec: origin + stepSec, because: [] });
    expect(score.pressure).toBeCloseTo(0.7);
    expect(score.imbalanceScore).toBeCloseTo(0.2);
  });

  it('leaves out what is not known, and says so', () => {
    const both = loaded({ readOps: fan([50]), writeOps: fan([1e6]) });
    expect(scoreOf(both, quota({ readOps: 100, writeOps: 0 }), undefined, origin, stepSec)).toMatchObject({
      flow: 'readOps',
      imbalanceScore: undefined,
      because: ['no capacity is known for writeOps: left out'],
    });
    const left = { pressure: undefined, overloadProb: undefined, imbalanceScore: undefined, flow: undefined };
    expect(scoreOf(both, quota({ readOps: 100 }, 0.2), 0.5, origin, stepSec)).toMatchObject({
      ...left,
      confidence: 0.2,
      because: ['its capacity is only guessed (confidence 0.20): left out'],
    });
    expect(scoreOf(both, undefined, 0.5, origin, stepSec)).toMatchObject({ ...left, confidence: 0 });
    expect(scoreOf(both, quota({ readBytes: 5 }), 0.5, origin, stepSec).because[0]).toMatch(/says nothing/);
  });

  it('of a fleet at its best is its load over all that is known of its capacity', () => {
    const totals = loaded({ readOps: fan([300, 240]), writeOps: fan([10, 10]) }).fans;
    expect(
      bestPressure(
        totals,
        new Map([
          ['readOps', 600],
          ['writeOps', 100],
        ]),
      ),
    ).toBeCloseTo(0.5);
    expect(bestPressure(totals, new Map())).toBeUndefined();
  });
});

describe('the probability of overload', () => {
  const half = Array.from({ length: 40 }, (_, path) => (path % 2 === 0 ? 90 : 10));

  it('counts the moments in which any flow would pass', () => {
    const prob = (other: readonly number[]): number =>
      scoreOf(
        loaded({ readOps: fan([50], half), writeOps: fan([50], other) }),
        quota({ readOps: 100, writeOps: 100 }),
        undefined,
        origin,
        stepSec,
      ).overloadProb!;
    expect(prob(half)).toBe(0.5);
    expect(prob([...half].reverse())).toBe(1);
    expect(prob(half.map(() => 84))).toBe(0.5);
    // Moments of which one flow knows nothing say nothing.
    expect(prob(half.map((max, path) => (path < 8 ? Number.NaN : max)))).toBe(0.5);
    expect(prob(half.map((max, path) => (path < 5 ? Number.NaN : max)))).toBeCloseTo(17 / 35);
  });

  it('is read off the quantiles where moments are few', () => {
    const { overloadProb } = scoreOf(
      loaded({ readOps: fan([85]) }),
      quota({ readOps: 100 }),
      undefined,
      origin,
      stepSec,
    );
    expect(overloadProb).toBeCloseTo(0.1);
  });
});

it('crossings are the first bins beyond 0.85 and the whole of a capacity', () => {
  const rising = loaded({ readOps: fan([80, 86, 90, 101]), writeOps: fan([1, 1, 1, 1]) });
  expect(crossingsOf(rising, quota({ readOps: 100, writeOps: 100 }), origin, stepSec)).toEqual([
    { partition: 'p', flow: 'readOps', share: 0.85, atSec: origin + 2 * stepSec },
    { partition: 'p', flow: 'readOps', share: 1, atSec: origin + 4 * stepSec },
  ]);
  expect(crossingsOf(rising, quota({ readOps: 1 }, 0.1), origin, stepSec)).toEqual([]);
});
