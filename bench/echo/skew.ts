// Which object a read is for: the order of a real access trace, its blocks laid on our objects.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Shelved } from './shelf.ts';

/** Product look-ups: a long tail, the hottest block is 1 % of all. */
export const traceName = 'scarab-recs-600k.u32.gz';

/** Endless: it begins anew behind its end. */
export function traceOrder(traces: string, objects: readonly Shelved[]): () => Shelved {
  const bytes = gunzipSync(readFileSync(join(traces, traceName)));
  const count = bytes.length / 4;
  let at = 0;
  return () => {
    const block = bytes.readUInt32LE(4 * (at++ % count));
    // Ids are in order of first access; neighbours go to different partitions.
    return objects[(Math.imul(block, 0x9e3779b1) >>> 0) % objects.length]!;
  };
}
