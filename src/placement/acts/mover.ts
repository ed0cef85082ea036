// Carries the blocks of an area from one partition to another, the hottest first, while they are read and written. Each is served from where it was
// until its row names the new place; nothing else is needed for it to be right, so a move may die or stop anywhere and go on later, or never.
import type { Clock } from '../../base/clock.ts';
import { reached } from '../../base/crash-points.ts';
import { Fault, isFault } from '../../base/fault.ts';
import { MiB, secondMs } from '../../base/units.ts';
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
import type { HeatedBlock } from '../../telemetry/telemetry.ts';
import type { AreaRows } from './area-rows.ts';
import { type FoundBlock, findBlocks } from './find-blocks.ts';
import { followHomes } from './follow-homes.ts';
import type { MoveJournal } from './move-journal.ts';
import { Pace } from './pace.ts';
import { promoteEcho } from './promote-echo.ts';

export interface MoverDeps {
  readonly catalog: Catalog;
  readonly session: Session;
  readonly ledger: PackLedger;
  readonly clock: Clock;
  readonly partitions: SeatMap;
  readonly areas: AreaRows;
  readonly echoes: EchoMap;
  /** The hottest first; none where nobody counts. */
  readonly hottest: () => Promise<readonly HeatedBlock[]>;
  /** Partitions that take new bytes now. */
  readonly roomy: () => Promise<readonly PartitionId[]>;
  /** Of one move. */
  readonly bytesPerSec: () => number;
  readonly isPaused: () => boolean;
}

const batchBytesMin = 1 * MiB;
const batchBytesMax = 16 * MiB;
const batchBlocksMax = 500;
const pausedLookMs = 1 * secondMs;
const busyRestMs = 2 * secondMs;
const busyTriesMax = 5;
/** Blocks that come, or are moved by others meanwhile, are found by the next look. */
const looksMax = 100;

export class Mover {
  readonly journal: MoveJournal;
  readonly #deps: MoverDeps;
  readonly #signal: AbortSignal;
  readonly #pace: Pace;
  /** Could not be read where they lie. */
  readonly #skipped = new Set<string>();
  readonly #echoes = new Map<BlockId, Echo>();
  /** Of what the first look found, and what of it has not been carried. */
  #heat: { readonly all: number; left: number } | undefined;
  readonly #startShare: number;
  #promotedBytes = 0;
  #foundBytes = 0;

  constructor(deps: MoverDeps, journal: MoveJournal, signal: AbortSignal) {
    this.#deps = deps;
    this.journal = journal;
    this.#signal = signal;
    this.#pace = new Pace(deps.bytesPerSec, deps.clock);
    this.#startShare = journal.row.readShare * this.#bytesShareLeft;
  }

  /** Not yet there. */
  get bytesLeft(): number {
    const { bytes, bytesMoved } = this.journal.row;
    return Math.max(this.#foundBytes, bytes - bytesMoved, 0);
  }

  /** Part of the area's reads that has not changed hands. */
  get readShareLeft(): number {
    const { all, left } = this.#heat ?? { all: 0, left: 0 };
    return all > 0 ? (this.#startShare * left) / all : this.journal.row.readShare * this.#bytesShareLeft;
  }

  get #bytesShareLeft(): number {
    const { bytesLeft } = this;
    return bytesLeft === 0 ? 0 : bytesLeft / (bytesLeft + this.journal.row.bytesMoved);
  }

  /** Says what was done; rejects when it cannot go on. */
  async run(): Promise<string> {
    let isFollowed = !this.journal.row.isWhole;
    for (let looks = 0; looks < looksMax; looks++) {
      const blocks = await this.#look();
      if (blocks.length === 0 && isFollowed) return this.#said();
      if (blocks.length === 0) {
        reached('move: all moved, homes not');
        await followHomes({ ...this.#deps, commit: (change) => this.journal.commit(change) }, this.journal);
        isFollowed = true; // what was written until now, and by those who did not know yet, is found by the next look
      }
      for (const batch of batchesOf(blocks, this.#batchBytes())) {
        await this.#carry(batch);
        reached('move: batch moved');
      }
    }
    return `${this.#said()}; the rest changes all the time`;
  }

  async #look(): Promise<readonly FoundBlock[]> {
    const { bytes, bytesMoved, isWhole, to } = this.journal.row;
    const left = isWhole ? Number.POSITIVE_INFINITY : bytes - bytesMoved;
    this.#foundBytes = 0;
    if (left <= 0) return [];
    const { catalog, hottest } = this.#deps;
    const isSkipped = (block: FoundBlock): boolean => this.#skipped.has(placeOf(block));
    const wanted = { ...this.journal.name, bytes: left, isSkipped };
    const blocks = await findBlocks(catalog, await hottest().catch(() => []), wanted);
    this.#foundBytes = blocks.reduce((sum, { length }) => sum + length, 0);
    const heat = heatOf(blocks);
    this.#heat ??= { all: heat, left: heat };
    if (blocks.length > 0) await this.#lookForEchoes(to);
    return blocks;
  }

  async #lookForEchoes(to: PartitionId): Promise<void> {
    this.#echoes.clear();
    try {
      for (let last: Echo | undefined; ; ) {
        const page = await this.#deps.echoes.page(last, 500);
        for (const echo of page)
          if (echo.partition === to && echo.state === 'ready') this.#echoes.set(echo.block, echo);
        if (page.length < 500) return;
        last = page.at(-1);
      }
    } catch (error) {
      if (!(error instanceof EchoMapAway)) throw error; // all of them are copied
    }
  }

  async #carry(batch: readonly FoundBlock[]): Promise<void> {
    await this.#whileMeant();
    const rest: BlockId[] = [];
    for (const block of await this.#asTheyAre(batch.map(({ id }) => id))) {
      const { length } = block.row;
      if (await this.#promote(block)) this.#promotedBytes += length;
      else rest.push(block.id);
    }
    await this.#copy(rest);
    this.#foundBytes -= batch.reduce((sum, { length }) => sum + length, 0);
    if (this.#heat !== undefined) this.#heat.left = Math.max(0, this.#heat.left - heatOf(batch));
  }

  async #promote(block: BlockAt): Promise<boolean> {
    const echo = this.#echoes.get(block.id);
    if (echo === undefined) return false;
    const { catalog, session, echoes } = this.#deps;
    const deps = {
      ...{ catalog, echoes },
      commit: this.#commit,
      deltaKey: () => session.deltaKey(),
      partition: this.#partition,
    };
    return await promoteEcho(deps, block, echo).catch((error: unknown) => {
      if (error instanceof EchoMapAway) return false;
      throw error;
    });
  }

  /** A partition that is only busy is asked again. */
  async #copy(wanted: readonly BlockId[]): Promise<void> {
    const { catalog, session, ledger, clock } = this.#deps;
    const target = { partition: this.journal.row.to, areaPure: this.journal.name.area };
    for (let tries = 1; ; tries++) {
      const blocks = await this.#asTheyAre(wanted);
      if (blocks.length === 0) return;
      await this.#pace.take(bytesOf(blocks), this.#signal);
      await this.#whileMeant();
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

  readonly #commit: MoveJournal['commit'] = (change) => this.journal.commit(change);
  readonly #partition = (id: PartitionId) => this.#deps.partitions.get(id)?.partition;

  /** Those that are still to be moved, as their rows are now. */
  async #asTheyAre(ids: readonly BlockId[]): Promise<BlockAt[]> {
    const { area, from } = this.journal.name;
    const found: BlockAt[] = [];
    for (const id of ids) {
      const row = await this.#deps.catalog.get(keys.block(id));
      if (row === undefined) continue;
      const block = decodeBlock(row.value);
      if (block.partition !== from || block.area !== area || this.#skipped.has(placeOf({ id, ...block }))) continue;
      found.push({ id, row: block, version: row.version });
    }
    return found;
  }

  /** Waits while it is paused; throws when it is to stop, or when the target takes nothing any more. */
  async #whileMeant(): Promise<void> {
    const { clock, isPaused, roomy } = this.#deps;
    this.#signal.throwIfAborted();
    while (isPaused()) await clock.sleep(pausedLookMs, this.#signal);
    const { to } = this.journal.row;
    if (this.#deps.partitions.get(to)?.online?.() === false)
      throw new Fault({ kind: 'partition-down', partition: to, message: 'it takes no new blocks' });
    if (!(await roomy()).includes(to)) throw new Fault({ kind: 'partition-full', partition: to });
  }

  #batchBytes(): number {
    return Math.min(batchBytesMax, Math.max(batchBytesMin, this.#deps.bytesPerSec()));
  }

  #said(): string {
    const mib = (bytes: number): string => `${(bytes / MiB).toFixed(1)} MiB`;
    const { bytesMoved } = this.journal.row;
    const promoted = this.#promotedBytes === 0 ? '' : `, ${mib(this.#promotedBytes)} of it by echoes that lay there`;
    const skipped = this.#skipped.size === 0 ? '' : `; ${this.#skipped.size} blocks could not be read and stay`;
    return `${mib(bytesMoved)} moved${promoted}${skipped}`;
  }
}

const placeOf = ({ id, pack }: Pick<FoundBlock, 'id' | 'pack'>): string => `${id} ${pack}`;
const heatOf = (blocks: readonly FoundBlock[]): number => blocks.reduce((sum, { heat }) => sum + heat, 0);
const bytesOf = (blocks: readonly BlockAt[]): number => blocks.reduce((sum, { row }) => sum + row.length, 0);

/** In order; hot ones and cold ones apart, so that the hot are not kept waiting. */
function* batchesOf(blocks: readonly FoundBlock[], bytesMax: number): Generator<readonly FoundBlock[]> {
  let batch: FoundBlock[] = [];
  let bytes = 0;
  for (const block of blocks) {
    const isOver = bytes + block.length > bytesMax || batch.length >= batchBlocksMax;
    if (batch.length > 0 && (isOver || (batch[0]!.heat > 0 && block.heat === 0))) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(block);
    bytes += block.length;
  }
  if (batch.length > 0) yield batch;
}
