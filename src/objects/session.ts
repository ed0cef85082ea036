// A process's right to commit: a row that every data commit checks. Fencing rewrites the row, so whatever a fenced process
// still tries is refused; it must exit then.
import type { Clock } from '../base/clock.ts';
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import { type Random, randomId } from '../base/random.ts';
import type { Catalog, Check } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeSession, encodeSession } from '../catalog/records/session.ts';
import type { SessionId } from '../model/ids.ts';

export interface Session {
  readonly id: SessionId;
  readonly startedMs: number;
  /** For every commit of this process. */
  check(): Check;
  /** Of a delta row that no other commit writes. */
  deltaKey(): Buffer;
  /** Throws session-fenced once the row is no longer this process's own. */
  assertOwn(): Promise<void>;
}

export async function openSession(
  catalog: Catalog,
  { clock, random, pid }: { clock: Clock; random: Random; pid: number },
): Promise<Session> {
  const id = randomId(random);
  const key = keys.session(id);
  const startedMs = clock.wallMs();
  const change = {
    checks: [[key, 'absent'] as const],
    writes: [[key, encodeSession({ pid, startedMs, state: 'live' })] as const],
  };
  const row = (await catalog.commit(change)) === 'done' ? await catalog.get(key) : undefined;
  // Fenced between the two, the row would be read as the fencer left it, and its version would pass every check.
  if (row === undefined || decodeSession(row.value).state !== 'live') throw new Fault({ kind: 'session-fenced' });
  const check: Check = [key, row.version];
  let deltas = 0;
  reached('session: opened, not announced');
  return {
    id,
    startedMs,
    check: () => check,
    deltaKey: () => keys.delta(id, ++deltas),
    assertOwn: async () => {
      if ((await catalog.get(key))?.version !== row.version) throw new Fault({ kind: 'session-fenced' });
    },
  };
}

/** After this resolves no commit of that session can succeed any more. Fencing twice is no error; says if it was live. */
export async function fenceSession(catalog: Catalog, id: SessionId): Promise<boolean> {
  const key = keys.session(id);
  for (;;) {
    const row = await catalog.get(key);
    if (row === undefined) return false;
    const session = decodeSession(row.value);
    if (session.state === 'fenced') return false;
    const fenced = encodeSession({ ...session, state: 'fenced' });
    reached('session: before fencing');
    if ((await catalog.commit({ checks: [[key, row.version]], writes: [[key, fenced]] })) !== 'done') continue;
    reached('session: fenced');
    return true;
  }
}
