// Every trial of the storage under faults, one line each.
import type { Trial } from '../support/trial.ts';
import { crashes } from './crash-points.ts';
import { failingCalls } from './failing-calls.ts';
import { flushErrors } from './flush-errors.ts';
import { frozenWorker } from './frozen-worker.ts';
import { kills } from './kills.ts';
import { linearizable } from './linearizable.ts';
import { lostWrites } from './lost-writes.ts';
import { powerCut } from './power-cut.ts';
import { rebuild } from './rebuild.ts';
import { restart } from './restart.ts';
import { steppingClock } from './stepping-clock.ts';

export const trials: readonly Trial[] = [
  kills,
  restart,
  frozenWorker,
  crashes,
  lostWrites,
  failingCalls,
  powerCut,
  flushErrors,
  linearizable,
  steppingClock,
  rebuild,
];
