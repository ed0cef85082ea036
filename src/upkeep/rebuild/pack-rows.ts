// Rows of all packs, from what lies on the partitions and from what blocks name. All are sealed: whoever wrote them is gone. A
// pack that holds nothing alive is collected at the next start, unless such packs are many: then something else is wrong, and
// they stay without rows, where the brake of the orphan sweeper holds. Not counted are packs of one block
// that is known and lies elsewhere: echoes.
import type { PackRow } from '../../catalog/records/pack.ts';
import type { BlockId, PackId, PartitionId } from '../../model/ids.ts';
import { removedAlways, removedShareMax } from '../orphan-sweeper.ts';
import type { FoundPack, FoundPacks } from './find-packs.ts';
import type { Written } from './write-catalog.ts';

export interface PackRows {
  readonly rows: ReadonlyMap<PackId, PackRow>;
  /** Wanted by blocks, but not on a partition that was listed. */
  readonly missing: readonly PackId[];
  /** Packs of blocks of which not one was brought back, left without rows. */
  readonly leftAlone: number;
}

const nobody = '0'.repeat(32);

/** `isKnown`: blocks that have a row. */
export async function packRows(
  { packs, unreachable }: FoundPacks,
  { known, wanted }: Written,
  isKnown: (block: BlockId) => Promise<boolean>,
  nowMs: number,
): Promise<PackRows> {
  const rows = new Map<PackId, PackRow>();
  const row = (id: PackId, partition: PartitionId, holds: PackRow['holds'], bytes: number): void => {
    const { session = nobody, areaPure } = known.get(id) ?? {};
    const pure = areaPure === undefined ? {} : { areaPure };
    rows.set(id, { partition, state: 'sealed', holds, session, bytes, changedMs: nowMs, ...pure });
  };
  const idle = packs.filter(({ pack, holds }) => (holds === 'blocks' || holds === 'nothing') && !wanted.has(pack));
  const strange: FoundPack[] = [];
  for (const each of idle) if (each.only === undefined || !(await isKnown(each.only))) strange.push(each);
  const areMany = strange.length > Math.max(removedAlways, packs.length * removedShareMax);
  const alone = new Set(areMany ? strange : []);
  for (const found of packs) {
    if (alone.has(found)) continue;
    row(found.pack, found.partition, found.holds === 'nothing' ? 'blocks' : found.holds, found.bytes);
  }
  const missing: PackId[] = [];
  for (const [pack, partition] of wanted) {
    if (rows.has(pack)) continue;
    row(pack, partition, 'blocks', known.get(pack)?.bytes ?? 0);
    if (!unreachable.has(partition)) missing.push(pack);
  }
  // Packs on partitions that were left out keep their rows, lest they be taken for orphans when those come back.
  for (const [pack, { partition, holds, bytes, state }] of known) {
    if (!rows.has(pack) && unreachable.has(partition) && state !== 'dead') row(pack, partition, holds, bytes);
  }
  return { rows, missing, leftAlone: alone.size };
}
