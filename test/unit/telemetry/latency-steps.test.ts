// Quantiles out of counted durations.
import { describe, expect, it } from 'vitest';
import { endOfStepMs, latencyQuantile, latencySteps, stepOf } from '../../../src/telemetry/latency-steps.ts';

describe('steps', () => {
  it('hold every duration, each below the end of its own and above the end of the one before', () => {
    for (let ms = 0.01; ms < 60_000; ms *= 1.07) {
      const step = stepOf(ms);
      if (step < latencySteps - 1) expect(ms).toBeLessThanOrEqual(endOfStepMs(step) * (1 + 1e-12));
      if (step > 0) expect(ms).toBeGreaterThan(endOfStepMs(step - 1) * (1 - 1e-12));
    }
    expect([stepOf(Number.NaN), stepOf(-1), stepOf(0)]).toEqual([0, 0, 0]);
    expect(stepOf(1e12)).toBe(latencySteps - 1);
  });

  it('give a quantile that is right within a step', () => {
    const counts = new Array<number>(latencySteps).fill(0);
    for (let ms = 1; ms <= 1000; ms++) counts[stepOf(ms)]! += 1;
    expect(latencyQuantile(counts, 0.99)! / 990).toBeGreaterThanOrEqual(1);
    expect(latencyQuantile(counts, 0.99)! / 990).toBeLessThan(Math.SQRT2);
    expect(latencyQuantile(new Array<number>(latencySteps).fill(0), 0.5)).toBeUndefined();
  });
});
