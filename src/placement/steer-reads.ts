// Where reads go when a partition is busy, as a flow: what chooseCopy (src/echo) does request by request, seen from far away. A primary keeps what
// it can do well; beyond that its echoed reads go to the holders of its echoes, each by what it has to spare, and never to one that is busier.
import type { PartitionId } from '../model/ids.ts';

/** Part of `from`'s reads that an echo on `to` could answer. Places are indexes of partitions. */
export interface EchoLink {
  readonly from: number;
  readonly to: number;
  readonly share: number;
}

/** A primary is busy from here on. */
export const busyFrom = 0.75;

/**
 * What the reads of each partition become; `reads` and `bounds` per second, by place. Who has no bound (NaN) neither gives nor takes.
 */
export function steerReads(
  reads: ArrayLike<number>,
  bounds: ArrayLike<number>,
  links: readonly (readonly EchoLink[])[],
): Float64Array {
  const after = Float64Array.from(reads);
  for (let from = 0; from < after.length; from++) {
    const bound = bounds[from]!;
    const out = links[from];
    if (out === undefined || out.length === 0 || !(reads[from]! > busyFrom * bound)) continue;
    spread(from, reads[from]!, after, bounds, out);
  }
  return after;
}

/** Water finds its level: the lowest at which what the primary has above it is taken by holders that are below it. */
function spread(
  from: number,
  reads: number,
  after: Float64Array,
  bounds: ArrayLike<number>,
  out: readonly EchoLink[],
): void {
  const own = after[from]!;
  const bound = bounds[from]!;
  const takes = (at: number, level: number): number => {
    const { to, share } = out[at]!;
    const room = bounds[to]! * level - after[to]!;
    return room > 0 ? Math.min(room, share * reads) : 0; // a bound that is not known is NaN, and takes nothing
  };
  const taken = (level: number): number => {
    let sum = 0;
    for (let at = 0; at < out.length; at++) sum += takes(at, level);
    return sum;
  };
  let low = busyFrom;
  let high = own / bound;
  if (taken(low) < own - low * bound) {
    for (let round = 0; round < levelRounds; round++) {
      const level = (low + high) / 2;
      if (taken(level) < own - level * bound) low = level;
      else high = level;
    }
  } else high = low;
  const sum = taken(high);
  if (sum <= 0) return;
  const part = Math.min(1, Math.max(0, own - high * bound) / sum);
  const each = out.map((_, at) => takes(at, high) * part);
  for (let at = 0; at < out.length; at++) {
    after[out[at]!.to] = after[out[at]!.to]! + each[at]!;
    after[from] = after[from]! - each[at]!;
  }
}

const levelRounds = 12;

/** The view's table of shares as links by place. */
export function linksOf(
  echoed: ReadonlyMap<PartitionId, ReadonlyMap<PartitionId, number>>,
  placeOf: ReadonlyMap<PartitionId, number>,
): EchoLink[][] {
  const links: EchoLink[][] = Array.from({ length: placeOf.size }, () => []);
  for (const [id, shares] of echoed) {
    const from = placeOf.get(id);
    if (from === undefined) continue;
    for (const [holder, share] of shares) {
      const to = placeOf.get(holder);
      if (to !== undefined && share > 0) links[from]!.push({ from, to, share });
    }
  }
  return links;
}
