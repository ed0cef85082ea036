// Catalog over LMDB, shared by all processes of one machine. The only file that opens the environment, because three of its
// settings decide whether acknowledged commits survive: overlappingSync off, no transaction(), no life after a failed flush.
import { open, type RootDatabase } from 'lmdb';
import { Fault } from '../../base/fault.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import { TiB } from '../../base/units.ts';
import type { Catalog, Change, RangeOptions, Row } from '../catalog.ts';
import { assertChange, assertKey } from '../limits.ts';

export interface LmdbCatalogOptions {
  /** A directory; made when it is missing. Local filesystems only. */
  readonly path: string;
  /** Address space set aside, not disk: large enough that no process ever has to map the file anew while others use it. */
  readonly mapBytes?: number;
  readonly random?: Random;
  /** Ends the process: after a failed flush the engine shows rows that are not on disk. */
  readonly die?: (error: Error) => void;
}

export interface LmdbStat {
  /** Pages in use times their size: what the rows cost. */
  readonly liveBytes: number;
  /** The file, free pages included. */
  readonly fileBytes: number;
  readonly rows: number;
}

export interface LmdbCatalog extends Catalog {
  get(key: Buffer): Row | undefined;
  range(from: Buffer, to: Buffer, options: RangeOptions): Row[];
  stat(): LmdbStat;
  /** Frees the snapshots of killed processes, which else keep old pages alive; returns how many there were. */
  reapReaders(): number;
}

const mapBytesDefault = 1 * TiB;
/** Each process takes one slot per read transaction; killed ones stay until reaped. */
const readersMax = 2048;
/** Never written (keys start with a tag): a commit without checks is conditional on its absence, so that all take one path. */
const neverKey = Buffer.of(0);

export function openLmdbCatalog(options: LmdbCatalogOptions): LmdbCatalog {
  return new OpenLmdbCatalog(options);
}

class OpenLmdbCatalog implements LmdbCatalog {
  readonly #db: RootDatabase<Buffer, Buffer>;
  readonly #die: (error: Error) => void;
  readonly #pending = new Set<Promise<unknown>>();
  #state: 'open' | 'closing' | 'failed' = 'open';
  #version: number;

  constructor(options: LmdbCatalogOptions) {
    this.#die = options.die ?? exit;
    this.#version = randomVersion(options.random ?? systemRandom);
    this.#db = open<Buffer, Buffer>({
      path: options.path,
      noSubdir: false,
      mapSize: options.mapBytes ?? mapBytesDefault,
      maxReaders: readersMax,
      maxDbs: 1,
      keyEncoding: 'binary',
      encoding: 'binary',
      encoder: pooledCopies,
      useVersions: true,
      overlappingSync: false, // with it acknowledged commits were lost at a kill
      cache: false,
      ...wholeTurns,
    });
    assertDurable(this.#db);
  }

  get(key: Buffer): Row | undefined {
    assertKey(key);
    this.#assertOpen();
    this.#db.resetReadTxn(); // else another process's acknowledged commit may be missing from the answer
    const entry = this.#db.getEntry(key);
    return entry && { key: Buffer.from(key), value: entry.value, version: entry.version! };
  }

  range(from: Buffer, to: Buffer, { reverse = false, limit }: RangeOptions): Row[] {
    this.#assertOpen();
    if (limit <= 0 || Buffer.compare(from, to) >= 0) return [];
    this.#db.resetReadTxn();
    const bounds = reverse
      ? { start: to, exclusiveStart: true, end: from, inclusiveEnd: true }
      : { start: from, end: to };
    const rows: Row[] = [];
    for (const { key, value, version } of this.#db.getRange({ ...bounds, reverse, limit, versions: true })) {
      rows.push({ key: key, value: value, version: version! });
    }
    return rows;
  }

  async commit(change: Change): Promise<'done' | 'conflict'> {
    assertChange(change);
    this.#assertOpen();
    if (change.checks.length === 0 && change.writes.length === 0) return 'done';
    const committed = Promise.all(this.#enqueue(change));
    this.#pending.add(committed);
    try {
      const held = await committed; // resolves after the flush
      return held.every((one) => one) ? 'done' : 'conflict';
    } catch (error) {
      throw this.#fail(error as Error);
    } finally {
      this.#pending.delete(committed);
    }
  }

  /** Everything was validated before: a throw in here would leave a half-written change in the queue. */
  #enqueue({ checks, writes }: Change): Promise<boolean>[] {
    const db = this.#db;
    const version = this.#nextVersion();
    const conditions: Promise<boolean>[] = [];
    const step = (place: number): void => {
      const check = checks[place];
      if (check === undefined) {
        for (const [key, value] of writes) {
          if (value === undefined) db.remove(key);
          else db.put(key, value, version);
        }
        return;
      }
      const [key, expected] = check;
      const next = () => step(place + 1);
      conditions.push(expected === 'absent' ? db.ifNoExists(key, next) : db.ifVersion(key, expected, next));
    };
    if (checks.length === 0) conditions.push(db.ifNoExists(neverKey, () => step(0)));
    else step(0);
    return conditions;
  }

  #nextVersion(): number {
    this.#version = this.#version >= Number.MAX_SAFE_INTEGER ? 1 : this.#version + 1;
    return this.#version;
  }

  #fail(error: Error): Fault {
    const cause = error as Error & { commitError?: Promise<unknown> };
    cause.commitError?.catch(() => undefined);
    if (this.#state !== 'failed') {
      this.#state = 'failed';
      this.#die(error);
    }
    return new Fault({ kind: 'catalog-failed', message: error.message }, { cause: error });
  }

  #assertOpen(): void {
    if (this.#state !== 'open') {
      throw new Fault({
        kind: 'catalog-failed',
        message: `the catalog is ${this.#state === 'failed' ? 'broken' : 'closed'}`,
      });
    }
  }

  stat(): LmdbStat {
    this.#assertOpen();
    this.#db.resetReadTxn();
    const stat = this.#db.getStats() as Record<string, number>;
    const pages = stat.treeBranchPageCount! + stat.treeLeafPageCount! + stat.overflowPages!;
    return {
      liveBytes: pages * stat.pageSize!,
      fileBytes: (stat.lastPageNumber! + 1) * stat.pageSize!,
      rows: stat.entryCount!,
    };
  }

  reapReaders(): number {
    this.#assertOpen();
    return this.#db.readerCheck();
  }

  async close(): Promise<void> {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    await Promise.allSettled(this.#pending);
    await this.#db.close();
  }
}

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
function assertDurable(db: object): void {
  const settings = db as { overlappingSync?: boolean; noSync?: boolean; noMetaSync?: boolean };
  if (settings.overlappingSync !== false || settings.noSync || settings.noMetaSync) {
    throw new Fault({ kind: 'catalog-failed', message: 'LMDB is open without a flush per commit' });
  }
}

/** Where this process starts to count, so that no two processes give a row the same version. */
function randomVersion(random: Random): number {
  const bytes = random.bytes(7);
  return (bytes.readUIntBE(0, 3) % 2 ** 21) * 2 ** 32 + bytes.readUInt32BE(3);
}

function exit(error: Error): void {
  process.stderr.write(`echogate: the catalog failed, this process ends: ${error.message}\n`);
  process.exit(1);
}
