// The frames of a log or checkpoint pack, one at a time. A pack whose writer died ends in the middle of one: what stands before
// that is good.

import { decodeRedo, type RedoEntry } from '../../objects/redo-frame.ts';
import type { SeatMap } from '../../objects/seats.ts';
import { PackScanner } from '../../pack/pack.ts';
import type { FoundPack } from './find-packs.ts';

export interface FrameReader {
  readonly partitions: SeatMap;
  /** Bytes of packs read. */
  readonly onRead: (bytes: number) => void;
  /** A frame whose bytes are wrong, or a pack that ends in nonsense. */
  readonly onDamage: (sentence: string) => void;
}

export async function* readFrames(reader: FrameReader, found: FoundPack): AsyncGenerator<RedoEntry[], void> {
  const { pack, bytes, partition: id } = found;
  const { partition } = reader.partitions.get(id)!;
  const scanner = new PackScanner();
  let payload: Buffer[] = [];
  for await (const chunk of partition.read(pack, [{ start: 0, end: bytes }])) {
    reader.onRead(chunk.length);
    for (const event of scanner.push(chunk)) {
      if (event.event === 'frame-start') payload = [];
      else if (event.event === 'payload') payload.push(event.bytes);
      else if (event.event === 'frame') {
        const { badSlices, offset } = event.frame;
        if (badSlices.length > 0) reader.onDamage(`pack ${pack} on ${id}: the frame at ${offset} is damaged`);
        else yield decodeRedo(Buffer.concat(payload));
        payload = [];
      }
    }
  }
  const { state, message, goodBytes } = scanner.end();
  if (state === 'damaged') reader.onDamage(`pack ${pack} on ${id} is damaged behind byte ${goodBytes}: ${message}`);
}
