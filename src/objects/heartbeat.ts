// Publishes each second that this process lives and how old its oldest read is; collection waits for it.
import type { Clock } from '../base/clock.ts';
import { reached } from '../base/crash-points.ts';
import { secondMs } from '../base/units.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { encodeHeartbeat } from '../catalog/records/session.ts';
import type { Session } from './session.ts';

const beatEveryMs = 1 * secondMs;

export interface HeartbeatDeps {
  readonly catalog: Catalog;
  readonly session: Session;
  readonly clock: Clock;
  readonly oldestReadMs: () => number;
  /** What else is to be done about once a second. */
  readonly onBeat?: () => void;
}

export async function beatOnce({ catalog, session, clock, oldestReadMs }: HeartbeatDeps): Promise<void> {
  const heartbeat = encodeHeartbeat({ beatMs: clock.wallMs(), oldestReadMs: oldestReadMs() });
  const change = { checks: [session.check()], writes: [[keys.heartbeat(session.id), heartbeat] as const] };
  if ((await catalog.commit(change)) === 'conflict') await session.assertOwn();
  reached('session: beaten');
}

/** Beats until stopped; a beat that finds the session fenced (or the catalog broken) ends it with `onFailed`. */
export function startHeartbeat(deps: HeartbeatDeps, onFailed: (error: unknown) => void): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const beat = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await beatOnce(deps);
      deps.onBeat?.();
      await deps.clock.sleep(beatEveryMs, stopping.signal).catch(() => {});
    }
  };
  const running = beat().catch(onFailed);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
