// Which blocks get echoes before the load comes that is declared or forecast, how many, and until when. The hottest first: what is asked for
// already will be asked for more. What is cold goes by size, so that a hot spot of many objects has as many of them covered as may be.
import type { BlockId, PartitionId } from '../model/ids.ts';
import { echoesMax } from './count-echoes.ts';

/** Load that will come. Times are seconds since 1970 by the clock that demand is counted by. */
export interface Spot {
  readonly name: string;
  readonly fromSec: number;
  /** Exclusive. */
  readonly toSec: number;
  /** Demand will be so many times the usual; 1 when nobody says. */
  readonly factor: number;
  /** False: it is only forecast. */
  readonly isDeclared: boolean;
}

/** On keys of a bucket, on whatever lies on a partition, or on what is hot anywhere. */
export interface PlacedSpot extends Spot {
  readonly where:
    | { readonly bucket: string; readonly prefix: string }
    | { readonly home: PartitionId }
    | { readonly heatMin: number };
}

/**
 * What is hot now will be hot in a minute, and one day its partition will be down when it is: the hottest blocks have echoes always, within a part
 * of the budget that leaves room for crowds. Measured on two traces: the hottest hundredth of the blocks gets 35–55 % of later reads.
 */
export const standingSpot = (nowSec: number): PlacedSpot => ({
  ...{ name: 'what is hot', fromSec: nowSec, toSec: nowSec + 1, factor: 1, isDeclared: false },
  where: { heatMin: standingHeat },
});

/** Of `echo.budgetShare`. */
export const standingPart = 0.7;
/** The last of the budget is for blocks that have none: a first echo takes a block's reads off its home, a second one only spreads them. */
export const firstPart = 0.2;
/** So much of the budget is kept free for the next crowd: the coldest echoes go. */
export const crowdPart = 0.1;
/** Than what is wanted instead: an echo that is colder gives way. */
export const muchColder = 0.5;
/** Reads, halved each minute, from which a block has echoes always; they go when it is far colder. */
export const standingHeat = 16;

export interface Candidate {
  readonly block: BlockId;
  /** That one echo takes on its partition. */
  readonly bytes: number;
  /** Reads, halved each minute; 0: cold. */
  readonly heat: number;
  /** Echoes that it has, those that are being filled included. */
  readonly has: number;
  /** How many partitions could hold an echo of it. */
  readonly places: number;
}

export interface SpotBlocks {
  readonly spot: Spot;
  /** In order of key, where nothing else tells them apart. */
  readonly blocks: readonly Candidate[];
}

export interface ForesightBounds {
  readonly nowSec: number;
  /** What echoes may take besides those that there are. */
  readonly leftBytes: number;
  /** `echo.count`. */
  readonly count: number;
}

export interface ForeseenEchoes {
  readonly block: BlockId;
  /** Those that it has included. */
  readonly count: number;
  /** The end of the load, and a margin: it does not stop by the second. */
  readonly untilSec: number;
}

/** Time to fill the budget of a small fleet through the pilot's part of the quotas. */
export const leadSec = 600;
const marginSec = 60;
/** Demand that grows tenfold wants an echo more. */
const perEchoMore = 10;

/** It runs, or begins so soon that its echoes are made now. */
export const isNear = ({ fromSec, toSec }: Spot, nowSec: number): boolean =>
  fromSec - leadSec <= nowSec && nowSec < toSec;

type Wanted = { -readonly [Name in keyof Candidate]: Candidate[Name] } & {
  /** Echoes that it shall have. */
  aim: number;
  untilSec: number;
  fromSec: number;
  isDeclared: boolean;
};

/**
 * In the order in which they are to be made: what is declared before what is only forecast, the hottest first, then what begins sooner, then the
 * smallest. Every block gets its first echo before any gets its second: one already takes a block's reads off its home.
 */
export function foreseeEchoes(spots: readonly SpotBlocks[], bounds: ForesightBounds): ForeseenEchoes[] {
  const order = [...wantedIn(spots, bounds).values()].sort(
    (a, b) =>
      Number(b.isDeclared) - Number(a.isDeclared) || b.heat - a.heat || a.fromSec - b.fromSec || a.bytes - b.bytes,
  );
  let leftBytes = bounds.leftBytes;
  for (let round = 1; round <= echoesMax; round++) {
    for (const one of order) {
      if (one.has !== round - 1 || one.aim < round || one.bytes > leftBytes) continue;
      one.has = round;
      leftBytes -= one.bytes;
    }
  }
  return order.filter(({ has }) => has > 0).map(({ block, has, untilSec }) => ({ block, count: has, untilSec }));
}

/** A block of several spots is wanted by the one that wants most, until the last one ends. */
function wantedIn(spots: readonly SpotBlocks[], { nowSec, count }: ForesightBounds): Map<BlockId, Wanted> {
  const wanted = new Map<BlockId, Wanted>();
  for (const { spot, blocks } of spots) {
    if (!isNear(spot, nowSec)) continue;
    const { fromSec, isDeclared } = spot;
    const untilSec = spot.toSec + marginSec;
    const most = countOf(count, spot.factor);
    for (const one of blocks) {
      const aim = Math.min(most, one.places);
      const known = wanted.get(one.block);
      if (known === undefined) wanted.set(one.block, { ...one, aim, untilSec, fromSec, isDeclared });
      else {
        known.aim = Math.max(known.aim, aim);
        known.untilSec = Math.max(known.untilSec, untilSec);
        known.fromSec = Math.min(known.fromSec, fromSec);
        known.isDeclared ||= isDeclared;
      }
    }
  }
  return wanted;
}

const countOf = (count: number, factor: number): number =>
  count <= 0
    ? 0
    : Math.min(echoesMax, count + Math.max(0, Math.floor(Math.log(factor) / Math.log(perEchoMore) + 1e-9)));
