// Every trial of the storage under faults, one line each.
import type { Trial } from '../support/trial.ts';
import { failingCalls } from './failing-calls.ts';
import { flushErrors } from './flush-errors.ts';
import { kills } from './kills.ts';
import { lostWrites } from './lost-writes.ts';
import { powerCut } from './power-cut.ts';

export const trials: readonly Trial[] = [kills, lostWrites, failingCalls, powerCut, flushErrors];
