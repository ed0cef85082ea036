// Runs doers one after the other, each when it is due, until stopped. A doer that fails is told about and tried again; one
// that finds that this process leads no more ends them all.
import type { Clock } from '../base/clock.ts';
import { isFault } from '../base/fault.ts';
import type { Doer } from './upkeep-deps.ts';

export interface DoerStatus {
  readonly name: string;
  readonly ticks: number;
  readonly failures: number;
  readonly lastMs: number;
  readonly lastError?: string;
}

export interface RunnerOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly everyMsMax: number;
  readonly onError: (doer: string, error: unknown) => void;
  /** How long the first round waits; default 0. */
  readonly firstAfterMs?: number;
}

const restMs = 100;

interface Turn {
  readonly doer: Doer;
  dueMs: number;
  ticks: number;
  failures: number;
  lastMs: number;
  lastError: string | undefined;
}

export class DoerLoop {
  readonly #turns: Turn[];
  readonly #options: RunnerOptions;
  readonly ended: Promise<void>;

  constructor(doers: readonly Doer[], options: RunnerOptions) {
    this.#options = options;
    const dueMs = options.clock.monotonicMs() + (options.firstAfterMs ?? 0);
    this.#turns = doers.map((doer) => ({ doer, dueMs, ticks: 0, failures: 0, lastMs: 0, lastError: undefined }));
    this.ended = this.#run();
  }

  status(): DoerStatus[] {
    return this.#turns.map(({ doer, ticks, failures, lastMs, lastError }) => ({
      name: doer.name,
      ticks,
      failures,
      lastMs,
      ...(lastError !== undefined && { lastError }),
    }));
  }

  async #run(): Promise<void> {
    const { clock, signal } = this.#options;
    while (!signal.aborted) {
      for (const turn of this.#turns) {
        if (signal.aborted) return;
        if (turn.dueMs <= clock.monotonicMs()) await this.#take(turn);
      }
      await clock.sleep(restMs, signal).catch(() => {});
    }
  }

  async #take(turn: Turn): Promise<void> {
    const { clock, onError, everyMsMax } = this.#options;
    const startMs = clock.monotonicMs();
    try {
      await turn.doer.tick();
      turn.lastError = undefined;
    } catch (error) {
      turn.failures += 1;
      turn.lastError = String(error);
      onError(turn.doer.name, error);
      if (isFault(error, 'session-fenced')) throw error;
    } finally {
      turn.ticks += 1;
      turn.lastMs = clock.monotonicMs() - startMs;
      turn.dueMs = clock.monotonicMs() + Math.min(turn.doer.everyMs, everyMsMax);
    }
  }
}
