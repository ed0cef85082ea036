// Removes files and makes it durable that they are gone; one that is gone already is fine.
import { dirname } from 'node:path';
import { reached } from '../../base/crash-points.ts';
import { errorCode } from './directory-faults.ts';
import type { FileLayer } from './file-layer.ts';
import { settled } from './settled.ts';

const atOnce = 8;

export async function unlinkDurably(files: FileLayer, paths: readonly string[]): Promise<void> {
  const folders = new Set<string>();
  reached('directory: before unlinking');
  for (let at = 0; at < paths.length; at += atOnce) {
    await settled(paths.slice(at, at + atOnce).map((path) => unlink(files, path, folders)));
  }
  await settled([...folders].map((folder) => files.syncDirectory(folder)));
  reached('directory: unlinked durably');
}

async function unlink(files: FileLayer, path: string, folders: Set<string>): Promise<void> {
  try {
    await files.unlink(path);
    folders.add(dirname(path));
    reached('directory: file unlinked');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
