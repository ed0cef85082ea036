// A note that the logs do not tell everything: a process died with its last second's commits still unlogged, or rows were changed
// past them. Only a checkpoint whose replay begins after that makes up for it, since a row's last logged value would else
// be written over the value that it had when it was read.
import type { Catalog, Row } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeSetting, encodeSetting } from '../catalog/records/setting.ts';

const key = keys.setting('checkpoint-wanted');

export interface Wish {
  readonly reason: string;
  /** The run that the lack is in. */
  readonly run: number;
  readonly wallMs: number;
}

export interface WantedCheckpoint extends Wish {
  /** To be removed by who has written a checkpoint that began after it was seen. */
  readonly row: Row;
}

export async function wantCheckpoint(catalog: Catalog, wish: Wish): Promise<void> {
  await catalog.commit({ checks: [], writes: [[key, encodeSetting(JSON.stringify(wish))]] });
}

export async function wantedCheckpoint(catalog: Catalog): Promise<WantedCheckpoint | undefined> {
  const row = await catalog.get(key);
  if (row === undefined) return undefined;
  return { ...(JSON.parse(decodeSetting(row.value)) as Wish), row };
}
