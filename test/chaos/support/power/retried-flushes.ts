// Reads in a recording what became of each flush that failed: a pack is never written or flushed again, and a process that was told that
// the catalog could not be flushed is at its end.
import type { Entry } from './read-recording.ts';

/** What LMDB's writing thread may have in hand already when the failure reaches those who end the process; nobody is told of these. */
const lastCommits = 3;

export interface FailedFlushes {
  readonly packs: number;
  readonly folders: number;
  readonly catalog: number;
  readonly broken: readonly string[];
}

export function readFailedFlushes(entries: readonly Entry[]): FailedFlushes {
  const poisoned = new Map<bigint, string>();
  /** Commits of each process since it was told. */
  const told = new Map<number, number>();
  const counted = { packs: 0, folders: 0, catalog: 0 };
  const broken: string[] = [];
  for (const entry of entries) {
    if (entry.is !== 'call') continue;
    const { kind, phase, inode, path, pid, result, ofFolder, writtenThrough } = entry;
    if (phase === 'begin') {
      if ((kind === 'write' || kind === 'sync') && poisoned.has(inode)) {
        broken.push(
          `${poisoned.get(inode)} was ${kind === 'write' ? 'written' : 'flushed'} again after its flush had failed`,
        );
      }
      continue;
    }
    if (kind === 'open') poisoned.delete(inode); // the number of a removed file is used again
    if (kind === 'write' && writtenThrough && result < 0) {
      counted.catalog += 1;
      told.set(pid, told.get(pid) ?? 0);
    } else if (kind === 'write' && writtenThrough && told.has(pid)) {
      told.set(pid, told.get(pid)! + 1);
      if (told.get(pid)! > lastCommits) broken.push(`process ${pid} goes on although a flush of the catalog failed`);
    } else if (kind === 'sync' && result !== 0) {
      if (ofFolder) counted.folders += 1;
      else if (path.endsWith('.mdb')) {
        counted.catalog += 1;
        told.set(pid, told.get(pid) ?? 0);
      } else {
        counted.packs += 1;
        poisoned.set(inode, path.slice(path.lastIndexOf('/') + 1));
      }
    }
  }
  return { ...counted, broken };
}
