// Every trial of the storage under faults, one line each.
import type { Trial } from '../support/trial.ts';
import { rebuild } from './rebuild.ts';

export const trials: readonly Trial[] = [rebuild];
