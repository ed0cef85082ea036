// Removes rows whose time is over: finished uploads after seven days, areas of buckets that are gone.
import { caps } from '../base/caps.ts';
import { reached } from '../base/crash-points.ts';
import { minuteMs } from '../base/units.ts';
import type { Catalog, Row } from '../catalog/catalog.ts';
import { idOf, keys, tag } from '../catalog/keys.ts';
import { decodeArea } from '../catalog/records/area.ts';
import { decodeBucket } from '../catalog/records/bucket.ts';
import { decodeFinishedUpload } from '../catalog/records/finished-upload.ts';
import type { Doer, UpkeepDeps } from './upkeep-deps.ts';
import { RollingWalk, walkKind } from './walk-rows.ts';

export class Expiry implements Doer {
  readonly name = 'expiry';
  readonly everyMs = 1 * minuteMs;
  readonly #deps: UpkeepDeps;
  readonly #catalog: Catalog;
  readonly #finished: RollingWalk;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
    this.#catalog = deps.storage.catalog;
    this.#finished = new RollingWalk(this.#catalog, tag.finishedUpload);
  }

  async tick(): Promise<void> {
    await this.#expireFinishedUploads();
    await this.#removeOrphanedAreas();
  }

  async #expireFinishedUploads(): Promise<void> {
    const oldMs = this.#deps.clock.wallMs() - caps.finishedUploadKeptMs;
    const { rows } = await this.#finished.page(500);
    for (const row of rows) if (decodeFinishedUpload(row.value).finishedMs < oldMs) await this.#remove(row);
  }

  /** Areas are listed before buckets: an area's bucket stood there before it. */
  async #removeOrphanedAreas(): Promise<void> {
    const areas: Row[] = [];
    for await (const row of walkKind(this.#catalog, tag.area)) areas.push(row);
    const buckets = new Set<string>();
    for await (const row of walkKind(this.#catalog, tag.bucket)) buckets.add(decodeBucket(row.value).id);
    for (const row of areas) if (!buckets.has(idOf(row.key))) await this.#remove(row, decodeArea(row.value).id);
  }

  async #remove({ key, version }: Row, area?: string): Promise<void> {
    const usage = area === undefined ? [] : [[keys.usage('area', area), undefined] as const];
    reached('expiry: before a row goes');
    await this.#deps.control.commit({ checks: [[key, version]], writes: [[key, undefined], ...usage] });
  }
}
