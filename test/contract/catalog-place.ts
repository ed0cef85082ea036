// Where a catalog under test lies, as plain data, so that a child process can open the same one.
import { type LmdbCatalog, mountLmdbCatalog, openLmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';

export interface CatalogPlace {
  readonly adapter: 'lmdb';
  readonly path: string;
}

export const openAt = (place: CatalogPlace): LmdbCatalog => openLmdbCatalog({ path: place.path });

/** Beside processes that commit: see `withoutCommits`. */
export const mountAt = (place: CatalogPlace): (() => LmdbCatalog) => mountLmdbCatalog({ path: place.path });
