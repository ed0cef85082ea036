// Time is an argument: whoever needs "now" takes a Clock, so any day can be replayed.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Clock {
  /** Wall clock, ms since the epoch; may jump. */
  wallMs(): number;
  /**
   * Like the wall clock when the server started, and then never stepping: one reading for all processes of a server, in whole ms.
   * What processes compare with each other (who read before what was dropped) is told by it.
   */
  steadyMs(): number;
  /** Monotonic, ms since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  steadyMs() {
    return this.wallMs();
  },
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await sleep(ms, undefined, signal ? { signal } : undefined);
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
};

/** The clock of a process whose server told it by how much steady time is ahead of the machine's. */
export const steadied = (clock: Clock, aheadMs: number): Clock => ({
  ...clock,
  steadyMs: () => Math.floor(aheadMs + machineUs() / 1000),
});

/** What a server tells its processes when it starts. */
export const steadyAheadMs = (clock: Pick<Clock, 'wallMs'>): number => clock.wallMs() - machineUs() / 1000;

/** Microseconds since the machine started, the same in all of its processes and deaf to steps of the wall clock. */
export const machineUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** Wall time that was `fromMs` when the machine's was `atMs`, and runs so many times as fast: days replayed in minutes. */
export interface Hurry {
  readonly atMs: number;
  readonly fromMs: number;
  readonly factor: number;
}

/** Waits are shortened alike, to no less than 10 ms. */
export const hurried = (clock: Clock, { atMs, fromMs, factor }: Hurry): Clock => ({
  ...clock,
  monotonicMs: () => clock.monotonicMs() * factor,
  wallMs: () => fromMs + (clock.wallMs() - atMs) * factor,
  sleep: (ms, signal) => clock.sleep(Math.max(10, ms / factor), signal),
});
