// A child that is stopped or stuck still gets its share of connections and answers none of them. Whoever stays silent is ended:
// its session is fenced then, its connections are closed, and another takes its place.
import type { Clock } from '../base/clock.ts';
import { secondMs } from '../base/units.ts';

const lookEveryMs = 5 * secondMs;
/** Looks, not time: after a standstill of the supervisor itself the answers are there by the next look. */
const missedMax = 3;

export interface Watched {
  lastFailure: string | undefined;
  call(method: string, params: unknown): Promise<unknown>;
  whenEnded(): Promise<void>;
  kill(): void;
}

/** Resolves when the child has ended. */
export async function watchChild(child: Watched, clock: Pick<Clock, 'sleep'>): Promise<void> {
  const ended = new AbortController();
  void child.whenEnded().then(() => ended.abort());
  let waiting = false;
  let missed = 0;
  const heard = (): void => {
    waiting = false;
    missed = 0;
  };
  for (;;) {
    await clock.sleep(lookEveryMs, ended.signal).catch(() => {});
    if (ended.signal.aborted) return;
    if (!waiting) {
      waiting = true;
      // A refusal is an answer too.
      child.call('alive', {}).then(heard, (error: { code?: string }) => error.code !== 'timeout' && heard());
    } else if (++missed >= missedMax) {
      child.lastFailure = `no answer for ${(missedMax * lookEveryMs) / 1000} s`;
      child.kill();
      return;
    }
  }
}
