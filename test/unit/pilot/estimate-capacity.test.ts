// What a partition seems to be able to do, and how sure that is.
import { describe, expect, it } from 'vitest';
import { estimateCapacity } from '../../../src/pilot/estimate-capacity.ts';
import { latencySteps, stepOf } from '../../../src/telemetry/latency-steps.ts';
import type { BinCounts } from '../../../src/telemetry/telemetry.ts';

const stepSec = 300;

function bin(readOps: number, tookMs: number, throttled = 0): BinCounts {
  const latency = new Array<number>(latencySteps).fill(0);
  latency[stepOf(tookMs)] = readOps * stepSec;
  const none = { writeOps: 0, writeBytes: 0, errors: throttled };
  const served = { partition: 'p1', cause: 'client' as const, readOps: readOps * stepSec, readBytes: 0, ...none };
  return { startSec: 0, seconds: stepSec, demand: [], served: [{ ...served, throttled, latency }] };
}
const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

describe('a capacity', () => {
  it('is the best that was done at the usual speed, surely when beyond it things were slow', () => {
    const calm = times(100, (at) => bin(10 + at, 4));
    const slow = times(20, (at) => bin(120 + at, 50));
    const { load, confidence } = estimateCapacity('p1', [...calm, ...slow], stepSec);
    expect(load.readOps).toBe(109);
    expect(confidence).toBe(1);
  });

  it('that was never reached is not sure', () => {
    const { load, confidence } = estimateCapacity(
      'p1',
      times(100, (at) => bin(10 + at, 4)),
      stepSec,
    );
    expect([load.readOps, confidence]).toEqual([109, 0]);
  });

  it('is lower where the backend turned requests away', () => {
    const calm = times(100, (at) => bin(10 + at, 4));
    const refused = times(12, () => bin(80, 4, 5));
    expect(estimateCapacity('p1', [...calm, ...refused], stepSec)).toMatchObject({
      load: { readOps: 80 },
      confidence: 1,
    });
  });

  it('is unknown where too little was seen', () => {
    expect(
      estimateCapacity(
        'p1',
        times(5, () => bin(10, 4)),
        stepSec,
      ),
    ).toMatchObject({ load: {}, confidence: 0 });
    expect(
      estimateCapacity(
        'other',
        times(50, () => bin(10, 4)),
        stepSec,
      ).source,
    ).toBe('none');
  });
});
