// A number of like children, each replaced when it ends: at once the first time, later with growing pauses, so that a fault that
// strikes at every start does not burn the machine.
import type { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { secondMs } from '../base/units.ts';
import { Child } from './child.ts';
import type { StartMessage } from './messages.ts';
import { watchChild } from './watch-child.ts';

export interface CrewOptions {
  readonly name: string;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly start: () => Promise<StartMessage>;
  /** False: two at once would take each other's lease; the old one ends before the new one starts. */
  readonly overlaps: boolean;
  /** One more process that has done its imports waits for whoever dies: on a busy machine they take longer than all the rest. */
  readonly spare: boolean;
  /** So many start together, the rest once one of them is ready; one per core, less the pilot's, unless told. */
  readonly together?: number;
  /** Before it does anything but its imports. */
  readonly onFork: (pid: number) => void;
  /** It waits for its `letOpen`. */
  readonly onOpens: (child: Child) => void;
  readonly onReady: (child: Child) => void;
  readonly onEnd: (child: Child, how: string, orphaned: readonly Socket[], expected: boolean) => void;
}

const shortLifeMs = 10 * secondMs;
const pauseMsMax = 30 * secondMs;
const readyMsMax = 60 * secondMs;
/** Where none of the first gets ready, the rest does not wait any longer. */
const aheadMsMax = 5 * secondMs;
/** So many short lives before any success, and the start is given up. */
const startFailuresMax = 3;

interface Seat {
  child: Child;
  shortLives: number;
}

export class Crew {
  readonly #options: CrewOptions;
  readonly #seats: Seat[] = [];
  /** Everyone whose process lives, and the seat each was made for. */
  readonly #living = new Map<Child, number>();
  #spare: Child | undefined;
  readonly #leaving = new Set<Child>();
  readonly #endings = new WeakMap<Child, Promise<void>>();
  #closing = false;
  #everReady = false;
  #failures = 0;
  #restarts = 0;
  #failed: (error: Error) => void = () => {};

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Whoever ends now is replaced by a process that is prepared. */
  get hasStandby(): boolean {
    return this.#spare?.isWarm === true;
  }

  get ready(): Child[] {
    return this.#seats.map((seat) => seat.child).filter((child) => child.isReady);
  }

  /** Resolves when the first is ready (the others follow); rejects when none can be started. */
  async start(count: number): Promise<void> {
    const failed = new Promise<never>((_, reject) => {
      this.#failed = reject;
    });
    const any = new Promise<void>((resolve) => {
      this.#onFirstReady = resolve;
    });
    // On few cores more would only make the first one late.
    this.#fill(Math.min(count, this.#options.together ?? Math.max(1, availableParallelism() - 1)));
    void Promise.race([any, this.#options.clock.sleep(aheadMsMax)]).then(() => this.#fill(count));
    await Promise.race([any, failed]);
  }

  #fill(count: number): void {
    for (let at = this.#seats.length; at < count && !this.#closing; at++) {
      this.#seats.push({ child: this.#spawn(at), shortLives: 0 });
    }
  }

  #onFirstReady: () => void = () => {};

  #spawn(at: number): Child {
    const { name, clock, start } = this.#options;
    const child = this.#spare ?? this.#fork();
    this.#spare = undefined;
    this.#living.set(child, at);
    child.seat(`${name}-${at + 1}`, start());
    const patience = new AbortController();
    clock.sleep(readyMsMax, patience.signal).then(
      () => child.kill(),
      () => {},
    );
    void child.whenReady().then((ready) => {
      patience.abort();
      if (!ready) return;
      this.#everReady = true;
      this.#onFirstReady();
      this.#options.onReady(child);
      void watchChild(child, clock);
      this.#keepSpare();
    });
    return child;
  }

  #fork(): Child {
    const { script, env, clock, onFork, onOpens } = this.#options;
    const child = new Child(
      { script, env, clock },
      { onExit: (ended, how, orphaned) => this.#onExit(ended, how, orphaned), onOpens },
    );
    if (child.pid !== undefined) onFork(child.pid);
    return child;
  }

  /** Not before everybody serves, so that its imports are in nobody's way; one that ended is missed until the next is ready. */
  #keepSpare(): void {
    const isFull = this.#seats.every(({ child }) => child.isReady);
    if (this.#options.spare && isFull && !this.#closing) this.#spare ??= this.#fork();
  }

  #onExit(child: Child, how: string, orphaned: readonly Socket[]): void {
    if (child === this.#spare) this.#spare = undefined;
    const at = this.#living.get(child);
    if (at === undefined) return;
    this.#living.delete(child);
    const expected = this.#leaving.delete(child) || this.#closing;
    this.#options.onEnd(child, child.lastFailure ?? how, orphaned, expected);
    const seat = this.#seats[at];
    if (expected || seat?.child !== child) return;
    const lived = this.#options.clock.monotonicMs() - child.startedMs;
    seat.shortLives = lived < shortLifeMs ? seat.shortLives + 1 : 0;
    if (!this.#everReady && ++this.#failures >= startFailuresMax) {
      this.#closing = true;
      this.#failed(new Error(child.lastFailure ?? `${child.name} ended at start: ${how}`));
      return;
    }
    const pauseMs = seat.shortLives <= 1 ? 0 : Math.min(pauseMsMax, 100 * 2 ** (seat.shortLives - 2));
    void this.#options.clock.sleep(pauseMs).then(() => {
      if (this.#closing || seat.child !== child) return;
      this.#restarts += 1;
      seat.child = this.#spawn(at);
    });
  }

  /** Replaces every child, one after the other; false if a new one would not start (the old one stays where they overlap). */
  async roll(drainMs: number): Promise<boolean> {
    for (let at = 0; at < this.#seats.length && !this.#closing; at++) {
      const seat = this.#seats[at]!;
      if (!this.#options.overlaps) {
        const old = seat.child;
        this.#leaving.add(old);
        await this.#end(old, drainMs);
        if (this.#closing) break;
        seat.child = this.#spawn(at);
        if (!(await seat.child.whenReady())) return this.#closing;
        continue;
      }
      const fresh = this.#spawn(at);
      this.#leaving.add(fresh);
      if (!(await fresh.whenReady())) return this.#closing;
      this.#leaving.delete(fresh);
      const old = seat.child; // not before now: it may have died meanwhile and been replaced
      seat.child = fresh;
      this.#leaving.add(old);
      void this.#end(old, drainMs);
    }
    return true;
  }

  /** Drains all; whoever is not done in time is killed. */
  async close(drainMs: number): Promise<void> {
    this.#closing = true;
    this.#spare?.kill();
    await Promise.all([...this.#living.keys()].map((child) => this.#end(child, drainMs)));
  }

  killAll(): void {
    this.#closing = true;
    this.#spare?.kill();
    for (const child of this.#living.keys()) child.kill();
  }

  #end(child: Child, drainMs: number): Promise<void> {
    const ending = this.#endings.get(child) ?? this.#drain(child, drainMs);
    this.#endings.set(child, ending);
    return ending;
  }

  async #drain(child: Child, drainMs: number): Promise<void> {
    if (child.hasEnded) return;
    child.drain(drainMs);
    const late = new AbortController();
    this.#options.clock.sleep(drainMs + 5 * secondMs, late.signal).then(
      () => child.kill(),
      () => {},
    );
    await child.whenEnded();
    late.abort();
  }
}
