// Counts the starts of the whole program. All processes of one run share one machine and its clock, so log entries are in
// order inside a run by that clock, and between runs by this number.
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeSetting, encodeSetting } from '../catalog/records/setting.ts';
import { fenceSessions } from './sessions.ts';

const key = keys.setting('run');

export async function currentRun(catalog: Catalog): Promise<number> {
  const row = await catalog.get(key);
  return row === undefined ? 0 : Number(decodeSetting(row.value));
}

/** Before any other process of this run opens its storage: fences all sessions of earlier runs. */
export async function beginRun(catalog: Catalog): Promise<number> {
  await fenceSessions(catalog);
  for (;;) {
    const row = await catalog.get(key);
    const run = (await currentRun(catalog)) + 1;
    const change = {
      checks: [[key, row?.version ?? 'absent'] as const],
      writes: [[key, encodeSetting(String(run))] as const],
    };
    if ((await catalog.commit(change)) === 'done') return run;
  }
}
