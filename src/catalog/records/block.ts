// Row `block`: where a block lies now and the CRCs that its bytes must match.
import type { BlockRow } from '../../model/block.ts';
import type { AreaId, PartitionId } from '../../model/ids.ts';
import { decodeRecord, encodeRecord, readList, writeList } from './record.ts';

const format = 1;
/** Of a pack's id, which comes first. */
const packBytes = 16;

export const encodeBlock = (block: BlockRow): Buffer =>
  encodeRecord(format, (to) => {
    to.id(block.pack);
    to.text(block.partition);
    to.count(block.offset);
    to.count(block.length);
    to.text(block.area);
    to.count(block.generation);
    writeList(to, block.sliceCrcs, (crc) => to.u32(crc));
  });

/** Where it lies and whose it is, without its CRCs. */
export const blockViewOf = (value: Buffer): Omit<BlockRow, 'sliceCrcs'> =>
  decodeRecord('block', format, value, (from) => {
    const [pack, partition, offset, length] = [from.id(), from.text(), from.count(), from.count()];
    const [area, generation] = [from.text(), from.count()];
    from.toEnd();
    return { pack, partition, offset, length, area, generation };
  });

/** The same, if it lies there and is that area's: for whoever looks through all blocks, most of which are not. */
export function blockViewIf(
  value: Buffer,
  partition: PartitionId,
  area: AreaId,
): ReturnType<typeof blockViewOf> | undefined {
  const isMeant = decodeRecord('block', format, value, (from) => {
    from.skip(packBytes);
    const isThere = from.text() === partition;
    if (isThere) {
      from.count();
      from.count();
    }
    const isOf = isThere && from.text() === area;
    from.toEnd();
    return isOf;
  });
  return isMeant ? blockViewOf(value) : undefined;
}

export const decodeBlock = (value: Buffer): BlockRow =>
  decodeRecord('block', format, value, (from) => ({
    pack: from.id(),
    partition: from.text(),
    offset: from.count(),
    length: from.count(),
    area: from.text(),
    generation: from.count(),
    sliceCrcs: readList(from, () => from.u32()),
  }));
