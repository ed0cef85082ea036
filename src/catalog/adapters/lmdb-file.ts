// Looks at LMDB's data file before LMDB does: it maps whatever it finds, and a file that is not its own ends the process with
// a segmentation fault instead of a message.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { makeDurableFolder } from '../../base/durable-folder.ts';
import { Fault } from '../../base/fault.ts';

const magicOffset = 24; // behind the page header; written in the machine's own byte order
const magic = 0xbeefc0de;

/** Makes the folder; passes a new (missing or empty) data file and one of LMDB's own. */
export function prepareLmdbFolder(path: string): void {
  let file: number | undefined;
  try {
    makeDurableFolder(path);
    file = openExisting(join(path, 'data.mdb'));
    if (file === undefined) return;
    if (fstatSync(file).size === 0) return;
    const head = Buffer.alloc(magicOffset + 4);
    const read = readSync(file, head, 0, head.length, 0);
    const isLmdb = head.readUInt32LE(magicOffset) === magic || head.readUInt32BE(magicOffset) === magic;
    if (read < head.length || !isLmdb) {
      throw new Fault({ kind: 'catalog-failed', message: `${join(path, 'data.mdb')} is not a catalog, or damaged` });
    }
  } catch (error) {
    throw error instanceof Fault ? error : cannotOpen(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export const cannotOpen = (path: string, error: unknown): Fault =>
  new Fault(
    { kind: 'catalog-failed', message: `the catalog at ${path} cannot be opened: ${(error as Error).message}` },
    { cause: error },
  );
