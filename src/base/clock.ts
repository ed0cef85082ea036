// Time is an argument: whoever needs "now" takes a Clock, so any day can be replayed.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Clock {
  /** Wall clock, ms since the epoch; may jump. */
  wallMs(): number;
  /** Monotonic, ms since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await sleep(ms, undefined, signal ? { signal } : undefined);
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
};

/** Microseconds since the machine started, the same in all of its processes and deaf to steps of the wall clock. */
export const machineUs = (): number => Number(process.hrtime.bigint() / 1000n);
