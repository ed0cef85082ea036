// Folders whose own entries survive a power cut: a file can be flushed as often as one likes, it is lost with the name of its folder.
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** With what is missing above it. One that is there is synced too: whoever made it may have died before that. */
export function makeDurableFolder(path: string, mode = 0o777, sync = syncFolder): void {
  const first = mkdirSync(path, { recursive: true, mode });
  const top = dirname(resolve(first ?? path));
  for (let parent = dirname(resolve(path)); ; parent = dirname(parent)) {
    try {
      sync(parent);
    } catch (error) {
      // Somebody else made it, in a folder that we may not even read.
      if (first !== undefined || (error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    }
    if (parent === top) return;
  }
}
