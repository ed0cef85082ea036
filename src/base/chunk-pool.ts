// Buffers of one size that are used again by long reads. Fresh ones for every piece make V8 mark its whole heap many times a second:
// four of five cycles of a worker that streamed 64 MiB objects went there. Whoever handed a buffer's bytes to the kernel gives it
// back; one that is forgotten is collected as any other. So many are lent at once and no more: that bounds what slow readers hold.
import { MiB } from './units.ts';

export const chunkBytes = 1 * MiB;
const lentMax = 24;
const keptMax = 16;

const kept: Buffer[] = [];
/** Only what came from here comes back, whole and once. */
const lent = new WeakSet<ArrayBufferLike>();
let lentCount = 0;
const forgotten = new FinalizationRegistry<undefined>(() => {
  lentCount -= 1;
});

/** `chunkBytes` long, its content anything; undefined while too many are lent. */
export function takeChunk(): Buffer | undefined {
  if (lentCount >= lentMax) return undefined;
  const chunk = kept.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
  lent.add(chunk.buffer);
  lentCount += 1;
  forgotten.register(chunk.buffer, undefined, chunk.buffer);
  return chunk;
}

/** Nobody may read or write `view` any more, nor any other view of its bytes. A view of less than a whole chunk is left alone. */
export function giveChunk(view: Uint8Array): void {
  if (view.byteLength !== chunkBytes || !lent.delete(view.buffer)) return;
  forgotten.unregister(view.buffer);
  lentCount -= 1;
  if (kept.length < keptMax) kept.push(Buffer.from(view.buffer));
}
