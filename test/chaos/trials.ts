// Every trial of the storage under faults, one line each.
import type { Trial } from '../support/trial.ts';
import { diskFull } from './disk-full.ts';
import { frozenWorker } from './frozen-worker.ts';
import { kills } from './kills.ts';
import { restart } from './restart.ts';

export const trials: readonly Trial[] = [kills, restart, frozenWorker, diskFull];
