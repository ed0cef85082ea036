// Crash points under a trial's orders (base/crash-points.ts). The trial writes a file that says which process shall die where; the
// process that takes the file away dies, so one order is one death, and the trial sees by the file's new name who it was.
import { readFileSync, renameSync } from 'node:fs';
import { armCrashPoints, type CrashPoint } from '../base/crash-points.ts';

export interface CrashOrder {
  readonly point: CrashPoint;
  readonly role: 'worker' | 'pilot';
  /** At which reach since the order was written; 1 is the next. */
  readonly nth?: number;
  /** Turns of the event loop to live on, to die in the middle of what the point began. */
  readonly turns?: number;
}

export function armTrialCrashes(file: string, role: CrashOrder['role']): void {
  let seen = '';
  let reaches = 0;
  armCrashPoints((point) => {
    const text = readOrder(file);
    if (text === undefined) return;
    const order = JSON.parse(text) as CrashOrder;
    if (order.point !== point || order.role !== role) return;
    reaches = text === seen ? reaches + 1 : 1;
    seen = text;
    if (reaches === (order.nth ?? 1)) dieAfter(order.turns ?? 0, file);
  });
}

function readOrder(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // no order
  }
}

function dieAfter(turns: number, file: string): void {
  if (turns > 0) {
    setImmediate(dieAfter, turns - 1, file);
    return;
  }
  try {
    renameSync(file, `${file}.${process.pid}`);
  } catch {
    return; // another process took the order
  }
  process.kill(process.pid, 'SIGKILL');
}
