// The view's echoes, by the places that partitions have in its list: of those that are asked about.
import type { PartitionId } from '../model/ids.ts';
import type { EchoLinks } from './steer-reads.ts';
import type { View } from './view.ts';

export function linksOf(
  { partitions, echoed }: View,
  placeOf: ReadonlyMap<PartitionId, number>,
  isAsked: (place: number) => boolean,
): (EchoLinks | undefined)[] {
  return partitions.map(({ id }, place) => {
    const known = isAsked(place) ? echoed.get(id) : undefined;
    if (known === undefined) return undefined;
    const holders: { to: number; share: number }[] = [];
    for (const [holder, share] of known.holders) {
      const to = placeOf.get(holder);
      if (to !== undefined) holders.push({ to, share });
    }
    return { reads: known.reads, holders };
  });
}
