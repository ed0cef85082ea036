// What planners promise, for any fleet: nobody is filled past its head-room, nothing is moved twice, a calm fleet is left alone, the same view gives the
// same plan, and without foresight the moves are a reactive balancer's.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Move, View } from '../../../src/placement/placement.ts';
import { anyFleet, type FleetSpec, idOf, predictionOf, pressureWith, spreadPressure, viewOf } from './fleets.ts';
import { movesOf, movesOnly, planAfter, rules } from './ticks.ts';

/** Of the fleet as measured, everything spread evenly. */
function measuredPressure({ bounds, areas }: FleetSpec): number {
  const all = bounds.reduce((sum, bound) => sum + bound, 0);
  const [reads, writes] = [areas.map((area) => area.reads), areas.map((area) => area.writes)].map((loads) =>
    loads.reduce((sum, load) => sum + load, 0),
  );
  return Math.max(reads! / all, writes! / (all / 2));
}

/** Areas lie in halves on two partitions each. */
function drained(view: View, drains: readonly boolean[]): View {
  const { partitions, holdings } = view;
  const halves = holdings.flatMap((each) => {
    const half = { ...each, readShare: each.readShare / 2, bytes: each.bytes / 2 };
    return [half, { ...half, partition: idOf(Number(each.partition.slice(1)) % partitions.length) }];
  });
  return {
    ...{ ...view, holdings: halves },
    partitions: partitions.map((each, at) => (drains[at] ? { ...each, duty: 'draining' } : each)),
  };
}

describe('for any fleet', () => {
  it('no target is filled past its head-room', () => {
    fc.assert(
      fc.property(anyFleet, (spec) => {
        const moves = movesOf(planAfter(3, viewOf(spec), predictionOf(spec), movesOnly));
        const limit = Math.min(0.95, Math.max(0.75, spreadPressure(spec) + 0.1));
        const foreseen = moves.filter(({ because }) => because.basis === 'foreseen');
        for (const to of new Set(moves.map((move) => move.to))) {
          const at = Number(to.slice(1)) - 1;
          // What leaves it in the same plan makes room.
          const got = (all: readonly Move[]) => all.filter((move) => move.to === to || move.from === to);
          const most = Math.max(limit, Math.min(0.95, Math.max(0.85, measuredPressure(spec) + 0.15))) + 1e-9;
          expect(pressureWith(spec, at, got(moves), 'now')).toBeLessThanOrEqual(most);
          if (got(foreseen).length === 0) continue;
          expect(pressureWith(spec, at, got(foreseen))).toBeLessThanOrEqual(limit + 1e-9);
        }
      }),
    );
  });

  it('no area moves twice, none goes to where it is, and no partition hands out more than two, whoever drains', () => {
    fc.assert(
      fc.property(anyFleet, fc.array(fc.boolean()), (spec, drains) => {
        const view = drained(viewOf(spec), drains);
        const moves = movesOf(planAfter(3, view, predictionOf(spec), rules));
        expect(new Set(moves.map(({ area }) => area)).size).toBe(moves.length);
        for (const { from, to, bytes } of moves) {
          expect(from).not.toBe(to);
          expect(bytes).toBeGreaterThan(0);
        }
        for (let at = 0; at < spec.bounds.length; at++)
          expect(moves.filter(({ from }) => from === idOf(at)).length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('bytes on their way are at most a twentieth of what is stored', () => {
    fc.assert(
      fc.property(anyFleet, (spec) => {
        const moves = movesOf(planAfter(3, viewOf(spec), predictionOf(spec), rules));
        const stored = spec.areas.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(moves.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(0.05 * stored + 1e-6);
      }),
    );
  });

  it('an area has homes after a re-homing, on partitions that there are, and as much weight as before', () => {
    fc.assert(
      fc.property(anyFleet, (spec) => {
        const { steps } = planAfter(3, viewOf(spec), predictionOf(spec), rules);
        for (const step of steps) {
          if (step.kind !== 're-home') continue;
          expect(step.to.length).toBeGreaterThan(0);
          for (const { partition, weight } of step.to) {
            expect(Number(partition.slice(1))).toBeLessThanOrEqual(spec.bounds.length);
            expect(weight).toBeGreaterThan(0);
          }
          expect(step.to.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1);
        }
      }),
    );
  });

  it('the same view, prediction and memory give the same plan', () => {
    fc.assert(
      fc.property(anyFleet, (spec) => {
        const once = planAfter(3, viewOf(spec), predictionOf(spec), rules);
        expect(planAfter(3, viewOf(spec), predictionOf(spec), rules)).toEqual(once);
      }),
    );
  });

  it('whoever is calm now and in all that is foreseen is left alone', () => {
    fc.assert(
      fc.property(anyFleet, (spec) => {
        const worst = Math.max(...spec.bounds.map((_, at) => pressureWith(spec, at, [])), 0.01);
        const calm = { ...spec, bounds: spec.bounds.map((bound) => (bound * worst) / 0.84) };
        expect(planAfter(8, viewOf(calm), predictionOf(calm), rules).steps).toEqual([]);
      }),
    );
  });

  it('without foresight nothing is moved that measured load below nine tenths does not ask for', () => {
    fc.assert(
      fc.property(anyFleet, (spec) => {
        const view = viewOf(spec);
        const moves = movesOf(planAfter(3, view, undefined, movesOnly));
        for (const { from, to } of moves) {
          const source = view.partitions.find(({ id }) => id === from)!;
          const used = Math.max(
            source.demand.readOps / source.capacity.load.readOps!,
            source.demand.writeOps / source.capacity.load.writeOps!,
          );
          expect(used).toBeGreaterThan(0.9);
          expect(to).not.toBe(from);
        }
      }),
    );
  });
});
