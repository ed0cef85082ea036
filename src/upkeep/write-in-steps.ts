// Many rows that need not change together, in commits of the size that a catalog takes.
import { caps } from '../base/caps.ts';
import type { Catalog, Write } from '../catalog/catalog.ts';

export async function writeInSteps(catalog: Catalog, writes: readonly Write[]): Promise<void> {
  for (let at = 0; at < writes.length; at += caps.commitRowsMax)
    await catalog.commit({ checks: [], writes: writes.slice(at, at + caps.commitRowsMax) });
}
