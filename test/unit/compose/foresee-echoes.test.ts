// How full a neighbour is, as whoever places echoes ahead of time is told.
import { expect, it } from 'vitest';
import { pressuresOf } from '../../../src/compose/foresee-echoes.ts';
import { neighbourOf } from '../../../src/echo/neighbour.ts';
import type { Pilot } from '../../../src/pilot/pilot.ts';

const shown = (id: string, readOps: number, confidence = 1) => ({
  id,
  demand: { readOps, writeOps: 1, readBytes: 5, writeBytes: 0 },
  capacity: { load: { readOps: 100, writeOps: 10 }, confidence, source: 'quota' },
});
const pilot = {
  map: async () => [shown('calm', 5), shown('busy', 60), shown('guessed', 90, 0.1)],
  forecasting: () => ({
    because: 'fresh',
    forecast: {
      scores: [
        { partition: 'calm', pressure: 0.7 },
        { partition: 'busy', pressure: undefined },
      ],
    },
  }),
} as unknown as Pilot;

it('a pressure is what is measured or forecast, whichever is more, where a capacity is known', async () => {
  expect(await pressuresOf(pilot)).toEqual(
    new Map([
      ['calm', 0.7],
      ['busy', 0.6],
    ]),
  );
});

it("head-room is what a pressure leaves, else what this process's own requests do; who struggles has a quarter of it", () => {
  const place = { id: 'p', failureDomain: 'f', capacityDomain: 'c' };
  const health = { state: 'up', inFlight: 3, limit: 4, usualMs: 7 } as const;
  expect(neighbourOf(place, health, ['p'])).toEqual({
    ...{ partition: 'p', failureDomain: 'f', capacityDomain: 'c', isWilling: true, headroom: 0.25, latencyMs: 7 },
  });
  expect(neighbourOf(place, health, ['p'], 0.5).headroom).toBe(0.5);
  expect(neighbourOf(place, health, ['p'], 3).headroom).toBe(0);
  expect(neighbourOf(place, { ...health, state: 'struggling' }, ['p'], 0.5).headroom).toBe(0.125);
  expect(neighbourOf(place, health, []).isWilling).toBe(false);
  expect(neighbourOf(place, { ...health, state: 'down' }, ['p']).isWilling).toBe(false);
  expect(neighbourOf(place, undefined, ['p'])).toMatchObject({ isWilling: false, headroom: 0 });
});
