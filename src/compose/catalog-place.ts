// Where the catalog lies.
import { join } from 'node:path';
import type { LmdbCatalogOptions } from '../catalog/adapters/lmdb-catalog.ts';
import type { Config } from '../config/config.ts';

/** In the data directory. */
export const catalogFolder = 'catalog';

export const catalogAt = (config: Config, folder = catalogFolder): LmdbCatalogOptions => ({
  path: join(config.data, folder),
  mapBytes: config.catalogBytesMax,
});
