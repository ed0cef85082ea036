// What moves were worth, in hindsight: whether the source would have been asked for more than it can do without them (echoes help for a while, so
// they do not count), and whether they were done by then; whether an area came back, or moved again for nothing.
import type { SimFleet } from './sim-fleet.ts';
import type { SimMove } from './sim-mover.ts';

interface Watched {
  readonly move: SimMove;
  readonly untilMinute: number;
  readonly isDeclared: boolean;
  verdict: 'early' | 'late' | undefined;
}

const againMinutes = 360;

export class Judge {
  readonly #fleet: SimFleet;
  readonly #windowMinutes: number;
  #watched: Watched[] = [];
  readonly #last = new Map<number, SimMove>();
  readonly #again = new Set<SimMove>();
  readonly counts = { started: 0, early: 0, late: 0, needless: 0, undone: 0, needed: 0, declaredEarly: 0, declared: 0 };

  /** `windowMinutes`: without a crossing until then a move was needless. */
  constructor(fleet: SimFleet, windowMinutes: number) {
    this.#fleet = fleet;
    this.#windowMinutes = windowMinutes;
  }

  begun(move: SimMove, isDeclared: boolean): void {
    this.counts.started++;
    const before = this.#last.get(move.area);
    this.#last.set(move.area, move);
    if (before !== undefined && move.startMinute - before.startMinute <= againMinutes) {
      this.#again.add(move);
    }
    this.#watched.push({ move, untilMinute: move.startMinute + this.#windowMinutes, isDeclared, verdict: undefined });
  }

  /** Of this minute: `reads` and `writes` that partitions are asked, own work included. */
  look(minute: number, reads: Float64Array, writes: Float64Array): void {
    const fleet = this.#fleet;
    for (const watched of this.#watched) {
      const { move } = watched;
      const back = move.switchedReads * fleet.readsOf(move.area);
      const wrote = move.isWhole && move.endMinute !== undefined ? fleet.writesOf(move.area) : 0;
      const isOver =
        writes[move.from]! + wrote > fleet.writeBound(move.from) ||
        reads[move.from]! + back > fleet.readBound(move.from);
      if (isOver) watched.verdict = move.endMinute !== undefined && move.endMinute < minute ? 'early' : 'late';
      if (watched.verdict !== undefined || minute >= watched.untilMinute) this.#close(watched);
    }
    this.#watched = this.#watched.filter((each) => each.verdict === undefined && minute < each.untilMinute);
  }

  #close({ move, verdict, isDeclared }: Watched): void {
    if (verdict === undefined) {
      this.counts.needless++;
      if (this.#again.has(move)) this.counts.undone++;
      return;
    }
    this.counts.needed++;
    this.counts[verdict]++;
    if (!isDeclared) return;
    this.counts.declared++;
    if (verdict === 'early') this.counts.declaredEarly++;
  }
}
