// How old the oldest read is that may still run anywhere: bytes that died before it may be wanted by it.
import { caps } from '../base/caps.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeHeartbeat } from '../catalog/records/session.ts';
import { listSessions } from '../objects/sessions.ts';

/** A session that has not beaten yet may read since it started; a fenced one must exit and is not waited for. */
export async function oldestReadMs(catalog: Catalog, clock: Clock): Promise<number> {
  const nowMs = clock.steadyMs();
  let oldestMs = nowMs;
  for (const { id, state, startedMs } of await listSessions(catalog)) {
    if (state === 'fenced') continue;
    const row = await catalog.get(keys.heartbeat(id));
    oldestMs = Math.min(oldestMs, row === undefined ? startedMs : decodeHeartbeat(row.value).oldestReadMs);
  }
  return Math.max(oldestMs, nowMs - caps.oldestReadMsMax);
}
