// A child that is stopped or stuck still gets its share of connections and answers none of them. Whoever stays silent is ended:
// its session is fenced then, its connections are closed, and another takes its place.
import type { Clock } from '../base/clock.ts';
import { secondMs } from '../base/units.ts';

const lookEveryMs = 5 * secondMs;
/** Looks, not time: after a standstill of the supervisor itself the answers are there by the next look. */
const missedMax = 3;

export interface Watched {
  lastFailure: string | undefined;
  /** Rises whenever something is heard of it. */
  readonly signsOfLife: number;
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
  for (let signs = child.signsOfLife; ; signs = child.signsOfLife) {
    await clock.sleep(lookEveryMs, ended.signal).catch(() => {});
    if (ended.signal.aborted) return;
    // The question waits behind the connections that were handed over before it.
    if (child.signsOfLife !== signs) missed = 0;
    else if (waiting) missed += 1;
    if (missed >= missedMax) {
      child.lastFailure = `no answer for ${(missedMax * lookEveryMs) / 1000} s`;
      child.kill();
      return;
    }
    if (waiting) continue;
    waiting = true;
    // A refusal is an answer too.
    child.call('alive', {}).then(heard, ({ code }: { code?: string }) => {
      if (code !== 'timeout') return heard();
      waiting = false;
      missed += 1;
    });
  }
}
