// Row `block`: where a block lies now and the CRCs that its bytes must match.
import type { BlockRow } from '../../model/block.ts';
import { Reader } from './reader.ts';
import { damaged, decodeRecord, encodeRecord, readList, writeList } from './record.ts';

const format = 1;

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

/** Where a block lies and whose it is, without its CRCs: for who counts all of them. */
export function blockSiteOf(value: Buffer): Pick<BlockRow, 'partition' | 'length' | 'area'> {
  if (value[0] !== format) throw damaged('block', `format ${value[0]}, this program reads ${format}`);
  const from = new Reader(value, 1);
  from.id();
  const partition = from.text();
  from.count();
  const length = from.count();
  return { partition, length, area: from.text() };
}
