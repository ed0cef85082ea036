// What a catalog is called where several meet: whatever is kept elsewhere for it stands under this name.
import { type Random, randomId } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeSetting, encodeSetting } from '../catalog/records/setting.ts';

const key = keys.setting('fleet-id');

/** 32 hex digits; the first who asks draws them. */
export async function fleetId(catalog: Catalog, random: Random): Promise<string> {
  for (;;) {
    const row = await catalog.get(key);
    if (row !== undefined) return decodeSetting(row.value);
    await catalog.commit({ checks: [[key, 'absent']], writes: [[key, encodeSetting(randomId(random))]] });
  }
}
