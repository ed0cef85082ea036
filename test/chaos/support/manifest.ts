// What writers know of every key, kept outside the server: the intent before each write, the acknowledgement after it. Each key has one
// writer, so its state is the last acknowledged one, or one of those that were under way when an answer was lost.
import { closeSync, openSync, writeSync } from 'node:fs';

/** A stamp's name, or nothing there. */
export type State = string | 'absent';

export class Manifest {
  readonly #file: number;
  readonly #states = new Map<string, Set<State>>();
  /** What was acknowledged and may not be lost, counted. */
  acknowledged = 0;
  refused = 0;
  open = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  intend(key: string, state: State): void {
    this.#note('intent', key, state);
  }

  acknowledge(key: string, state: State): void {
    this.#note('done', key, state);
    this.acknowledged += 1;
    this.#states.set(key, new Set([state]));
  }

  /** A clear no: nothing has changed. */
  refuse(key: string, state: State): void {
    this.#note('refused', key, state);
    this.refused += 1;
  }

  /** The answer was lost: it may have been done or not. */
  leaveOpen(key: string, state: State): void {
    this.#note('open', key, state);
    this.open += 1;
    this.#states.set(key, new Set([...this.statesOf(key), state]));
  }

  /** Seen after whoever may have had it under way is gone: what was open is settled. */
  observe(key: string, state: State): void {
    if (this.statesOf(key).size > 1) this.#states.set(key, new Set([state]));
  }

  /** Every state in which the key may rightly be found. */
  statesOf(key: string): ReadonlySet<State> {
    return this.#states.get(key) ?? onlyAbsent;
  }

  keys(): IterableIterator<string> {
    return this.#states.keys();
  }

  close(): void {
    closeSync(this.#file);
  }

  #note(what: string, key: string, state: State): void {
    writeSync(this.#file, `${what}\t${key}\t${state}\n`);
  }
}

const onlyAbsent: ReadonlySet<State> = new Set(['absent']);
