// All sessions in the catalog, for those who end them: the supervisor at start and when a worker died, the pilot.
import type { Catalog } from '../catalog/catalog.ts';
import { idOf, keys, prefixEnd, tag } from '../catalog/keys.ts';
import { decodeSession, type SessionRow } from '../catalog/records/session.ts';
import type { SessionId } from '../model/ids.ts';
import { raiseRun } from './runs.ts';
import { fenceSession } from './session.ts';

export interface KnownSession extends SessionRow {
  readonly id: SessionId;
}

const sessionsMax = 100_000;

export async function listSessions(catalog: Catalog): Promise<KnownSession[]> {
  const from = keys.first(tag.session);
  const rows = await catalog.range(from, prefixEnd(from), { limit: sessionsMax });
  return rows.map((row) => ({ id: idOf(row.key), ...decodeSession(row.value) }));
}

/**
 * Fences every live session that `isAlive` does not vouch for; returns how many. Without `isAlive` all are fenced and a new
 * run begins: the supervisor's start, before any worker.
 */
export async function fenceSessions(catalog: Catalog, isAlive?: (session: KnownSession) => boolean): Promise<number> {
  let fenced = 0;
  for (const session of await listSessions(catalog)) {
    if (session.state === 'fenced' || isAlive?.(session)) continue;
    await fenceSession(catalog, session.id);
    fenced += 1;
  }
  if (isAlive === undefined) await raiseRun(catalog);
  return fenced;
}
