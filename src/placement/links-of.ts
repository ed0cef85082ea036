// The view's echoes, by the places that partitions have in its list.
import type { PartitionId } from '../model/ids.ts';
import type { EchoLinks } from './steer-reads.ts';
import type { View } from './view.ts';

export function linksOf(
  { partitions, echoed }: View,
  placeOf: ReadonlyMap<PartitionId, number>,
): (EchoLinks | undefined)[] {
  return partitions.map(({ id }) => {
    const known = echoed.get(id);
    if (known === undefined) return undefined;
    const holders = [...known.holders].flatMap(([holder, share]) => {
      const to = placeOf.get(holder);
      return to === undefined ? [] : [{ to, share }];
    });
    return { reads: known.reads, holders };
  });
}
