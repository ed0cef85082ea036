// One supervisor per data directory. The lock file names the process by id and start time, so that a lock left behind by
// kill -9, or a reused process id after a reboot, is recognised as stale.
import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class DataInUse extends Error {
  override readonly name = 'DataInUse';
  readonly pid: number;
  constructor(data: string, pid: number) {
    super(`${data} is in use by the echogate process ${pid}`);
    this.pid = pid;
  }
}

interface Process {
  readonly pid: number;
  readonly started: string;
}

interface Holder extends Process {
  readonly children?: readonly Process[];
}

export interface Lock {
  /** A child of this process: whoever finds the lock left behind ends it before anything else, for it may still write. */
  note(pid: number): void;
  release(): void;
}

const lockName = 'supervisor.lock';
const attemptsMax = 20;
const endMsMax = 30_000;
const lookEveryMs = 5;

export function acquireLock(data: string): Lock {
  const path = join(data, lockName);
  const started = startOf(process.pid) ?? 'unknown';
  let children: Process[] = [];
  let own = JSON.stringify({ pid: process.pid, started, children } satisfies Holder);
  // Linked into place whole: a lock that exists always says whose it is.
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, own, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      if (linked(draft, path)) {
        return {
          note(pid) {
            if (readOrNothing(path) !== own) return;
            children = [...children.filter(isAlive), { pid, started: startOf(pid) ?? 'ended' }];
            const next = JSON.stringify({ pid: process.pid, started, children } satisfies Holder);
            try {
              writeFileSync(draft, next, { mode: 0o600 });
              renameSync(draft, path);
              own = next;
            } catch {
              rmSync(draft, { force: true, recursive: true }); // a full disk must not keep a dead worker from being replaced
            }
          },
          release: () => releaseLock(path, own),
        };
      }
      const found = readOrNothing(path);
      if (found === undefined) continue;
      const holder = parseHolder(found);
      if (holder !== undefined && isAlive(holder)) throw new DataInUse(data, holder.pid);
      for (const child of holder?.children ?? []) endOrphan(child);
      removeStale(path, found);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new Error(`${path} keeps changing; is another echogate being started?`);
}

/** It ends by itself when it misses its supervisor, unless it stands still; and a start must not meet it. */
function endOrphan(child: Process): void {
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; isAlive(child); waitedMs += lookEveryMs) {
    if (waitedMs >= endMsMax) throw new Error(`the process ${child.pid} of an echogate that ended does not end`);
    try {
      process.kill(child.pid, 'SIGKILL');
    } catch {
      // It was quicker.
    }
    Atomics.wait(still, 0, 0, lookEveryMs);
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function releaseLock(path: string, own: string): void {
  if (readOrNothing(path) === own) unlinkSync(path);
}

/** Takes the stale lock away by a rename; if meanwhile somebody else had replaced it, theirs is put back. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readOrNothing(aside) !== stale) {
    try {
      linkSync(aside, path);
    } catch {
      // Yet another start was quicker; it will find out by its own check.
    }
  }
  unlinkSync(aside);
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, started, children } = JSON.parse(text) as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || typeof started !== 'string') return undefined;
    return { pid: pid!, started, children: Array.isArray(children) ? children : [] };
  } catch {
    return undefined;
  }
}

const isAlive = ({ pid, started }: Process): boolean => startOf(pid) === started;

/** When a process started, in a form that only compares equal for the same process; undefined = it does not run. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`;
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
