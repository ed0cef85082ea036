// Every fuzzer that runs against real processes, one line each.
import type { Trial } from '../support/trial.ts';

export const trials: readonly Trial[] = [];
