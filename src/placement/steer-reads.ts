// Where reads go when a partition is busy, as a flow: what chooseCopy (src/echo) does request by request, seen from far away. A primary keeps what
// it can do well; beyond that its echoed reads go to the holders of its echoes, each by what it has to spare, and never to one that is busier.

import { filled } from '../base/filled.ts';

/** What echoes could take off one partition; partitions are named by their places. */
export interface EchoLinks {
  /** Part of its reads that some echo could answer. */
  readonly reads: number;
  readonly holders: readonly { readonly to: number; readonly share: number }[];
}

/** A primary is busy from here on. */
export const busyFrom = 0.75;
const levelRounds = 12;

/** Who gave first gives again when it is known what the others gave, while somebody is as full as this. */
const againFrom = 0.9;
const roundsMax = 5;

/** What the reads of each partition become. Who has no bound (NaN) neither gives nor takes; all per second, by place. */
export function steerReads(
  reads: ArrayLike<number>,
  bounds: ArrayLike<number>,
  links: readonly (EchoLinks | undefined)[],
): number[] {
  const after = filled(reads.length, (place) => reads[place]!);
  const giving: Giving[] = [];
  for (let from = 0; from < after.length; from++) {
    const out = links[from];
    if (out !== undefined && isBusy(reads, bounds, from)) giving.push({ from, out, given: [] });
  }
  for (let round = 0; round < roundsMax; round++) {
    for (const each of giving) {
      hand(each, after, -1);
      each.given = spread(each.from, reads[each.from]!, after, bounds, each.out);
      hand(each, after, 1);
    }
    if (giving.length < 2 || !isAnyFull(after, bounds)) break;
  }
  return after;
}

interface Giving {
  readonly from: number;
  readonly out: EchoLinks;
  /** By holder. */
  given: readonly number[];
}

/** `sign` -1: takes it back. */
function hand({ from, out, given }: Giving, after: number[], sign: 1 | -1): void {
  for (let at = 0; at < given.length; at++) {
    const { to } = out.holders[at]!;
    after[to] = after[to]! + sign * given[at]!;
    after[from] = after[from]! - sign * given[at]!;
  }
}

function isAnyFull(after: number[], bounds: ArrayLike<number>): boolean {
  for (let place = 0; place < after.length; place++) if (after[place]! > againFrom * bounds[place]!) return true;
  return false;
}

/**
 * Water finds its level: the lowest at which what the primary has above it is taken by holders that are below it. Returns what each holder takes.
 */
function spread(
  from: number,
  reads: number,
  after: number[],
  bounds: ArrayLike<number>,
  out: EchoLinks,
): readonly number[] {
  const { holders } = out;
  const own = after[from]!;
  const bound = bounds[from]!;
  const most = Math.min(1, out.reads) * reads;
  const taken = (level: number): number => {
    let sum = 0;
    for (let at = 0; at < holders.length; at++) sum += takes(holders[at]!, reads, after, bounds, level);
    return sum;
  };
  let level = busyFrom;
  if (Math.min(most, taken(level)) < own - level * bound) {
    let low = level;
    level = own / bound;
    for (let round = 0; round < levelRounds; round++) {
      const middle = (low + level) / 2;
      if (Math.min(most, taken(middle)) < own - middle * bound) low = middle;
      else level = middle;
    }
  }
  const sum = taken(level);
  if (sum <= 0) return [];
  const part = Math.min(1, most / sum, Math.max(0, own - level * bound) / sum);
  return holders.map((holder) => takes(holder, reads, after, bounds, level) * part);
}

/** What a holder takes of the primary's `reads` until it is at a level. */
function takes(
  { to, share }: EchoLinks['holders'][number],
  reads: number,
  after: number[],
  bounds: ArrayLike<number>,
  level: number,
): number {
  const room = bounds[to]! * level - after[to]!;
  return room > 0 ? Math.min(room, share * reads) : 0; // a bound that is not known is NaN, and takes nothing
}

const isBusy = (reads: ArrayLike<number>, bounds: ArrayLike<number>, place: number): boolean =>
  reads[place]! > busyFrom * bounds[place]!;

/** Whether there is anything to steer. */
export const isAnyEased = (
  reads: ArrayLike<number>,
  bounds: ArrayLike<number>,
  links: readonly (EchoLinks | undefined)[],
): boolean => links.some((each, place) => each !== undefined && isBusy(reads, bounds, place));

/** Each busy one by itself at its worst, then all that was taken together on the holders. */
export function steerEach(
  high: number[],
  usual: number[],
  bounds: number[],
  links: readonly (EchoLinks | undefined)[],
): number[] {
  const eased = high.slice();
  const after = usual.slice();
  for (let from = 0; from < high.length; from++) {
    const own = links[from];
    if (own === undefined || !isBusy(high, bounds, from)) continue;
    after[from] = high[from]!;
    hand({ from, out: own, given: spread(from, high[from]!, after, bounds, own) }, after, 1);
    eased[from] = Math.min(eased[from]!, after[from]!);
    after[from] = usual[from]!;
    for (const { to } of own.holders) {
      if (after[to]! > usual[to]!) eased[to] = Math.max(eased[to]!, after[to]!);
      after[to] = usual[to]!;
    }
  }
  return eased;
}
