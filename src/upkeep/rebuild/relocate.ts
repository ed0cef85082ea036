// Blocks whose pack is gone, looked for in all others: their move may be younger than the logs, while the old pack was collected.
import { idOf, tag } from '../../catalog/keys.ts';
import { decodeBlock } from '../../catalog/records/block.ts';
import type { PackId } from '../../model/ids.ts';
import { type MendDeps, mendBlock } from '../scrub/mend-block.ts';
import { PackCopies } from '../scrub/other-copies.ts';
import { walkKind } from '../walk-rows.ts';

/** Returns how many were found, each read whole against its CRCs. */
export async function relocate(deps: MendDeps, missing: ReadonlySet<PackId>): Promise<number> {
  const lost = new Set<string>();
  for await (const { key, value } of walkKind(deps.catalog, tag.block)) {
    if (missing.has(decodeBlock(value).pack)) lost.add(idOf(key));
  }
  const copies = await new PackCopies(deps.partitions).of(lost);
  let found = 0;
  for (const [id, places] of copies) if ((await mendBlock(deps, id, places)) !== undefined) found += 1;
  return found;
}
