// How reads spread over blocks, from the hottest to the coldest: what a planner that ranks blocks by past reads would find.

import type { HeatGroup } from '../placement/placement.ts';

/** Groups of blocks, hottest first; parts of all reads and of all bytes, each summing to 1. Blocks are of one size. */
export interface HeatProfile {
  readonly name: string;
  readonly groups: readonly HeatGroup[];
}

const groupCount = 16;
/** Fewer reads say nothing of ranks. */
const accessesMin = 100;

/**
 * Of a trace of block ids: ranks are learnt from its first half, reads are counted in the second, so that the profile holds for who knows only the
 * past. Blocks that the first half did not show rank last.
 */
export function profileOfTrace(name: string, accesses: Uint32Array): HeatProfile {
  if (accesses.length < accessesMin) {
    throw new RangeError(`${name} has ${accesses.length} accesses; at least ${accessesMin} are wanted`);
  }
  const half = accesses.length >> 1;
  const past = countOf(accesses.subarray(0, half));
  const later = countOf(accesses.subarray(half));
  const ranked = [...past].sort(([a, many], [b, more]) => more - many || a - b).map(([block]) => block);
  const unseen = [...later.keys()].filter((block) => !past.has(block));
  return profileOf(
    name,
    [...ranked, ...unseen].map((block) => later.get(block) ?? 0),
  );
}

/** Popularity falls as the rank to the power of -`exponent`. */
export const zipfProfile = (exponent: number, blocks: number): HeatProfile =>
  profileOf(
    `zipf ${exponent}`,
    Array.from({ length: blocks }, (_, at) => (at + 1) ** -exponent),
  );

/** Groups of ranks that grow evenly in their logarithm, the most read per byte first: what was unknown may be warmer than what is known to be cold. */
function profileOf(name: string, reads: readonly number[]): HeatProfile {
  const total = reads.reduce((sum, each) => sum + each, 0);
  const groups: HeatGroup[] = [];
  let from = 0;
  for (let group = 1; group <= groupCount && from < reads.length; group++) {
    const to = group === groupCount ? reads.length : Math.round(reads.length ** (group / groupCount));
    if (to <= from) continue;
    const sum = reads.slice(from, to).reduce((all, each) => all + each, 0);
    groups.push({ reads: sum / total, bytes: (to - from) / reads.length });
    from = to;
  }
  return { name, groups: groups.sort((a, b) => b.reads / b.bytes - a.reads / a.bytes) };
}

function countOf(accesses: Uint32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const block of accesses) counts.set(block, (counts.get(block) ?? 0) + 1);
  return counts;
}
