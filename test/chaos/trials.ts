// Every trial of the storage under faults, one line each.
import type { Trial } from '../support/trial.ts';
import { createRace } from './create-race.ts';
import { linearizable } from './linearizable.ts';
import { steppingClock } from './stepping-clock.ts';

export const trials: readonly Trial[] = [linearizable, createRace, steppingClock];
