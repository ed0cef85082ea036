// Where load is foreseen and echoes use a partition that comes at once, who holds little goes within the hour, and is not needed again at once.
import { expect, it } from 'vitest';
import { noMemory } from '../../../src/placement/placement.ts';
import type { FleetSpec } from './fleets.ts';
import { type Change, calm, day, drainsAfter, fleetOf, hours } from './leaving.ts';
import { rules } from './ticks.ts';

const full = fleetOf([100, 60, 15]);
const elastic = (storedBytes: number): Change => ({ all: { hasEchoes: true }, last: { storedBytes } });
type At = (minute: number) => FleetSpec;
/** It holds nothing; what is foreseen is that it stays full. */
const leavesAfter = (minutes: number, at: At, ahead: At = () => full) => drainsAfter(minutes, at, elastic(0), ahead);

it('it goes after an hour in which the others could have had its load', () => {
  expect(leavesAfter(day, () => full)).toBe(60);
  expect(leavesAfter(day, () => fleetOf([100, 60, 25]))).toBeUndefined();
});

it('and three times as long as its drain takes', () => {
  const holding = elastic(rules.movesOutMax * rules.moveBytesPerSec * 600);
  const always: At = () => full;
  expect(drainsAfter(day, always, holding, always)).toBe(90);
});

it('but a forecast may object, and the hour begins anew', () => {
  const evening = fleetOf([130, 60, 15]);
  const ahead: At = (minute) => (minute < 30 ? evening : full);
  expect(leavesAfter(day, () => full, ahead)).toBe(90);
});

it('and not before a day has passed since an hour in which they could not', () => {
  const peakUntil = (end: number): At => {
    const peak = fleetOf([110, 80, 30]);
    return (minute) => (minute < end ? peak : full);
  };
  expect(leavesAfter(2 * day, peakUntil(90))).toBeGreaterThan(day);
  expect(leavesAfter(2 * day, peakUntil(5))).toBeLessThan(90);
});

it('and not before most of a day is known', () => {
  const always: At = () => full;
  const [from, to] = [drainsAfter(2 * day, always, elastic(0), always, noMemory)!, hours.length * 60];
  expect(from).toBeGreaterThan(to - 61);
  expect(from).toBeLessThanOrEqual(to);
});

it('without a forecast, or without echoes, it stays', () => {
  expect(drainsAfter(2 * day, () => full, elastic(0))).toBeUndefined();
  expect(
    drainsAfter(
      2 * day,
      () => full,
      { last: { storedBytes: 0 } },
      () => full,
    ),
  ).toBeUndefined();
});

it('and who holds much goes after a day, if half of them would be enough', () => {
  const days = rules.movesOutMax * rules.moveBytesPerSec * 86_400;
  expect(
    drainsAfter(
      2 * day,
      () => calm,
      elastic(days),
      () => calm,
    ),
  ).toBe(day);
});
