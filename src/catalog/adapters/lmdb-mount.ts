// LMDB's open() reads the number of the newest transaction from the file and, later and without the write lock, sets it for all processes
// (ITS#9496, in the LMDB that lmdb brings). A commit that ends in between is overwritten by the next one, though it was acknowledged: seen
// with one writer, a commit lost at 279 opens. So nobody may commit while a process mounts; the second step is free of that.
import { openAsClass, type RootDatabase } from 'lmdb';
import { syncFolder } from '../../base/durable-folder.ts';
import { cannotOpen, prepareLmdbFolder } from './lmdb-file.ts';
import { assertDurable, lmdbSettings } from './lmdb-settings.ts';

export type LmdbDatabase = RootDatabase<Buffer, Buffer>;

/** While no process commits. The step that it returns takes the write lock, so it waits for whoever has it. */
export function mountLmdb(path: string, mapBytes?: number): () => LmdbDatabase {
  const settings = lmdbSettings(path, mapBytes);
  const explained = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw cannotOpen(path, error);
    }
  };
  prepareLmdbFolder(path);
  // lmdb declares an instance where it returns the class.
  const Database = explained(() => openAsClass<Buffer, Buffer>(settings)) as unknown as new (
    name: null,
    settings: object,
  ) => LmdbDatabase;
  return () =>
    explained(() => {
      const db = new Database(null, { isRoot: true, ...settings });
      assertDurable(db);
      syncFolder(path); // LMDB flushes its file, never the file's name
      return db;
    });
}
