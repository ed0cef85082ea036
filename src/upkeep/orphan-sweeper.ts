// Removes packs that lie on a partition and have no row. Rows are reserved before any byte and go after the bytes, so such a
// pack is a late write of a process that was fenced. Or it belongs to a newer catalog than this one: hence a long grace,
// and a brake when they are many.
import { Fault } from '../base/fault.ts';
import { hourMs } from '../base/units.ts';
import { keys } from '../catalog/keys.ts';
import type { PackId } from '../model/ids.ts';
import type { Partition } from '../partition/partition.ts';
import { eachApart } from './each-apart.ts';
import type { Doer, UpkeepDeps } from './upkeep-deps.ts';

export const removedShareMax = 0.05;
export const removedAlways = 20;

export class OrphanSweeper implements Doer {
  readonly name = 'orphan-sweeper';
  readonly everyMs = 6 * hourMs;
  readonly #deps: UpkeepDeps;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
  }

  async tick(): Promise<void> {
    await eachApart(this.#deps.partitions.values(), ({ partition }) => this.#sweep(partition));
  }

  async #sweep(partition: Partition): Promise<void> {
    const { clock, knobs, storage } = this.#deps;
    const oldMs = clock.wallMs() - knobs.orphanGraceMs;
    const orphans: PackId[] = [];
    let packs = 0;
    for await (const { pack, modifiedMs } of partition.list()) {
      packs += 1;
      if (modifiedMs < oldMs && (await storage.catalog.get(keys.pack(pack))) === undefined) orphans.push(pack);
    }
    if (orphans.length > Math.max(removedAlways, packs * removedShareMax)) {
      const message = `${orphans.length} of ${packs} packs are unknown to the catalog: left alone, is this the right catalog?`;
      throw new Fault({ kind: 'partition-down', partition: partition.id, message });
    }
    if (orphans.length > 0) await partition.remove(orphans);
  }
}
