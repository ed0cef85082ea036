// Catalog over LMDB, shared by all processes of one machine. What must never be done here: use lmdb's transaction(), which keeps
// the writes of a body that throws, for any that writes; read without a reset; live on after a failed flush.
import { reached } from '../../base/crash-points.ts';
import { Fault } from '../../base/fault.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import type { Catalog, Change, RangeOptions, Row } from '../catalog.ts';
import { assertBounds, assertChange, assertKey } from '../limits.ts';
import { type LmdbDatabase, mountLmdb } from './lmdb-mount.ts';

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
  /**
   * Makes the file hold at least so many bytes of freed pages. LMDB copies pages even to delete a row, so on a disk that
   * others have filled nothing could be deleted without them, and every commit would end its process.
   */
  keepSpare(bytes: number): Promise<void>;
  /** Frees the snapshots of killed processes, which else keep old pages alive; returns how many there were. */
  reapReaders(): number;
  /**
   * Runs `act` while no process commits, so that another one may mount; one after the other. `act` must not commit. Who is killed meanwhile
   * lets go.
   */
  withoutCommits(act: () => Promise<void>): Promise<void>;
}

/** Never written (keys start with a tag): a commit without checks is conditional on its absence, so that all take one path. */
const neverKey = Buffer.of(0);

/** Written and removed again at once; no key of the catalog, since those start with a tag. */
const spareKey = Buffer.of(0, 0);

/** Only while no other process commits; else see `mountLmdbCatalog`. */
export const openLmdbCatalog = (options: LmdbCatalogOptions): LmdbCatalog => mountLmdbCatalog(options)();

/** To be called while no process commits; the step that it returns may be done beside commits of others. */
export function mountLmdbCatalog(options: LmdbCatalogOptions): () => LmdbCatalog {
  const open = mountLmdb(options.path, options.mapBytes);
  return () => new OpenLmdbCatalog(open(), options);
}

class OpenLmdbCatalog implements LmdbCatalog {
  readonly #db: LmdbDatabase;
  readonly #die: (error: Error) => void;
  readonly #pending = new Set<Promise<unknown>>();
  #state: 'open' | 'closing' | 'failed' = 'open';
  #version: number;
  #alone: Promise<void> = Promise.resolve();

  constructor(db: LmdbDatabase, options: LmdbCatalogOptions) {
    this.#db = db;
    this.#die = options.die ?? exit;
    this.#version = randomVersion(options.random ?? systemRandom);
  }

  get(key: Buffer): Row | undefined {
    assertKey(key);
    this.#assertOpen();
    this.#db.resetReadTxn(); // else another process's acknowledged commit may be missing from the answer
    const entry = this.#db.getEntry(key);
    return entry && { key, value: entry.value, version: entry.version! };
  }

  range(from: Buffer, to: Buffer, { reverse = false, limit }: RangeOptions): Row[] {
    assertBounds(from, to);
    this.#assertOpen();
    if (limit <= 0 || Buffer.compare(from, to) >= 0) return [];
    this.#db.resetReadTxn();
    const bounds = reverse
      ? { start: to, exclusiveStart: true, end: from, inclusiveEnd: true }
      : { start: from, end: to };
    const rows: Row[] = [];
    for (const { key, value, version } of this.#db.getRange({ ...bounds, reverse, limit, versions: true })) {
      rows.push({ key, value, version: version! });
    }
    return rows;
  }

  async commit(change: Change): Promise<'done' | 'conflict'> {
    assertChange(change);
    if (change.checks.length === 0 && change.writes.length === 0) return 'done';
    return await this.#written(change.writes, change.checks);
  }

  async #written(writes: Change['writes'], checks: Change['checks'] = []): Promise<'done' | 'conflict'> {
    this.#assertOpen();
    reached('catalog: before a commit');
    const committed = Promise.all(this.#enqueue({ checks, writes }));
    reached('catalog: commit queued');
    this.#pending.add(committed);
    try {
      const held = await committed; // resolves after the flush
      reached('catalog: commit flushed');
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

  async keepSpare(bytes: number): Promise<void> {
    const { liveBytes, fileBytes } = this.stat();
    if (fileBytes - liveBytes >= bytes) return;
    await this.#written([[spareKey, Buffer.alloc(bytes)]]);
    await this.#written([[spareKey, undefined]]);
  }

  reapReaders(): number {
    this.#assertOpen();
    return this.#db.readerCheck();
  }

  async withoutCommits(act: () => Promise<void>): Promise<void> {
    this.#assertOpen();
    // Its thread takes the write lock, not this one: who has it may stand still for long.
    const turn = this.#alone.then(async () => {
      await this.#db.transaction(act);
    });
    this.#alone = turn.catch(() => {});
    await turn;
  }

  async close(): Promise<void> {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    await Promise.allSettled(this.#pending);
    await this.#db.close();
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
