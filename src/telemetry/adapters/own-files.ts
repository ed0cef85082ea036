// The files that one process adds its counts to, one per bin. Nobody else writes to them, so that nobody ever waits for another's lock; and
// what could not be written whole, or in time, is taken back before anything follows it.
import { randomBytes } from 'node:crypto';
import { constants, type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export class OwnFiles {
  readonly #path: string;
  /** No other process has it, no earlier one had. */
  readonly #name = `${process.pid}-${randomBytes(6).toString('hex')}`;
  /** How many bytes of each bin's file count. */
  readonly #ends = new Map<number, number>();

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * To the file of the bin that starts at `startSec`. The next call must wait for this one.
   * `isWanted`: asked at the end; what nobody wants any more does not count.
   */
  async append(startSec: number, bytes: Buffer, isWanted: () => boolean): Promise<void> {
    const file = await openOrMake(join(this.#path, String(startSec), this.#name));
    try {
      const { size } = await file.stat();
      // Less than counted: the bin was let go of meanwhile, and begins anew.
      const end = Math.min(this.#ends.get(startSec) ?? 0, size);
      this.#ends.set(startSec, end);
      if (size > end) await file.truncate(end);
      await writeWhole(file, bytes, end);
      if (isWanted()) this.#ends.set(startSec, end + bytes.length);
      else await file.truncate(end);
    } finally {
      // Not waited for: from here on it is decided whether the bytes count, and the caller's time must not run out after that.
      file.close().catch(() => {});
    }
  }

  /** Bins that start before `beforeSec` are no more. */
  forget(beforeSec: number): void {
    for (const startSec of [...this.#ends.keys()]) if (startSec < beforeSec) this.#ends.delete(startSec);
  }
}

async function openOrMake(path: string): Promise<FileHandle> {
  const attempt = (): Promise<FileHandle> => open(path, constants.O_WRONLY | constants.O_CREAT);
  try {
    return await attempt();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return await attempt();
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}
