// Writes all rows of the catalog into packs, so that older logs can go. The rows are read while others commit; what makes the
// result exact is replay:
//   1. `from` is taken on the logs' clock before the first row is read, less a margin that is longer than any commit takes.
//   2. Every commit stamped earlier was over before the first row was read, so its rows are in the checkpoint (or newer ones).
//   3. Every commit stamped later is in a log pack that is kept: only logs sealed before `from` are retired, and a log
//      pack holds nothing that was committed after it was sealed.
//   4. Log entries are whole rows, so replaying all of them from `from` on, in order, over the checkpoint gives every
//      row its last value, whether the checkpoint had read it before, between or after.
import { caps } from '../base/caps.ts';
import { machineUs } from '../base/clock.ts';
import { reached } from '../base/crash-points.ts';
import { randomId } from '../base/random.ts';
import { MiB, minuteMs } from '../base/units.ts';
import type { Catalog, Write } from '../catalog/catalog.ts';
import { idOf, keys, tag } from '../catalog/keys.ts';
import { decodePack, encodePack } from '../catalog/records/pack.ts';
import { decodeSetting, encodeSetting } from '../catalog/records/setting.ts';
import type { PackId, PartitionId } from '../model/ids.ts';
import { OpenPack } from '../objects/open-pack.ts';
import { encodeRedo } from '../objects/redo-frame.ts';
import { isOnline, onlineFirst } from '../objects/seats.ts';
import { sliceCrcsOf } from '../pack/pack.ts';
import type { Doer, UpkeepDeps } from './upkeep-deps.ts';
import { walkKind, walkPages } from './walk-rows.ts';
import { type WantedCheckpoint, wantedCheckpoint } from './want-checkpoint.ts';

const frameBytesMax = 4 * MiB;
const manyLogs = 500;
const manyLogsAgeMsMin = 10 * minuteMs;
/** Two that are newer than the last log there, and it may go. */
const leavingAgeMsMin = 1 * minuteMs;

export interface CheckpointNote {
  readonly id: string;
  /** Log entries from here on are to be replayed over it. */
  readonly from: { readonly run: number; readonly stamp: number };
  readonly startedMs: number;
  readonly frames: number;
  readonly packs: readonly PackId[];
}

/** What every frame says of itself. */
export interface FrameNote extends Pick<CheckpointNote, 'id' | 'from' | 'startedMs'> {
  readonly frame: number;
  readonly last: boolean;
}

/** First row of every frame of a checkpoint: its key is no catalog key. The last frame says that the checkpoint is whole. */
export const noteKey: Buffer = Buffer.of(0);

export const checkpointKey: Buffer = keys.setting('checkpoint');

/** Rows that mean nothing in another life of the catalog, and those that no answer to a client needs. */
const passing: readonly number[] = [tag.heartbeat, tag.lease, tag.demandBin, tag.decision, tag.decisionInput];

export class Checkpointer implements Doer {
  readonly name = 'checkpoint';
  readonly everyMs = 1 * minuteMs;
  readonly #deps: UpkeepDeps;
  readonly #catalog: Catalog;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
    this.#catalog = deps.storage.catalog;
  }

  async tick(): Promise<void> {
    const startedMs = this.#deps.clock.steadyMs();
    const before = await this.#newest();
    const wanted = await wantedCheckpoint(this.#catalog);
    if (before !== undefined && !(await this.#isDue(startedMs, before, wanted))) return;
    const note = await this.#write(startedMs);
    const { control } = this.#deps;
    reached('checkpoint: written, not noted');
    await control.commit({ checks: [], writes: [[checkpointKey, encodeSetting(JSON.stringify(note))]] });
    reached('checkpoint: noted');
    if (wanted !== undefined && this.#makesUpFor(wanted, startedMs)) {
      const { key, version } = wanted.row;
      await control.commit({ checks: [[key, version]], writes: [[key, undefined]] });
    }
    await this.#retire(startedMs - this.#deps.knobs.checkpointMarginMs, new Set(note.packs), before);
  }

  /** Earlier where the logs lack something, are many (on S3 each of their flushes is a pack), or lie where nothing shall stay. */
  async #isDue(nowMs: number, before: CheckpointNote, wanted: WantedCheckpoint | undefined): Promise<boolean> {
    const ageMs = nowMs - before.startedMs;
    if (ageMs >= this.#deps.knobs.checkpointEveryMs) return true;
    if (wanted !== undefined && this.#makesUpFor(wanted, nowMs)) return true;
    if (ageMs < leavingAgeMsMin) return false;
    const seats = this.#deps.partitions;
    let logs = 0;
    for await (const { value } of walkKind(this.#catalog, tag.pack)) {
      const { holds, state, partition } = decodePack(value);
      if (state !== 'sealed' || (holds !== 'log' && holds !== 'checkpoint')) continue;
      if (holds === 'log') logs += 1;
      if (seats.get(partition)?.online?.() === false && [...seats.values()].some(isOnline)) return true;
    }
    return logs >= manyLogs && ageMs >= manyLogsAgeMsMin;
  }

  /** Would a checkpoint that begins now be replayed from behind what the logs lack? */
  #makesUpFor({ run, atMs }: WantedCheckpoint, nowMs: number): boolean {
    return run < this.#deps.storage.run || nowMs - atMs > 2 * this.#deps.knobs.checkpointMarginMs;
  }

  async #write(startedMs: number): Promise<CheckpointNote> {
    const run = new CheckpointRun(this.#deps, startedMs);
    try {
      for await (const rows of walkPages(this.#catalog, Buffer.of(1), Buffer.of(0xff))) {
        for (const { key, value } of rows) if (!passing.includes(key[0]!)) await run.add([key, value]);
      }
      return await run.finish();
    } catch (error) {
      await run.abandon();
      throw error;
    }
  }

  async #newest(): Promise<CheckpointNote | undefined> {
    const row = await this.#catalog.get(checkpointKey);
    return row && (JSON.parse(decodeSetting(row.value)) as CheckpointNote);
  }

  /** Logs that ended before the margin, and every checkpoint pack but those of this one and the one before. */
  async #retire(endedMs: number, own: ReadonlySet<PackId>, before: CheckpointNote | undefined): Promise<void> {
    const kept = new Set([...own, ...(before?.packs ?? [])]);
    const keptFromMs =
      before === undefined ? endedMs : Math.min(endedMs, before.startedMs - this.#deps.knobs.checkpointMarginMs);
    for await (const { key, value, version } of walkKind(this.#catalog, tag.pack)) {
      const pack = decodePack(value);
      if (pack.state !== 'sealed') continue;
      const isOldLog = pack.holds === 'log' && pack.changedMs < keptFromMs;
      const isOldCheckpoint = pack.holds === 'checkpoint' && !kept.has(idOf(key));
      if (!isOldLog && !isOldCheckpoint) continue;
      reached('checkpoint: before an old pack dies');
      const dead = encodePack({ ...pack, state: 'dead', changedMs: this.#deps.clock.steadyMs() });
      await this.#deps.control.commit({ checks: [[key, version]], writes: [[key, dead]] });
    }
  }
}

/** One checkpoint on its way to a partition. */
class CheckpointRun {
  readonly #deps: UpkeepDeps;
  readonly #id: string;
  readonly #startedMs: number;
  readonly #from: CheckpointNote['from'];
  readonly #packs: PackId[] = [];
  #rows: Write[] = [];
  #bytes = 0;
  #frames = 0;
  #pack: OpenPack | undefined;
  #partition: PartitionId | undefined;

  constructor(deps: UpkeepDeps, startedMs: number) {
    this.#deps = deps;
    this.#id = randomId(deps.random);
    this.#startedMs = startedMs;
    this.#from = { run: deps.storage.run, stamp: Math.max(0, machineUs() - deps.knobs.checkpointMarginMs * 1000) };
  }

  async add(row: Write): Promise<void> {
    this.#rows.push(row);
    this.#bytes += row[0].length + (row[1]?.length ?? 0);
    if (this.#bytes >= frameBytesMax) await this.#writeFrame(false);
  }

  async finish(): Promise<CheckpointNote> {
    await this.#writeFrame(true);
    await this.#endPack();
    return this.#note();
  }

  async abandon(): Promise<void> {
    await this.#endPack().catch(() => {}); // told already; the next checkpoint retires what there is
  }

  #note(): CheckpointNote {
    return {
      id: this.#id,
      from: this.#from,
      startedMs: this.#startedMs,
      frames: this.#frames,
      packs: [...this.#packs],
    };
  }

  async #writeFrame(last: boolean): Promise<void> {
    const frame = this.#frames;
    this.#frames += 1;
    const about: FrameNote = { id: this.#id, frame, last, from: this.#from, startedMs: this.#startedMs };
    const note: Write = [noteKey, encodeSetting(JSON.stringify(about))];
    const chunks = encodeRedo([{ ...this.#from, writes: [note, ...this.#rows] }]);
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#rows = [];
    this.#bytes = 0;
    const pack = await this.#packFor(length);
    pack.appendLog({ id: randomId(this.#deps.random), length, chunks, sliceCrcs: sliceCrcsOf(...chunks) });
    if (pack.flushes) await pack.flush();
    else await this.#endPack();
    reached('checkpoint: frame written');
  }

  async #packFor(length: number): Promise<OpenPack> {
    if (this.#pack !== undefined && this.#pack.sizeWith(length) > caps.packBytesMax) await this.#endPack();
    if (this.#pack !== undefined) return this.#pack;
    const { partitions, storage, clock } = this.#deps;
    let firstError: unknown;
    for (const [id, { partition }] of onlineFirst(partitions)) {
      if (this.#partition !== undefined && this.#partition !== id) continue; // all of it in one place
      try {
        this.#pack = await OpenPack.open({ partition, ledger: storage.ledger, clock }, undefined, 'checkpoint');
        this.#packs.push(this.#pack.id);
        this.#partition = id;
        return this.#pack;
      } catch (error) {
        firstError ??= error;
      }
    }
    throw firstError;
  }

  async #endPack(): Promise<void> {
    const pack = this.#pack;
    this.#pack = undefined;
    await pack?.end();
  }
}
