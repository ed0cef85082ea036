// A new catalog over partitions that hold packs is a lost one: starting on it would serve nothing, and what nobody knows would
// be collected in time. Better no start.
import type { Catalog } from '../catalog/catalog.ts';
import { currentRun } from '../objects/runs.ts';
import type { SeatMap } from '../objects/seats.ts';

/** Before the catalog's first run; later ones know their packs. */
export async function assertCatalogNotLost(catalog: Catalog, partitions: SeatMap): Promise<void> {
  if ((await currentRun(catalog)) > 0) return;
  for (const [id, { partition }] of partitions) {
    try {
      for await (const { pack } of partition.list()) throw new LostCatalog(id, pack);
    } catch (error) {
      if (error instanceof LostCatalog) throw error; // else it is down: tried again when it is wanted
    }
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
