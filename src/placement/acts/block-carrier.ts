// Brings blocks of one move to their new partition, a batch at a time: those whose echo lies there already become it, the others are copied at the
// move's rate. Waits while it is paused, asks a partition that is only busy again, and leaves behind what cannot be read.
import type { Clock } from '../../base/clock.ts';
import { Fault, isFault } from '../../base/fault.ts';
import { secondMs } from '../../base/units.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { keys } from '../../catalog/keys.ts';
import { decodeBlock } from '../../catalog/records/block.ts';
import { type EchoMap, EchoMapAway } from '../../echo/echo.ts';
import type { Echo } from '../../model/echo.ts';
import type { BlockId, PartitionId } from '../../model/ids.ts';
import { type BlockAt, copyBlocks } from '../../objects/copy-blocks.ts';
import type { PackLedger } from '../../objects/pack-ledger.ts';
import type { SeatMap } from '../../objects/seats.ts';
import type { Session } from '../../objects/session.ts';
import type { FoundBlock } from './find-blocks.ts';
import type { MoveJournal } from './move-journal.ts';
import { Pace } from './pace.ts';
import { promoteEcho } from './promote-echo.ts';

export interface CarrierDeps {
  readonly catalog: Catalog;
  readonly session: Session;
  readonly ledger: PackLedger;
  readonly clock: Clock;
  readonly partitions: SeatMap;
  readonly echoes: EchoMap;
  /** Partitions that take new bytes now. */
  readonly roomy: () => Promise<readonly PartitionId[]>;
  /** Of one move. */
  readonly bytesPerSec: () => number;
  readonly isPaused: () => boolean;
}

const pausedLookMs = 1 * secondMs;
const busyRestMs = 2 * secondMs;
const busyTriesMax = 5;
const echoesPerPage = 500;

export class BlockCarrier {
  readonly #deps: CarrierDeps;
  readonly #journal: MoveJournal;
  readonly #signal: AbortSignal;
  readonly #pace: Pace;
  readonly #skipped = new Set<string>();
  /** Blocks that had a ready echo at the target when somebody last looked. */
  readonly #echoed = new Set<BlockId>();
  #promotedBytes = 0;

  constructor(deps: CarrierDeps, journal: MoveJournal, signal: AbortSignal) {
    this.#deps = deps;
    this.#journal = journal;
    this.#signal = signal;
    this.#pace = new Pace(deps.bytesPerSec, deps.clock);
  }

  /** Bytes that moved without being written. */
  get promotedBytes(): number {
    return this.#promotedBytes;
  }

  /** Blocks that could not be read where they lie, and stay there. */
  get skipped(): number {
    return this.#skipped.size;
  }

  isSkipped(block: Pick<FoundBlock, 'id' | 'pack'>): boolean {
    return this.#skipped.has(placeOf(block));
  }

  /** Waits while it is paused; rejects when it is to stop, or when the target takes nothing any more. */
  async whileMeant(): Promise<void> {
    const { clock, isPaused, roomy, partitions } = this.#deps;
    this.#signal.throwIfAborted();
    while (isPaused()) await clock.sleep(pausedLookMs, this.#signal);
    const { to } = this.#journal.row;
    if (partitions.get(to)?.online?.() === false)
      throw new Fault({ kind: 'partition-down', partition: to, message: 'it takes no new blocks' });
    if (!(await roomy()).includes(to)) throw new Fault({ kind: 'partition-full', partition: to });
  }

  /** Before a round of batches. */
  async lookForEchoes(): Promise<void> {
    this.#echoed.clear();
    const { to } = this.#journal.row;
    try {
      for (let last: Echo | undefined; ; ) {
        const page = await this.#deps.echoes.page(last, echoesPerPage);
        for (const echo of page) if (echo.partition === to && echo.state === 'ready') this.#echoed.add(echo.block);
        if (page.length < echoesPerPage) return;
        last = page.at(-1);
      }
    } catch (error) {
      if (!(error instanceof EchoMapAway)) throw error; // all of them are copied
    }
  }

  async carry(batch: readonly BlockId[]): Promise<void> {
    await this.whileMeant();
    const rest: BlockId[] = [];
    for (const block of await this.#asTheyAre(batch)) {
      if (await this.#promote(block)) this.#promotedBytes += block.row.length;
      else rest.push(block.id);
    }
    await this.#copy(rest);
  }

  async #promote(block: BlockAt): Promise<boolean> {
    if (!this.#echoed.has(block.id)) return false;
    const { catalog, session, echoes } = this.#deps;
    const deltaKey = () => session.deltaKey();
    const deps = { catalog, echoes, deltaKey, commit: this.#commit, partition: this.#partition };
    try {
      // As it is now: others say of an echo how long it is kept.
      const echo = (await echoes.of(block.id)).find(({ partition }) => partition === this.#journal.row.to);
      return echo !== undefined && (await promoteEcho(deps, block, echo));
    } catch (error) {
      if (error instanceof EchoMapAway) return false;
      throw error;
    }
  }

  async #copy(wanted: readonly BlockId[]): Promise<void> {
    const { catalog, session, ledger, clock } = this.#deps;
    const target = { partition: this.#journal.row.to, areaPure: this.#journal.name.area };
    for (let tries = 1; ; tries++) {
      const blocks = await this.#asTheyAre(wanted);
      if (blocks.length === 0) return;
      const bytes = blocks.reduce((sum, { row }) => sum + row.length, 0);
      await this.#pace.take(bytes, this.#signal);
      await this.whileMeant();
      let busy: unknown;
      const onUnreadable = (id: BlockId, error: Fault): void => {
        if (isFault(error, 'partition-down')) throw error; // the source, and so all the others too
        if (isFault(error, 'partition-busy')) busy = error;
        else this.#skipped.add(placeOf({ id, ...blocks.find((block) => block.id === id)!.row }));
      };
      const deps = { catalog, session, ledger, clock, commit: this.#commit, partition: this.#partition, onUnreadable };
      try {
        await copyBlocks(deps, blocks, target);
      } catch (error) {
        if (!isFault(error, 'partition-busy')) throw error;
        busy = error;
      }
      if (busy === undefined) return;
      if (tries >= busyTriesMax) throw busy;
      await clock.sleep(busyRestMs, this.#signal);
    }
  }

  readonly #commit: MoveJournal['commit'] = (change) => this.#journal.commit(change);
  readonly #partition = (id: PartitionId) => this.#deps.partitions.get(id)?.partition;

  /** Those that are still to be moved, as their rows are now. */
  async #asTheyAre(ids: readonly BlockId[]): Promise<BlockAt[]> {
    const { area, from } = this.#journal.name;
    const found: BlockAt[] = [];
    for (const id of ids) {
      const row = await this.#deps.catalog.get(keys.block(id));
      if (row === undefined) continue;
      const block = decodeBlock(row.value);
      if (block.partition !== from || block.area !== area || this.isSkipped({ id, ...block })) continue;
      found.push({ id, row: block, version: row.version });
    }
    return found;
  }
}

const placeOf = ({ id, pack }: Pick<FoundBlock, 'id' | 'pack'>): string => `${id} ${pack}`;
