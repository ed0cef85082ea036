// What a block takes in its pack, frame and index entry included: live bytes of packs and partitions are counted in these, so
// that a pack of tiny blocks does not look half empty.
import { frameBytes, indexBytes } from '../pack/pack.ts';

const entryBytes = indexBytes(1) - indexBytes(0);

export const packedBytes = (length: number): number => frameBytes(length) + entryBytes;
