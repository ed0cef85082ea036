// Is this disk well? Writes, syncs and removes a small file.
import type { Clock } from '../../base/clock.ts';
import type { Probe } from '../partition.ts';
import type { FileLayer } from './file-layer.ts';

export interface ProbeTools {
  readonly files: FileLayer;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** A file call cannot be called back: an abort only stops waiting for it. */
export async function probeDirectory(path: string, { files, clock, signal }: ProbeTools): Promise<Probe> {
  const startMs = clock.monotonicMs();
  try {
    signal?.throwIfAborted();
    await abortable(tryOut(files, path), signal);
    return { ok: true, latencyMs: clock.monotonicMs() - startMs };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, latencyMs: clock.monotonicMs() - startMs, message };
  }
}

async function tryOut(files: FileLayer, path: string): Promise<void> {
  const fd = await files.open(path, 'w'); // one that a crash left behind is written over
  try {
    await files.writev(fd, [Buffer.from('probe\n')], 0);
    await files.fdatasync(fd);
  } finally {
    await files.close(fd);
    await files.unlink(path);
  }
}

async function abortable(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await work;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  work.catch(() => undefined); // it may fail after nobody waits for it any more
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
