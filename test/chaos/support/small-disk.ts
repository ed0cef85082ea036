// A disk that can really be filled, without rights: a tmpfs in a mount namespace of its own, reached through the process that keeps it.
// Where such namespaces are forbidden, the machine's own disk stands in, with a reserve so near that a small file reaches it.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { KiB, MiB } from '../../../src/base/units.ts';

export interface SmallDisk {
  readonly kind: 'tmpfs' | 'reserve';
  readonly path: string;
  /** For the server's configuration. */
  readonly reserveBytes: number;
  freeBytes(): number;
  /** Somebody else's file takes what is left; again and again what has been freed meanwhile. */
  fill(): void;
  /** Removes that file. */
  free(): void;
  close(): Promise<void>;
}

const reserveMin = 16 * MiB;

export async function openSmallDisk(dir: string, bytes: number): Promise<SmallDisk> {
  const mount = join(dir, 'small');
  mkdirSync(mount);
  const holder = await holdTmpfs(mount, bytes);
  if (holder !== undefined) {
    const path = `/proc/${holder.pid}/root${mount}`;
    return diskAt({ kind: 'tmpfs', path, reserveBytes: reserveMin, floorBytes: 0 }, () => ended(holder));
  }
  const reserveBytes = Math.max(reserveMin, freeOf(mount) - bytes);
  const floorBytes = reserveBytes - 32 * MiB;
  return diskAt({ kind: 'reserve', path: mount, reserveBytes, floorBytes }, async () => {});
}

interface Place {
  readonly kind: SmallDisk['kind'];
  readonly path: string;
  readonly reserveBytes: number;
  /** Filled down to so many free bytes. */
  readonly floorBytes: number;
}

function diskAt({ floorBytes, ...place }: Place, close: () => Promise<void>): SmallDisk {
  const foreign = join(place.path, 'foreign');
  const freeBytes = (): number => freeOf(place.path);
  return {
    ...place,
    freeBytes,
    fill() {
      const file = openSync(foreign, 'a');
      for (const step of [MiB, 4 * KiB]) {
        const bytes = Buffer.alloc(step, 0x55);
        while (freeBytes() > floorBytes && hasTaken(file, bytes));
      }
      closeSync(file);
    },
    free: () => rmSync(foreign, { force: true }),
    close,
  };
}

function hasTaken(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

function freeOf(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** It lives as long as this process does, and the tmpfs as long as it. */
async function holdTmpfs(mount: string, bytes: number): Promise<ChildProcess | undefined> {
  const script = 'mount -t tmpfs -o size="$1",mode=700 tmpfs "$2" && echo mounted && exec cat';
  const holder = spawn('unshare', ['-rm', 'sh', '-c', script, 'sh', String(bytes), mount], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const isHeld = await new Promise<boolean>((done) => {
    holder.on('error', () => done(false));
    holder.on('exit', () => done(false));
    holder.stdout.on('data', () => done(true));
  });
  return isHeld ? holder : undefined;
}

async function ended(holder: ChildProcess): Promise<void> {
  const gone = new Promise((done) => holder.once('exit', done));
  holder.stdin?.end();
  await gone;
}
