// Chooses moments of a recording, and has a few processes look at the disks that a power cut there may leave.
import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Checked, CheckOrder, Cut } from './check-states.ts';
import type { Entry } from './read-recording.ts';
import { over } from './recorder.ts';
import { moods } from './survival.ts';

/** A third anywhere, a third right behind an answer, a third around the end of a flush. */
export function chooseCuts(recorded: readonly Entry[], count: number, random: () => number): Cut[] {
  const end = recorded.findIndex((entry) => entry.is === 'note' && entry.text === over);
  const entries = end < 0 ? recorded : recorded.slice(0, end);
  const answers: number[] = [];
  const flushes: number[] = [];
  for (const [at, entry] of entries.entries()) {
    if (entry.is === 'note' ? entry.text.includes('"acked"') : entry.kind === 'sync' && entry.phase === 'end') {
      (entry.is === 'note' ? answers : flushes).push(at);
    }
  }
  const some = (from: readonly number[]): number => from[Math.floor(random() * from.length)] ?? 0;
  const choices = [
    () => Math.floor(random() * entries.length),
    () => some(answers) + 1,
    () => some(flushes) + Math.floor(random() * 3),
  ];
  const cuts = Array.from({ length: count }, (_, n) => ({
    at: Math.min(entries.length, choices[n % 3]!()),
    mood: moods[Math.floor(random() * moods.length)]!,
    seed: Math.floor(random() * 2 ** 31),
  }));
  return cuts.sort((one, other) => one.at - other.at);
}

export async function checkStates(order: CheckOrder, onChecked: (checked: Checked) => void): Promise<void> {
  const lanes = Math.min(4, availableParallelism());
  await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      checkLane(
        {
          ...order,
          cuts: order.cuts.filter((_, n) => n % lanes === lane),
          scratch: join(order.scratch, `lane-${lane}`),
        },
        onChecked,
      ),
    ),
  );
}

async function checkLane(order: CheckOrder, onChecked: (checked: Checked) => void): Promise<void> {
  let { cuts } = order;
  mkdirSync(order.scratch, { recursive: true });
  while (cuts.length > 0) {
    const how = await new Promise<string>((done) => {
      const child = fork(fileURLToPath(new URL('./check-states.js', import.meta.url)), [], {
        execArgv: [],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      child.on('message', (checked: Checked) => {
        cuts = cuts.slice(1);
        onChecked(checked);
      });
      child.once('exit', (code, signal) => done(signal ?? `exit code ${code}`));
      child.send({ ...order, cuts });
    });
    const [cut, ...rest] = cuts;
    if (cut === undefined) return;
    onChecked({ cut, looked: 0, broken: [`the process that opened it ended with ${how}`] });
    cuts = rest;
  }
}
