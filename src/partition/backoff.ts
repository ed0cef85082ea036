// How long to wait before trying again: exponential with full jitter, so that those who failed together do not return together.
import { Allowance } from '../base/allowance.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

export interface RetryPolicy {
  /** Tries after the first. */
  readonly retriesMax: number;
  readonly delayMs: number;
  readonly delayMsMax: number;
}

/** Reads that are tried again, of all that are begun; so many at once after a calm. A backend in trouble is not asked several times for each. */
export const readRetries = (): Allowance => new Allowance(0.2, 50);

export const usualRetries: RetryPolicy = { retriesMax: 3, delayMs: 50, delayMsMax: 2000 };

/** In [0, 1). */
export const fraction = (random: Random): number => random.bytes(4).readUInt32BE() / 2 ** 32;

export function backoffMs(policy: RetryPolicy, retry: number, random: Random, retryAfterMs = 0): number {
  const ceilingMs = Math.min(policy.delayMsMax, policy.delayMs * 2 ** retry);
  return Math.min(policy.delayMsMax, retryAfterMs) + fraction(random) * ceilingMs;
}

/** Sleeps before another try; an abort throws the signal's own reason. */
export async function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await clock.sleep(ms, signal).catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : error;
  });
}

/** Runs `work` again while `again` says so of its error, at most `retriesMax` times; the last error is the one thrown. */
export async function withRetries<T>(
  work: (attempt: number) => Promise<T>,
  again: (error: unknown) => false | { afterMs?: number },
  tools: { policy: RetryPolicy; clock: Clock; random: Random; signal?: AbortSignal | undefined },
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      const verdict = attempt < tools.policy.retriesMax && again(error);
      if (!verdict) throw error;
      await pause(tools.clock, backoffMs(tools.policy, attempt, tools.random, verdict.afterMs), tools.signal);
    }
  }
}
