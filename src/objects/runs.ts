// Counts the starts of the whole program. All processes of one run share one machine and its clock, so log entries are in
// order inside a run by that clock, and between runs by this number.
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeSetting, encodeSetting } from '../catalog/records/setting.ts';

export const runKey: Buffer = keys.setting('run');

export async function currentRun(catalog: Catalog): Promise<number> {
  const row = await catalog.get(runKey);
  return row === undefined ? 0 : Number(decodeSetting(row.value));
}

/** Called when all sessions of earlier runs are fenced, before any process of this run opens its storage. */
export async function raiseRun(catalog: Catalog): Promise<number> {
  for (;;) {
    const row = await catalog.get(runKey);
    const run = (row === undefined ? 0 : Number(decodeSetting(row.value))) + 1;
    const change = {
      checks: [[runKey, row?.version ?? 'absent'] as const],
      writes: [[runKey, encodeSetting(String(run))] as const],
    };
    if ((await catalog.commit(change)) === 'done') return run;
  }
}
