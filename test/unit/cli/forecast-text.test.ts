// What `echogate forecast show` prints of a partition.
import { describe, expect, it } from 'vitest';
import { type ForecastShown, forecastText } from '../../../src/cli/forecast-text.ts';

type Partition = ForecastShown['partitions'][number];

const levels = [0.05, 0.2, 0.5, 0.8, 0.95];
const readOps = {
  flow: 'readOps',
  horizon: 3,
  steps: [
    [90, 95, 100, 110, 130],
    [95, 105, 120, 140, 170],
    [100, 120, 150, 190, 240],
  ],
  mean: [95, 107, 123, 147, 180],
  max: [100, 120, 155, 200, 260],
  weights: { 'prophet + ar': 0.612, ewma: 0.385, trees: 0.003 },
  state: 'sound',
  because: [],
} as const;
const nothing = { readOps: [], writeOps: [], readBytes: [], writeBytes: [] };
const known: Partition = {
  partition: 'p1',
  score: {
    pressure: 0.82,
    overloadProb: 0.07,
    imbalanceScore: 1.31,
    flow: 'readOps',
    atSec: 1_767_225_600,
    confidence: 0.5,
  },
  crossings: [{ flow: 'readOps', share: 0.7, atSec: 1_767_225_900 }],
  flows: [readOps],
  measured: { ...nothing, readOps: [80, null, 90, 100] },
};
const answer: ForecastShown = { levels, originSec: 1_767_225_000, stepSec: 300, because: '', partitions: [known] };

const lines = (one: Partition, resource?: string): string[] =>
  forecastText(one, answer, { horizon: 3, ...(resource !== undefined && { resource }) }).split('\n');

describe('forecastText', () => {
  it('says how close to its limits the partition comes, by what and when, and how sure that is', () => {
    expect(lines(known)[0]).toBe(
      'p1  pressure 0.82 · overload 7 % · imbalance 1.31 · by readOps at 00:00 · capacity estimated, confidence 0.5 · readOps passes 70 % at 00:05',
    );
  });

  it('draws what was measured and the fan ahead, the highest on top', () => {
    expect(lines(known).slice(1, 15)).toMatchInlineSnapshot(`
      [
        "  reads per second, five-minute bins; now 23:55, until 00:10 UTC",
        "  235     │    ░░",
        "          │    ░░",
        "  194     │    ▒▒",
        "          │  ░░▒▒",
        "          │  ░░●●",
        "  133     │░░▒▒▒▒",
        "          │▒▒●●▒▒",
        "        ••│●●░░░░",
        "   71 •   │",
        "          │",
        "          │",
        "   10     │",
        "  mean of the window: 123 (90 %: 95 to 180); its highest bin: 155 (below 260 in 19 of 20 cases)",
      ]
    `);
  });

  it('gives the window in words and the experts by weight, without those that have none', () => {
    expect(lines(known).slice(-3)).toEqual([
      '  mean of the window: 123 (90 %: 95 to 180); its highest bin: 155 (below 260 in 19 of 20 cases)',
      '  prophet + ar 61 %, ewma 39 %',
      '',
    ]);
  });

  it('says what is declared and what came of it, and why a forecast is not sound', () => {
    const effects = [
      { kind: 'job', name: 'nightly', load: 40, factor: 0.86, runs: 3 },
      { kind: 'calendar', name: 'holidays', load: -12.5, factor: 1, runs: 0, note: 'until 2 January' },
    ];
    const flow = { ...readOps, effects, state: 'young', because: ['history of 2 hours only'] };
    const text = lines({ ...known, flows: [flow] });
    expect(text).toContain('  prophet + ar 61 %, ewma 39 %; young');
    expect(text).toContain('  job nightly adds 40: 3 runs seen; 86 % of the declaration is expected');
    expect(text).toContain(
      '  calendar holidays takes away 13: as declared, no run was seen to its end yet; 100 % of the declaration is expected; until 2 January',
    );
    expect(text).toContain('  history of 2 hours only');
  });

  it('says so where nothing is known', () => {
    expect(lines({ partition: 'p2', crossings: [], flows: [], measured: nothing })).toEqual([
      'p2  pressure unknown: it has no quota, and its limits were never seen',
      '  no forecast of readOps: nothing was asked of it yet',
      '',
    ]);
    expect(lines(known, 'writeBytes')[1]).toBe('  no forecast of writeBytes: nothing was asked of it yet');
  });

  it('shows bytes as people read them', () => {
    const bytes = { ...readOps, flow: 'readBytes', mean: readOps.mean.map((value) => value * 1e6) } as const;
    const text = lines({ ...known, flows: [bytes] }, 'readBytes').join('\n');
    expect(text).toContain('bytes read per second, five-minute bins; now 23:55, until 00:10 UTC');
    expect(text).toMatch(/mean of the window: 1\d\d(\.\d)? M/);
  });
});
