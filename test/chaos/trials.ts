// Every trial of the storage under faults, one line each.
import type { Trial } from '../support/trial.ts';
import { crashes } from './crash-points.ts';

export const trials: readonly Trial[] = [crashes];
