// The catalog as the supervisor has it: it neither reads nor writes, it keeps the others from committing while a process opens.
import { openLmdbCatalog } from '../catalog/adapters/lmdb-catalog.ts';
import type { Config } from '../config/config.ts';
import type { CommitBarrier } from '../main/doorway.ts';
import { catalogAt } from './catalog-place.ts';

/** Ahead of every other process that opens it. */
export const openCommitBarrier = (config: Config): CommitBarrier => openLmdbCatalog(catalogAt(config));
