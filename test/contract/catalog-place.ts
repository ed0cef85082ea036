// Where a catalog under test lies, as plain data, so that a child process can open the same one.
import { openLmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';

export interface CatalogPlace {
  readonly adapter: 'lmdb';
  readonly path: string;
}

export const openAt = (place: CatalogPlace): Catalog => openLmdbCatalog({ path: place.path });
