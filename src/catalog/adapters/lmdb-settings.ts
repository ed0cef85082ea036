// How the LMDB environment is opened: these settings decide whether acknowledged commits survive.
import { TiB } from '../../base/units.ts';

const mapBytesDefault = 1 * TiB;
/** Each process takes one slot per read transaction; killed ones stay until reaped. */
const readersMax = 2048;

export const lmdbSettings = (path: string, mapBytes = mapBytesDefault) =>
  ({
    path,
    noSubdir: false,
    mapSize: mapBytes,
    maxReaders: readersMax,
    maxDbs: 1,
    keyEncoding: 'binary',
    encoding: 'binary',
    encoder: pooledCopies,
    useVersions: true,
    overlappingSync: false, // with it acknowledged commits were lost at a kill
    cache: false,
    ...wholeTurns,
  }) as const;

/**
 * After so many instructions of one turn of the event loop lmdb takes the write lock although the turn goes on: 30 ms of work
 * in it made another process's commits wait 30 ms. Never, then. (Not in its type declarations.)
 */
const wholeTurns = { batchStartThreshold: Number.MAX_SAFE_INTEGER };

/** lmdb's own copies each cost an ArrayBuffer, half the time of a listing page; a small one from Node's pool does not. */
const pooledCopies = {
  encode: (value: Buffer): Buffer => value,
  /** `bytes` is lmdb's scratch (or map): valid for this call only. */
  decode(bytes: Buffer): Buffer {
    const copy = Buffer.allocUnsafe(bytes.length);
    copy.set(bytes.subarray(0, bytes.length)); // lmdb sets `length`; the scratch itself is longer
    return copy;
  },
};

/** lmdb falls back to what an environment already has: a commit must not be acknowledged before its own flush. */
export function assertDurable(db: object): void {
  const settings = db as { overlappingSync?: boolean; noSync?: boolean; noMetaSync?: boolean };
  if (settings.overlappingSync !== false || settings.noSync || settings.noMetaSync) {
    throw new Error('LMDB is open without a flush per commit');
  }
}
