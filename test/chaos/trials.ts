// Every trial of the storage under faults, one line each.
import type { Trial } from '../support/trial.ts';
import { crashes } from './crash-points.ts';
import { frozenWorker } from './frozen-worker.ts';
import { kills } from './kills.ts';
import { linearizable } from './linearizable.ts';
import { restart } from './restart.ts';
import { steppingClock } from './stepping-clock.ts';

export const trials: readonly Trial[] = [kills, restart, frozenWorker, crashes, linearizable, steppingClock];
