// On which partitions a block's echoes go: other failure and capacity domains first, then by weighted rendezvous (Thaler and Ravishankar 1998;
// weights as in Schindelhauer and Schomaker 2005), so that the blocks of one hot partition spread over all of its neighbours by what they have to
// spare, and a block's echoes stay where they are when other partitions come and go.
import { filled } from '../base/filled.ts';
import type { BlockId, PartitionId } from '../model/ids.ts';

export interface Neighbour {
  readonly partition: PartitionId;
  readonly failureDomain: string;
  readonly capacityDomain: string;
  /** False: it is down, or takes no blocks, or has no room. */
  readonly isWilling: boolean;
  /** Part of what it can do that is not asked for, now and as far as it is foreseen; 0 … 1. */
  readonly headroom: number;
  /** NaN: not known. */
  readonly latencyMs: number;
}

/** A full neighbour is not quite without weight: where all are full, somebody must do. */
const headroomMin = 0.01;
/** One that answers in twice the time of the fastest takes this part of what the fastest takes. */
const slowerPart = 0.5;

/**
 * `count` partitions for echoes of `block`, those of `kept` among them as long as they may be. Never the home, nor what shares both of its domains:
 * that would neither relieve nor outlive it. Never two in one failure domain while another one has room.
 */
export function placeEchoes(
  block: BlockId,
  home: PartitionId,
  neighbours: readonly Neighbour[],
  kept: readonly PartitionId[],
  count: number,
): PartitionId[] {
  const own = neighbours.find(({ partition }) => partition === home);
  const fastestMs = Math.min(...neighbours.map(({ latencyMs }) => latencyMs).filter((ms) => ms > 0));
  const hash = fnv(`${block} `, fnvStart);
  const candidates = neighbours.filter(({ partition, isWilling }) => isWilling && partition !== home);
  // What is kept comes before all others; there are many neighbours and few are chosen, so that nothing is sorted.
  const ranks = filled(candidates.length, (at) => {
    const each = candidates[at]!;
    const rank = distanceOf(hash, each.partition) / weightOf(each, fastestMs);
    return kept.includes(each.partition) ? -1 / rank : rank;
  });
  const chosen: Neighbour[] = [];
  for (const isFit of stepsOf(own)) {
    while (chosen.length < count) {
      let best: number | undefined;
      for (let at = 0; at < ranks.length; at++) {
        const isBetter = best === undefined || ranks[at]! < ranks[best]!;
        if (isBetter && !chosen.includes(candidates[at]!) && isFit(candidates[at]!, chosen)) best = at;
      }
      if (best === undefined) break;
      chosen.push(candidates[best]!);
    }
  }
  return chosen.map(({ partition }) => partition);
}

type Fit = (each: Neighbour, chosen: readonly Neighbour[]) => boolean;

/** From what is wanted to what is better than nothing. */
function stepsOf(own: Neighbour | undefined): readonly Fit[] {
  const isApart = (each: Neighbour): boolean => each.failureDomain !== own?.failureDomain;
  const isElsewhere = (each: Neighbour): boolean => each.capacityDomain !== own?.capacityDomain;
  const isAlone: Fit = (each, chosen) => chosen.every(({ failureDomain }) => failureDomain !== each.failureDomain);
  return [
    (each, chosen) => isApart(each) && isElsewhere(each) && isAlone(each, chosen),
    (each, chosen) => (isApart(each) || isElsewhere(each)) && isAlone(each, chosen),
    (each) => isApart(each) || isElsewhere(each),
  ];
}

function weightOf({ headroom, latencyMs }: Neighbour, fastestMs: number): number {
  const slower = latencyMs > fastestMs ? Math.log2(latencyMs / fastestMs) : 0;
  return (headroom > headroomMin ? headroom : headroomMin) * slowerPart ** slower;
}

/** Exponentially distributed, always the same for a block (by its hash) and a partition. */
const distanceOf = (block: number, partition: PartitionId): number => -Math.log(fractionOf(fnv(partition, block)));

const fnvStart = 0x811c9dc5;

/** FNV-1a of what was hashed before and `text`. */
function fnv(text: string, before: number): number {
  let hash = before;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** Of (0, 1): a hash, well stirred (murmur3's finaliser). */
function fractionOf(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32 + 2 ** -33;
}
