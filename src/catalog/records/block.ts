// Row `block`: where a block lies now and the CRCs that its bytes must match.
import type { BlockRow } from '../../model/block.ts';
import { decodeRecord, encodeRecord, readList, writeList } from './record.ts';

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
