// Areas whose keys cannot be divided because there is one. Only areas that are asked much are looked at: nobody divides the others.
import type { Catalog } from '../catalog/catalog.ts';
import { keys, prefixEnd, tag } from '../catalog/keys.ts';
import type { AreaId, BucketId } from '../model/ids.ts';

interface Place {
  readonly id: AreaId;
  readonly bucket: BucketId;
  readonly from: string;
}

const lookedAtMax = 128;

export class KnownKeys {
  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** `places` in order of bucket and key; `asked`: per second. */
  async singles(places: readonly Place[], asked: (id: AreaId) => number): Promise<Set<AreaId>> {
    const busy = places
      .map((place, at) => ({ place, next: places[at + 1], load: asked(place.id) }))
      .filter(({ load }) => load > 0)
      .sort((a, b) => b.load - a.load)
      .slice(0, lookedAtMax);
    const singles = new Set<AreaId>();
    for (const { place, next } of busy) {
      const end =
        next?.bucket === place.bucket
          ? keys.current(place.bucket, next.from)
          : prefixEnd(keys.first(tag.current, place.bucket));
      const rows = await this.#catalog.range(keys.current(place.bucket, place.from), end, { limit: 2 });
      if (rows.length < 2) singles.add(place.id);
    }
    return singles;
  }
}
