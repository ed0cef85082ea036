// Runs the built server under record-writes.c while clients work and processes are killed, so that power cuts can be made of it later.
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openWire } from '../wire.ts';
import { startWorld, type World } from '../world.ts';
import { type Event, Promised } from './promised.ts';
import { noteRecord } from './read-recording.ts';
import { WireStore } from './wire-store.ts';
import { Writer } from './writers.ts';

/** In the order of `enum fault` in record-writes.c. */
export const faultNames = ['pack flush', 'folder flush', 'catalog flush', 'catalog meta page', 'pack open'] as const;
export type FaultName = (typeof faultNames)[number];

export interface RecordOptions {
  /** Empty. */
  readonly dir: string;
  readonly seconds: number;
  readonly writers: number;
  readonly random: () => number;
  /** A worker is killed so often. */
  readonly killEverySeconds?: number;
  /** Chance of each call to fail. */
  readonly faults?: Partial<Readonly<Record<FaultName, number>>>;
  /** With no more errors, before the server is stopped. */
  readonly atEnd?: (promised: Promised, store: WireStore) => Promise<void>;
  /** Asked every second; true ends the recording. */
  readonly enough?: (injected: Readonly<Record<FaultName, number>>) => boolean;
  readonly say: (line: string) => void;
}

export interface Recording {
  readonly log: string;
  /** What was watched. */
  readonly root: string;
  readonly partitions: readonly string[];
  readonly injected: Readonly<Record<FaultName, number>>;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unanswered: number;
  readonly kills: number;
  /** The server's own log. */
  readonly output: string;
}

/** The note behind which changes are told to nobody. */
export const over = 'over';

const buckets = [
  { name: 'plain', versioned: false },
  { name: 'kept', versioned: true },
];

/** Why this machine cannot record, with how to get what is missing. */
export function unableToRecord(): string | undefined {
  if (process.platform !== 'linux') return 'calls are recorded with LD_PRELOAD, on Linux only';
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'a C compiler is needed as `cc` (Debian: apt-get install gcc libc6-dev)';
  }
}

/** Memory where there is some: a recording and the disks made of it are written many times and kept by nobody. */
export const scratchIn = (dir: string): string => (existsSync('/dev/shm') ? '/dev/shm' : dir);

export async function record(options: RecordOptions): Promise<Recording> {
  const { dir, seconds, writers, random, say } = options;
  const log = join(dir, 'recording');
  const root = join(dir, 'world');
  const faultsFile = join(dir, 'faults');
  mkdirSync(root, { recursive: true });
  writeFileSync(log, '');
  writeFileSync(faultsFile, Buffer.alloc(4096));
  const library = join(dir, 'record-writes.so');
  const source = join(process.cwd(), 'test/chaos/support/record-writes.c');
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl', '-lpthread']);
  const world = await startWorld({
    dir: root,
    workers: 2,
    partitions: 2,
    env: {
      LD_PRELOAD: library,
      UV_USE_IO_URING: '0', // else libuv may write past every C function
      RECORD_WRITES_ROOT: root,
      RECORD_WRITES_LOG: log,
      RECORD_WRITES_FAULTS: faultsFile,
    },
  });
  const file = openSync(log, 'a');
  const counted = { acked: 0, refused: 0, unknown: 0, kills: 0 };
  const promised = new Promised();
  const note = (event: Event): void => {
    promised.add(event);
    writeSync(file, noteRecord(JSON.stringify(event)));
    if (event.on === 'end') counted[event.outcome] += 1;
  };
  const wire = openWire(world);
  let isOver = false;
  try {
    const store = new WireStore(wire);
    for (const { name, versioned } of buckets) await store.createBucket(name, versioned);
    writeSync(file, noteRecord('ready'));
    setFaults(faultsFile, options.faults ?? {});
    const working = Array.from({ length: writers }, async (_, n) => {
      const writer = new Writer(store, {
        name: `w${n}`,
        buckets,
        keysEach: 6,
        random,
        note,
        bytesMax: 120_000,
        longUploads: 0.02,
      });
      while (!isOver) {
        await writer.step();
        await sleep(20 + random() * 60);
      }
    });
    for (let second = 1; second <= seconds; second++) {
      await sleep(1_000);
      if (options.killEverySeconds && second % options.killEverySeconds === 0) {
        counted.kills += (await killWorker(world, random)) ? 1 : 0;
      }
      const injected = injectedSoFar(faultsFile);
      if (second % 10 === 0) {
        const failed = Object.values(injected).reduce((sum, one) => sum + one, 0);
        say(`recording: ${counted.acked} acknowledged, ${counted.kills} kills, ${failed} errors`);
      }
      if (options.enough?.(injected)) break;
    }
    isOver = true;
    await Promise.all(working);
    setFaults(faultsFile, {});
    writeSync(file, noteRecord(over));
    // A worker that started under the last faults may have a partition to mount: it tries again after two seconds.
    if (options.atEnd !== undefined) await world.allServe().then(() => sleep(2_500));
    await options.atEnd?.(promised, store);
  } finally {
    isOver = true;
    await world.stop();
    wire.close();
    closeSync(file);
  }
  return {
    log,
    root,
    partitions: ['p1', 'p2'],
    injected: injectedSoFar(faultsFile),
    acknowledged: counted.acked,
    refused: counted.refused,
    unanswered: counted.unknown,
    kills: counted.kills,
    output: world.output(),
  };
}

async function killWorker(world: World, random: () => number): Promise<boolean> {
  const status = await world.status().catch(() => undefined);
  const worker = status?.workers[Math.floor(random() * status.workers.length)];
  return worker !== undefined && world.kill(worker.pid);
}

function setFaults(path: string, chances: RecordOptions['faults'] & object): void {
  const numbers = Buffer.alloc(4 * faultNames.length);
  for (const [at, name] of faultNames.entries()) numbers.writeUInt32LE(Math.round((chances[name] ?? 0) * 1e6), 4 * at);
  const file = openSync(path, 'r+');
  writeSync(file, numbers, 0, numbers.length, 0);
  closeSync(file);
}

function injectedSoFar(path: string): Record<FaultName, number> {
  const numbers = Buffer.alloc(4 * faultNames.length);
  const file = openSync(path, 'r');
  readSync(file, numbers, 0, numbers.length, numbers.length);
  closeSync(file);
  return Object.fromEntries(faultNames.map((name, at) => [name, numbers.readUInt32LE(4 * at)])) as Record<
    FaultName,
    number
  >;
}
