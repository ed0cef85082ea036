// Packs and their rows belong together: a pack has a row from before its first byte until after its last one has gone. A file
// without one is a late write of a process that was fenced, or belongs to another catalog: few are mended, many are only told.
import type { PackRow } from '../../../catalog/records/pack.ts';
import type { PackId, PartitionId } from '../../../model/ids.ts';
import { removedAlways, removedShareMax } from '../../orphan-sweeper.ts';
import type { Check, Findings } from '../check.ts';
import type { Ground, Listing } from '../ground.ts';

export const packsCheck: Check = {
  name: 'packs',
  promise: 'every pack on a partition has a row, and every row that says so has a pack',
  async run(ground, findings) {
    const [packs, listings] = [await ground.packs(), await ground.listings()];
    for (const [id, listing] of listings) {
      if (listing instanceof Error) findings.break(`partition ${id} cannot be listed: ${listing.message}`);
      else judgeFiles(ground, id, listing, packs, findings);
    }
    for (const [id, pack] of packs) judgeRow(id, pack, listings.get(pack.partition), findings);
  },
};

function judgeFiles(
  ground: Ground,
  id: PartitionId,
  files: Exclude<Listing, Error>,
  packs: ReadonlyMap<PackId, PackRow>,
  findings: Findings,
): void {
  const orphans = [...files.keys()].filter((pack) => packs.get(pack)?.partition !== id);
  const many = orphans.length > Math.max(removedAlways, files.size * removedShareMax);
  findings.look(files.size);
  for (const pack of orphans) {
    const { partition } = ground.deps.partitions.get(id)!;
    findings.break(
      `pack ${pack} on ${id} has no row${many ? `, as ${orphans.length} of ${files.size} there: is this the right catalog?` : ''}`,
      many ? undefined : () => partition.remove([pack]),
    );
  }
}

function judgeRow(id: PackId, pack: PackRow, listing: Listing | undefined, findings: Findings): void {
  // A row is reserved before its pack is there; one that was never written to, or is to go, need not be.
  if (pack.state !== 'sealed' || pack.bytes === 0 || listing instanceof Error) return;
  findings.look();
  const file = listing?.get(id);
  if (file === undefined)
    findings.break(`pack ${id} is not on ${pack.partition}: ${pack.bytes} bytes of ${pack.holds}`);
  else if (file.bytes < pack.bytes)
    findings.break(`pack ${id} on ${pack.partition} has ${file.bytes} bytes, its row says ${pack.bytes}`);
}
