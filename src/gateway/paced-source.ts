// Reads a request's body without letting a slow sender hold its resources: after a grace the client must keep a minimum rate.
// Only time spent waiting for the client counts, never time that the storage behind us takes.
import type { Readable } from 'node:stream';
import { caps } from '../base/caps.ts';
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import { secondMs } from '../base/units.ts';

export interface Pace {
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly graceMs?: number;
  readonly bytesPerSecMin?: number;
}

/** Leaves `source` undestroyed, so that an error can still be answered on its socket. */
export async function* pacedSource(source: Readable | AsyncIterable<Uint8Array>, pace: Pace): AsyncGenerator<Buffer> {
  const { clock, graceMs = caps.bodyGraceMs, bytesPerSecMin = caps.bodyRateBytesPerSecMin } = pace;
  const chunks = iteratorOf(source);
  const stop = new AbortController();
  let received = 0;
  let waitedMs = 0;
  let waitingSinceMs: number | undefined;
  let giveUp: ((error: Fault) => void) | undefined;

  // One timer per body, not per chunk: it looks again when the client would be too slow if nothing more came.
  const watch = async (): Promise<void> => {
    for (;;) {
      const nowMs = clock.monotonicMs();
      const spentMs = waitedMs + (waitingSinceMs === undefined ? 0 : nowMs - waitingSinceMs);
      const leftMs = graceMs + (received / bytesPerSecMin) * secondMs - spentMs;
      if (leftMs <= 0) {
        giveUp?.(new Fault({ kind: 'body-too-slow' }));
        return;
      }
      await clock.sleep(Math.min(Math.ceil(leftMs), graceMs), stop.signal);
    }
  };
  watch().catch(() => undefined); // aborted below

  try {
    for (;;) {
      waitingSinceMs = clock.monotonicMs();
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        giveUp = reject;
        chunks.next().then(resolve, reject);
      });
      waitedMs += clock.monotonicMs() - waitingSinceMs;
      waitingSinceMs = undefined;
      giveUp = undefined;
      if (next.done) return;
      received += next.value.length;
      yield Buffer.isBuffer(next.value)
        ? next.value
        : Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
  } finally {
    stop.abort();
    // Lets go of the source, so that what is left of it can be drained. Not awaited: a slow sender may keep its next chunk for long.
    Promise.resolve(chunks.return?.()).catch(() => undefined);
  }
}

function iteratorOf(source: Readable | AsyncIterable<Uint8Array>): AsyncIterator<Uint8Array> {
  return 'iterator' in source ? source.iterator({ destroyOnReturn: false }) : source[Symbol.asyncIterator]();
}
