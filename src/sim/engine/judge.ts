// What moves were worth, in hindsight: whether the source would have been asked for more than it can do without them (echoes help for a while, so
// they do not count), and whether they were done by then; whether an area came back, or moved again for nothing.
import type { JobRun } from './fleet-load.ts';
import type { SimFleet } from './sim-fleet.ts';
import type { SimMove } from './sim-mover.ts';

interface Watched {
  readonly move: SimMove;
  readonly untilMinute: number;
  verdict: 'early' | 'late' | 'needless' | undefined;
  /** Of a declared job that had areas at the source. */
  readonly run: JobRun | undefined;
  isRunJudged: boolean;
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

  /** `run`: the next of a declared job that has areas where the move begins. */
  begun(move: SimMove, run: JobRun | undefined): void {
    this.counts.started++;
    const before = this.#last.get(move.area);
    this.#last.set(move.area, move);
    if (before !== undefined && move.startMinute - before.startMinute <= againMinutes) {
      if (move.to === before.from) this.counts.undone++;
      else this.#again.add(move);
    }
    const untilMinute = move.startMinute + this.#windowMinutes;
    this.#watched.push({ move, untilMinute, verdict: undefined, run, isRunJudged: run === undefined });
  }

  /** Of this minute: `reads` and `writes` that partitions are asked, own work included. */
  look(minute: number, reads: readonly number[], writes: readonly number[]): void {
    const fleet = this.#fleet;
    for (const watched of this.#watched) {
      const { move } = watched;
      const back = move.switchedReads * fleet.readsOf(move.area);
      const wrote = move.isWhole && move.endMinute !== undefined ? fleet.writesOf(move.area) : 0;
      const isOver =
        writes[move.from]! + wrote > fleet.writeBound(move.from) ||
        reads[move.from]! + back > fleet.readBound(move.from);
      const isDone = move.endMinute !== undefined && move.endMinute < minute;
      if (watched.verdict === undefined && isOver) this.#judge(watched, isDone ? 'early' : 'late');
      if (watched.verdict === undefined && minute >= watched.untilMinute) this.#judge(watched, 'needless');
      if (!watched.isRunJudged) this.#judgeRun(watched, minute, isOver, isDone);
    }
    this.#watched = this.#watched.filter(({ verdict, isRunJudged }) => verdict === undefined || !isRunJudged);
  }

  #judge(watched: Watched, verdict: 'early' | 'late' | 'needless'): void {
    watched.verdict = verdict;
    this.counts[verdict]++;
    if (verdict !== 'needless') this.counts.needed++;
    else if (this.#again.has(watched.move)) this.counts.undone++;
  }

  /** By the first minute of the job in which the source would be over. */
  #judgeRun(watched: Watched, minute: number, isOver: boolean, isDone: boolean): void {
    const { fromMinute, toMinute } = watched.run!;
    if (isOver && minute >= fromMinute && minute < toMinute) {
      this.counts.declared++;
      if (isDone) this.counts.declaredEarly++;
      watched.isRunJudged = true;
    } else if (minute >= toMinute) watched.isRunJudged = true;
  }
}
