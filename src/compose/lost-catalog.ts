// A new catalog over partitions that hold packs is a lost one: starting on it would serve nothing, and what nobody knows would
// be collected in time. Better no start.
import type { Catalog } from '../catalog/catalog.ts';
import { currentRun } from '../objects/runs.ts';
import type { SeatMap } from '../objects/seats.ts';
import type { Partition } from '../partition/partition.ts';

/** Before the catalog's first run; later ones know their packs. `made`: what lies where pools make partitions, which only the catalog knew. */
export async function assertCatalogNotLost(
  catalog: Catalog,
  partitions: SeatMap,
  made: () => Promise<readonly Partition[]> = async () => [],
): Promise<void> {
  if ((await currentRun(catalog)) > 0) return;
  for (const { partition } of partitions.values()) await assertEmpty(partition);
  const others = await made();
  try {
    for (const partition of others) await assertEmpty(partition);
  } finally {
    await Promise.all(others.map((partition) => partition.close()));
  }
}

async function assertEmpty(partition: Partition): Promise<void> {
  try {
    for await (const { pack } of partition.list()) throw new LostCatalog(partition.id, pack);
  } catch (error) {
    if (error instanceof LostCatalog) throw error; // else it is down: tried again when it is wanted
  }
}

class LostCatalog extends Error {
  override readonly name = 'LostCatalog';
  constructor(partition: string, pack: string) {
    super(
      `the catalog is empty, but partition ${partition} holds packs (${pack}): was it lost? "echogate rebuild" writes it anew from what lies on the partitions; to begin afresh, empty them`,
    );
  }
}
