// The past of areas that split and merged.
import { describe, expect, it } from 'vitest';
import { pastOf, sharesOf } from '../../../src/pilot/demand-series.ts';
import { Lineage } from '../../../src/pilot/lineage.ts';

const split = (atSec: number, whole: string, upper: string, share: number) => ({
  atSec,
  descents: [
    { area: upper, from: whole, share },
    { area: whole, from: whole, share: 1 - share },
  ],
});

describe('ancestry', () => {
  it('of halves is their share of the whole, over several splits', () => {
    const lineage = new Lineage([split(100, 'a', 'b', 0.25), split(200, 'b', 'c', 0.5)]);
    expect([...lineage.ancestry('c', 50)]).toEqual([['a', 0.125]]);
    expect([...lineage.ancestry('c', 150)]).toEqual([['b', 0.5]]);
    expect([...lineage.ancestry('c', 250)]).toEqual([['c', 1]]);
    expect([...lineage.ancestry('a', 50)]).toEqual([['a', 0.75]]);
  });

  it('of what was merged is the sum of both', () => {
    const merged = { atSec: 100, descents: ['a', 'b'].map((from) => ({ area: 'a', from, share: 1 })) };
    expect([...new Lineage([merged]).ancestry('a', 50)]).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('gives every part of the past to somebody', () => {
    const lineage = new Lineage([split(100, 'a', 'b', 0.3), split(200, 'a', 'c', 0.6), split(300, 'b', 'd', 0.1)]);
    const total = ['a', 'b', 'c', 'd'].reduce((sum, area) => sum + (lineage.ancestry(area, 0).get('a') ?? 0), 0);
    expect(total).toBeCloseTo(1);
  });
});

describe('a series', () => {
  it('takes its past from whom it came, and knows nothing of times that nobody watched', () => {
    const load = (readOps: number) => ({ readOps, writeOps: 0, readBytes: 0, writeBytes: 0 });
    const bins = [
      { startSec: 0, areas: new Map([['a', load(8)]]) },
      { startSec: 300, areas: undefined },
      {
        startSec: 600,
        areas: new Map([
          ['a', load(6)],
          ['b', load(2)],
        ]),
      },
      { startSec: 1200, areas: new Map([['a', load(6)]]) },
    ];
    const lineage = new Lineage([split(300, 'a', 'b', 0.25)]);
    const { values } = pastOf('b', bins, lineage, { startSec: 0, untilSec: 1500, stepSec: 300 });
    expect([...values.readOps]).toEqual([2, Number.NaN, 2, Number.NaN, 0]);
  });
});

describe('shares', () => {
  it('of each area sum to one, for each kind of demand', () => {
    const count = (partition: string, readOps: number, writeOps: number) => ({
      ...{ area: 'a', partition, readOps, writeOps, readBytes: readOps * 10, writeBytes: 0 },
    });
    const bin = { startSec: 0, seconds: 300, served: [], demand: [count('p1', 3, 0), count('p2', 1, 4)] };
    const shares = sharesOf([bin]).get('a')!;
    expect(shares.get('p1')).toEqual({ readOps: 0.75, writeOps: 0, readBytes: 0.75, writeBytes: 3 / 8 });
    expect(shares.get('p2')).toEqual({ readOps: 0.25, writeOps: 1, readBytes: 0.25, writeBytes: 5 / 8 });
  });
});
