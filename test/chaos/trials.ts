// Every trial of the storage under faults, one line each.
import type { Trial } from '../support/trial.ts';
import { lostWrites } from './lost-writes.ts';

export const trials: readonly Trial[] = [lostWrites];
