// An order is one death, of the process that takes it; without an order, or before anything is armed, a reach does nothing.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { armCrashPoints, reached } from '../../../src/base/crash-points.ts';
import { armTrialCrashes, type CrashOrder } from '../../../src/compose/arm-crash-points.ts';

const dir = mkdtempSync(join(tmpdir(), 'echogate-crash-points-'));
const file = join(dir, 'crash');
const taken = `${file}.${process.pid}`;
const point = 'put: before the commit';

const write = (order: Partial<CrashOrder>): void =>
  writeFileSync(file, JSON.stringify({ point, role: 'worker', ...order }));
const kill = vi.spyOn(process, 'kill').mockImplementation(() => true);

beforeEach(() => kill.mockClear());
afterEach(() => {
  armCrashPoints(() => {});
  rmSync(file, { force: true });
  rmSync(taken, { force: true });
});

it('does nothing before it is armed', () => {
  write({});
  reached(point);
  expect(kill).not.toHaveBeenCalled();
  expect(existsSync(file)).toBe(true);
});

it('does nothing without an order, at another point or in another role', () => {
  armTrialCrashes(file, 'worker');
  reached(point);
  write({ point: 'put: committed, not answered' });
  reached(point);
  write({ role: 'pilot' });
  reached(point);
  expect(kill).not.toHaveBeenCalled();
});

it('takes the order and dies, once', () => {
  armTrialCrashes(file, 'worker');
  write({});
  reached(point);
  reached(point);
  expect(kill.mock.calls).toEqual([[process.pid, 'SIGKILL']]);
  expect(existsSync(file)).toBe(false);
  expect(existsSync(taken)).toBe(true);
});

it('waits for the reach and the turns that were asked for', async () => {
  armTrialCrashes(file, 'worker');
  write({ nth: 3, turns: 1 });
  reached(point);
  reached(point);
  await turn();
  await turn();
  expect(kill).not.toHaveBeenCalled();
  reached(point);
  expect(kill).not.toHaveBeenCalled();
  await turn();
  await turn();
  expect(kill).toHaveBeenCalledTimes(1);
});
