// Removes the heads that deletes in unversioned buckets leave, once the watermark has passed them. It walks all current
// versions round and round at a bounded rate.
import { reached } from '../base/crash-points.ts';
import { minuteMs, secondMs } from '../base/units.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { tag } from '../catalog/keys.ts';
import { listViewOf } from '../catalog/records/version.ts';
import { readWatermark, sequenceAt } from '../objects/sequence.ts';
import type { Control, Doer } from './upkeep-deps.ts';
import { RollingWalk } from './walk-rows.ts';

/** A write that read the watermark before the row was removed is over after so long; in steps of the hybrid clock. */
const marginSteps = sequenceAt(Date.UTC(2020, 0, 1) + minuteMs);
const pagesPerTick = 4;

export class GoneSweeper implements Doer {
  readonly name = 'gone-sweeper';
  readonly everyMs = 1 * secondMs;
  readonly #catalog: Catalog;
  readonly #control: Control;
  readonly #walk: RollingWalk;

  constructor(catalog: Catalog, control: Control) {
    this.#catalog = catalog;
    this.#control = control;
    this.#walk = new RollingWalk(catalog, tag.current);
  }

  async tick(): Promise<void> {
    const passed = (await readWatermark(this.#catalog)) - marginSteps;
    for (let page = 0; page < pagesPerTick; page++) {
      const { rows, wrapped } = await this.#walk.page(500);
      for (let at = 0; at < rows.length; at += 400) await this.#remove(rows.slice(at, at + 400), passed);
      if (wrapped) return;
    }
  }

  async #remove(rows: Awaited<ReturnType<RollingWalk['page']>>['rows'], passed: number): Promise<void> {
    const gone = rows.filter(({ value }) => {
      const { kind, sequence } = listViewOf(value);
      return kind === 'gone' && sequence < passed;
    });
    if (gone.length === 0) return;
    const change = (some: typeof gone) => ({
      checks: some.map(({ key, version }) => [key, version] as const),
      writes: some.map(({ key }) => [key, undefined] as const),
    });
    reached('gone heads: before they go');
    if ((await this.#control.commit(change(gone))) === 'done') return;
    for (const one of gone) await this.#control.commit(change([one])); // a key that was written again keeps its row
  }
}
