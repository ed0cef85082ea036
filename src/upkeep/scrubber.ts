// Scrubs while the server runs: so slowly that one round over everything takes about as long as the pause that an operator wants
// between two, with jitter, so that machines that were started together do not scrub together.
import { dayMs, secondMs } from '../base/units.ts';
import { keys, prefixEnd } from '../catalog/keys.ts';
import { decodeUsage } from '../catalog/records/delta.ts';
import { PackCopies } from './scrub/other-copies.ts';
import {
  beginRound,
  type DamagedBlock,
  readRound,
  type ScrubDeps,
  type ScrubRound,
  scrubPiece,
} from './scrub/scrub-run.ts';
import type { Doer, UpkeepDeps } from './upkeep-deps.ts';

export interface ScrubbedPiece {
  readonly blocks: number;
  readonly bytes: number;
  readonly damaged: readonly DamagedBlock[];
}

const pieceBlocks = 32;
/** A round takes this share of its time, so that it also ends where much is added meanwhile. */
const busyShare = 0.8;
const tickMsMax = 2 * secondMs;

export class Scrubber implements Doer {
  readonly name = 'scrubber';
  readonly everyMs = 10 * secondMs;
  readonly #deps: UpkeepDeps;
  readonly #scrub: ScrubDeps;
  readonly #onScrubbed: (piece: ScrubbedPiece) => void;
  readonly #periodMs: number;
  #round: ScrubRound | undefined;
  #tickedMs: number;
  #owedBytes = 0;

  constructor(deps: UpkeepDeps, onScrubbed: (piece: ScrubbedPiece) => void) {
    const { storage, control, partitions, random, clock } = deps;
    this.#deps = deps;
    this.#onScrubbed = onScrubbed;
    this.#scrub = {
      catalog: storage.catalog,
      commit: (change) => control.commit(change),
      partitions,
      random,
      nowMs: () => clock.wallMs(),
      copies: new PackCopies(partitions),
      pace: async () => {},
    };
    const jitter = random.bytes(1)[0]! / 255;
    this.#periodMs = deps.knobs.scrubEveryDays * dayMs * (0.85 + 0.3 * jitter);
    this.#tickedMs = clock.monotonicMs();
  }

  async tick(): Promise<void> {
    if (this.#periodMs === 0) return;
    const { clock } = this.#deps;
    const startedMs = clock.monotonicMs();
    const sinceMs = startedMs - this.#tickedMs;
    this.#tickedMs = startedMs;
    let round = this.#round ?? (await readRound(this.#scrub.catalog));
    if (round?.endedMs !== undefined && clock.wallMs() - round.startedMs < this.#periodMs) return;
    if (round === undefined || round.endedMs !== undefined) round = beginRound(clock.wallMs());
    this.#owedBytes += (await this.#liveBytes()) * (sinceMs / (this.#periodMs * busyShare));
    while (this.#owedBytes > 0 && round.endedMs === undefined && clock.monotonicMs() - startedMs < tickMsMax) {
      const before = round;
      const piece = await scrubPiece(this.#scrub, before, pieceBlocks);
      round = piece.round;
      const bytes = round.bytes - before.bytes;
      this.#owedBytes -= Math.max(bytes, 1);
      this.#onScrubbed({ blocks: round.blocks - before.blocks, bytes, damaged: piece.damaged });
    }
    if (round.endedMs !== undefined) this.#owedBytes = 0;
    this.#round = round;
  }

  async #liveBytes(): Promise<number> {
    const prefix = keys.usage('partition', '');
    const rows = await this.#scrub.catalog.range(prefix, prefixEnd(prefix), { limit: 10_000 });
    return rows.reduce((sum, { value }) => sum + Math.max(0, decodeUsage(value).bytes), 0);
  }
}
