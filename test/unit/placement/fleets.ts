// Fleets for tests of planners: a few that say what they are, and any that fast-check can think of.
import fc from 'fast-check';
import { noFlows } from '../../../src/model/load.ts';
import {
  type Holding,
  type Move,
  type Prediction,
  quantileLevels,
  type SeenArea,
  type SeenPartition,
  type View,
} from '../../../src/placement/placement.ts';

export const aheadSec = [300, 600, 900, 1800, 3600, 7200];

/** Reads per second of each area now and in each step; where it lies; where its writes go. */
export interface AreaSpec {
  readonly at: number;
  readonly reads: number;
  readonly writes: number;
  /** What reads and writes become, by step: times now. */
  readonly becomes: readonly number[];
  readonly bytes: number;
}

export interface FleetSpec {
  /** Reads per second that each partition can do; writes: a half of it. */
  readonly bounds: readonly number[];
  readonly areas: readonly AreaSpec[];
  /** Width of what is foreseen: q90 over the median. */
  readonly spread: number;
  readonly nowSec?: number;
}

const heat = [
  { reads: 0.5, bytes: 0.05 },
  { reads: 0.3, bytes: 0.25 },
  { reads: 0.2, bytes: 0.7 },
];

export const idOf = (at: number): string => `p${at + 1}`;
const areaId = (at: number): string => `area-${at}`;

export function viewOf({ bounds, areas, nowSec = 1_000_000 }: FleetSpec): View {
  const held = (at: number, of: (area: AreaSpec) => number): number =>
    areas.reduce((sum, area) => sum + (area.at === at ? of(area) : 0), 0);
  return {
    nowSec,
    partitions: bounds.map((bound, at): SeenPartition => {
      const id = idOf(at);
      return {
        id,
        capacityDomain: id,
        failureDomain: id,
        duty: 'online',
        isUp: true,
        capacity: { load: { readOps: bound, writeOps: bound / 2 }, confidence: 1, source: 'quota' },
        demand: { ...noFlows, readOps: held(at, ({ reads }) => reads), writeOps: held(at, ({ writes }) => writes) },
        ownWork: noFlows,
        storedBytes: held(at, ({ bytes }) => bytes),
        freeBytes: Number.POSITIVE_INFINITY,
      };
    }),
    areas: new Map(
      areas.map(({ at, reads, writes }, area): [string, SeenArea] => [
        areaId(area),
        {
          demand: { ...noFlows, readOps: reads, writeOps: writes },
          homes: [{ partition: idOf(at), weight: 1 }],
          isDivisible: false,
        },
      ]),
    ),
    holdings: areas.map(
      ({ at, bytes }, area): Holding => ({ area: areaId(area), partition: idOf(at), readShare: 1, bytes, heat }),
    ),
    pools: [],
    hasEchoes: false,
    echoed: new Map(),
    underWay: [],
  };
}

export function predictionOf({ bounds, areas, spread }: FleetSpec): Prediction {
  const row = (middle: number): number[] =>
    quantileLevels.map((level) => middle * (1 + (spread - 1) * ((level - 0.5) / 0.4)));
  const rows = (of: (area: AreaSpec) => number, at?: number) =>
    aheadSec.map((_, step) =>
      row(
        areas.reduce((sum, area) => sum + (at === undefined || area.at === at ? of(area) * area.becomes[step]! : 0), 0),
      ),
    );
  return {
    aheadSec,
    partitions: new Map(
      bounds.map((_, at) => [
        idOf(at),
        { readOps: rows(({ reads }) => reads, at), writeOps: rows(({ writes }) => writes, at) },
      ]),
    ),
    areas: new Map(
      areas.map(({ reads, writes, becomes }, area) => [
        areaId(area),
        { readOps: becomes.map((times) => reads * times), writeOps: becomes.map((times) => writes * times) },
      ]),
    ),
    fleet: { readOps: rows(({ reads }) => reads), writeOps: rows(({ writes }) => writes) },
    declared: new Map(),
  };
}

export const steady = aheadSec.map(() => 1);

const area = (partitions: number): fc.Arbitrary<AreaSpec> =>
  fc.record({
    at: fc.nat({ max: partitions - 1 }),
    reads: fc.double({ min: 0, max: 60, noNaN: true }),
    writes: fc.double({ min: 0, max: 20, noNaN: true }),
    becomes: fc.array(fc.double({ min: 0, max: 4, noNaN: true }), {
      minLength: aheadSec.length,
      maxLength: aheadSec.length,
    }),
    bytes: fc.integer({ min: 1, max: 100 * 2 ** 20 }),
  });

/** Two to eight partitions, up to forty areas. */
export const anyFleet: fc.Arbitrary<FleetSpec> = fc.integer({ min: 2, max: 8 }).chain((count) =>
  fc.record({
    bounds: fc.array(fc.double({ min: 20, max: 200, noNaN: true }), { minLength: count, maxLength: count }),
    areas: fc.array(area(count), { minLength: 1, maxLength: 40 }),
    spread: fc.double({ min: 1, max: 1.6, noNaN: true }),
  }),
);

/** Everything spread evenly, q90 of what is foreseen. */
export function spreadPressure({ bounds, areas, spread }: FleetSpec): number {
  const capacity = bounds.reduce((sum, bound) => sum + bound, 0);
  const rows = (of: 'reads' | 'writes') =>
    steady.map((_, step) => areas.reduce((sum, area) => sum + area[of] * area.becomes[step]!, 0) * spread);
  const now = (of: 'reads' | 'writes') => areas.reduce((sum, area) => sum + area[of], 0);
  return Math.max(
    Math.max(now('reads'), ...rows('reads')) / capacity,
    Math.max(now('writes'), ...rows('writes')) / (capacity / 2),
  );
}

/** What a partition comes to with these moves, as a planner may reckon: q90 of what is there, the middle of what comes and goes. */
export function pressureWith(
  { bounds, areas, spread }: FleetSpec,
  at: number,
  moves: readonly Move[],
  until: 'now' | 'end' = 'end',
): number {
  let greatest = 0;
  for (const [of, bound] of [
    ['reads', bounds[at]!],
    ['writes', bounds[at]! / 2],
  ] as const) {
    for (let step = -1; step < (until === 'now' ? 0 : steady.length); step++) {
      const load = (area: FleetSpec['areas'][number]): number => area[of] * (step < 0 ? 1 : area.becomes[step]!);
      const own = areas.reduce((sum, area) => sum + (area.at === at ? load(area) : 0), 0) * (step < 0 ? 1 : spread);
      const came = moves.reduce((sum, move) => {
        const area = areas[Number(move.area.slice(5))]!;
        const part = of === 'reads' ? move.readShare : move.isWhole ? 1 : 0;
        return sum + (move.from === idOf(at) ? -part : part) * load(area);
      }, 0);
      greatest = Math.max(greatest, (own + came) / bound);
    }
  }
  return greatest;
}
