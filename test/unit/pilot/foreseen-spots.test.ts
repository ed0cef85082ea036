// Where load will come: hints, runs of jobs, and partitions that will be asked for more reads than they can do.
import { describe, expect, it } from 'vitest';
import { leadSec } from '../../../src/echo/foresee-echoes.ts';
import type { Crossing, FleetForecast } from '../../../src/forecast/fleet.ts';
import { type DeclaredJob, type HotSpotHint, noMetadata } from '../../../src/model/metadata.ts';
import { foreseenSpots } from '../../../src/pilot/foreseen-spots.ts';

const day = 86_400;
/** A midnight. */
const nowSec = 20_000 * day;
const names = (hints: readonly HotSpotHint[], jobs: readonly DeclaredJob[] = [], forecast?: FleetForecast) =>
  foreseenSpots({ ...noMetadata, hints, jobs }, forecast, nowSec).map(({ name }) => name);
const hint = (name: string, fromSec: number, toSec: number, factor = 5): HotSpotHint => ({
  ...{ name, bucket: 'shop', prefix: 'images/', factor },
  fromSec: nowSec + fromSec,
  toSec: nowSec + toSec,
});
const job = (part: Partial<DeclaredJob>): DeclaredJob => ({
  ...{ name: 'j', cron: '5 0 * * *', timeZone: 'UTC', bucket: 'shop', requests: 1000, durationSec: 600 },
  ...part,
});

describe('spots', () => {
  it('are hints that run or begin soon, and make something hotter', () => {
    const hints = [
      hint('over', -100, 0),
      hint('runs', -100, 1),
      hint('soon', leadSec, leadSec + 1),
      hint('far', leadSec + 1, leadSec + 2),
      hint('calm', 0, 10, 0.5),
    ];
    expect(names(hints)).toEqual(['hint runs', 'hint soon']);
    const [spot] = foreseenSpots({ ...noMetadata, hints: [hint('one', 5, 9)] }, undefined, nowSec);
    expect(spot).toEqual({
      ...{ name: 'hint one', fromSec: nowSec + 5, toSec: nowSec + 9, factor: 5, isDeclared: true },
      where: { bucket: 'shop', prefix: 'images/' },
    });
  });

  it('are runs of jobs that read and say where', () => {
    const jobs = [
      job({ name: 'soon' }),
      job({ name: 'far', cron: '30 0 * * *' }),
      job({ name: 'runs', cron: '55 23 * * *' }),
      job({ name: 'over', cron: '50 23 * * *' }),
      job({ name: 'writes', writeBytes: 1000 }),
      job({ name: 'nowhere', bucket: undefined as never }),
    ];
    expect(names([], jobs)).toEqual(['job soon', 'job runs']);
    const [spot] = foreseenSpots({ ...noMetadata, jobs: [job({ cron: '*/5 * * * *' })] }, undefined, nowSec);
    // From the run of five minutes ago to the end of the one in five minutes.
    expect([spot!.fromSec - nowSec, spot!.toSec - nowSec]).toEqual([-300, 300 + 600]);
  });

  it('are partitions whose reads will pass what they may', () => {
    const crossing = (part: Partial<Crossing>): Crossing => ({
      ...{ partition: 'p1', flow: 'readOps', share: 0.85, atSec: nowSec + 300 },
      ...part,
    });
    const forecast: FleetForecast = {
      ...{ originSec: nowSec - 300, stepSec: 300, partitions: new Map(), scores: [] },
      crossings: [crossing({}), crossing({ partition: 'p2', flow: 'writeOps' }), crossing({ atSec: nowSec + 3000 })],
      expected: { steps: 0, areas: [], values: new Float64Array(), shares: new Map(), fleet: {} },
    };
    expect(foreseenSpots(noMetadata, forecast, nowSec)).toEqual([
      {
        ...{ name: 'readOps of p1', fromSec: nowSec + 300, toSec: nowSec + 600, factor: 1, isDeclared: false },
        where: { home: 'p1' },
      },
    ]);
  });
});
