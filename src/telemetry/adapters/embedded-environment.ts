// The LMDB environment of the embedded counter store. It is never flushed, which costs nothing while the machine runs; but a power cut may
// leave its file in pieces, and LMDB ends the process on those. So each boot of the machine has a file of its own, and older ones go.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { GiB } from '../../base/units.ts';
import type { Row } from './embedded-rows.ts';

/** Address space, not disk; and more than fifteen minutes of counters ever take. */
const mapBytes = 16 * GiB;
/** Slots of read transactions: one a process, and those of killed ones until they are reaped. */
const readersMax = 512;

/** In a folder below `path`; several processes may open it at once. */
export function openEnvironment(path: string, bootId = thisBoot()): RootDatabase<Row, Buffer> {
  mkdirSync(path, { recursive: true });
  const name = `boot-${bootId ?? 'unknown'}`;
  for (const other of readdirSync(path)) {
    if (other.startsWith('boot-') && other !== name) rmSync(join(path, other), { recursive: true, force: true });
  }
  const settings = {
    path: join(path, name),
    noSubdir: false,
    mapSize: mapBytes,
    maxReaders: readersMax,
    maxDbs: 1,
    keyEncoding: 'binary',
    encoding: 'json',
    noSync: bootId !== undefined,
    overlappingSync: false,
    cache: false,
    // Else lmdb takes the write lock in the middle of a long turn of the event loop (catalog/adapters/lmdb-settings.ts).
    batchStartThreshold: Number.MAX_SAFE_INTEGER,
  } as const;
  const environment = open<Row, Buffer>(settings);
  environment.readerCheck();
  return environment;
}

/** Undefined where the system does not tell: the file is flushed there. */
function thisBoot(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
