// What moves were worth, in hindsight: whether the source would have passed its capacity without them, and whether they were done by then; whether
// an area came back, or moved again for nothing.
import { type EchoLinks, steerReads } from '../../placement/placement.ts';
import type { SimFleet } from './sim-fleet.ts';
import { readShareOf, type SimMove } from './sim-mover.ts';

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
      if (move.to === before.from) this.counts.undone++;
      else this.#again.add(move);
    }
    this.#watched.push({ move, untilMinute: move.startMinute + this.#windowMinutes, isDeclared, verdict: undefined });
  }

  /** Of this minute: `reads` and `writes` that partitions are asked, own work included; what echoes could take. */
  look(minute: number, reads: Float64Array, writes: Float64Array, links: readonly (EchoLinks | undefined)[]): void {
    const fleet = this.#fleet;
    for (const watched of this.#watched) {
      const { move } = watched;
      const gone = readShareOf(fleet, move) - readShareOf(fleet, move, move.switched);
      const back = gone * fleet.readsOf(move.area);
      const wrote = move.isWhole && move.endMinute !== undefined ? fleet.writesOf(move.area) : 0;
      const isOver =
        writes[move.from]! + wrote > fleet.writeBound(move.from) || this.#wouldBeOver(move, reads, back, links);
      if (isOver) watched.verdict = move.endMinute !== undefined && move.endMinute < minute ? 'early' : 'late';
      if (watched.verdict !== undefined || minute >= watched.untilMinute) this.#close(watched);
    }
    this.#watched = this.#watched.filter((each) => each.verdict === undefined && minute < each.untilMinute);
  }

  #wouldBeOver(
    { from }: SimMove,
    reads: Float64Array,
    back: number,
    links: readonly (EchoLinks | undefined)[],
  ): boolean {
    const bound = this.#fleet.readBound(from);
    if (reads[from]! + back <= bound) return false;
    const asked = Float64Array.from(reads);
    asked[from] = asked[from]! + back;
    return (
      steerReads(
        asked,
        this.#fleet.partitions.map((_, place) => this.#fleet.readBound(place)),
        links,
      )[from]! >
      bound * (1 + 1e-9)
    );
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
