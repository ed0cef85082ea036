// I1 and I5, from the block down: it lies in a living pack, inside that pack's file, and has a CRC for each of its slices.
import { idOf, tag } from '../../../catalog/keys.ts';
import { decodeBlock } from '../../../catalog/records/block.ts';
import type { PackRow } from '../../../catalog/records/pack.ts';
import type { BlockRow } from '../../../model/block.ts';
import { sliceCount } from '../../../pack/pack.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';
import type { Listing } from '../ground.ts';

export const placesCheck: Check = {
  name: 'places',
  promise: 'every block lies inside a living pack on a partition that can be reached',
  async run(ground, findings) {
    const [packs, listings] = [await ground.packs(), await ground.listings()];
    for await (const { key, value } of walkKind(ground.catalog, tag.block)) {
      findings.look();
      const block = decodeBlock(value);
      const wrong = wrongWith(block, packs.get(block.pack), listings.get(block.partition));
      if (wrong !== undefined) findings.break(`block ${idOf(key)} in pack ${block.pack}: ${wrong}`);
    }
  },
};

function wrongWith(block: BlockRow, pack: PackRow | undefined, listing: Listing | undefined): string | undefined {
  const { partition, offset, length, sliceCrcs } = block;
  if (sliceCrcs.length !== sliceCount(length)) return `${sliceCrcs.length} CRCs for ${sliceCount(length)} slices`;
  if (pack === undefined) return 'the pack has no row';
  if (pack.partition !== partition) return `the pack lies on ${pack.partition}, the block on ${partition}`;
  if (pack.state !== 'sealed' && pack.state !== 'reserved') return `the pack is ${pack.state}`;
  if (pack.holds !== 'blocks') return `the pack holds a ${pack.holds}`;
  if (listing === undefined) return `partition ${partition} is not configured`;
  if (listing instanceof Error) return `partition ${partition} cannot be listed`;
  const file = listing.get(block.pack);
  if (file === undefined) return `there is no such pack on ${partition}`;
  if (offset + length > file.bytes) return `it ends at ${offset + length}, the pack at ${file.bytes}`;
  return undefined;
}
