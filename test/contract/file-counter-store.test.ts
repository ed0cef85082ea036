// The file store under the CounterStore contract, and what is its own: it outlives its processes, needs no lock of theirs, and knows what to
// do with a line that is in pieces and with a disk that is full or does not answer.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FileCounterStore } from '../../src/telemetry/adapters/file-counter-store.ts';
import { OwnFiles } from '../../src/telemetry/adapters/own-files.ts';
import { type CounterBatch, keptSec } from '../../src/telemetry/counter-store.ts';
import { type Compiled, compiled } from './compiled.ts';
import { batchOf, demandOf, t0 } from './counter-batches.ts';
import type { CounterJob } from './counter-jobs.ts';
import type { CounterPlace } from './counter-place.ts';
import { counterStoreContract } from './counter-store.contract.ts';

const newPath = (): string => mkdtempSync(join(tmpdir(), 'echogate-counters.v1-'));
const remove = (path: string): void => rmSync(path, { recursive: true, force: true });

counterStoreContract('the file store', {
  make: () => ({ adapter: 'files', path: newPath() }),
  remove: (place) => remove((place as CounterPlace & { path: string }).path),
});

describe('the file store', () => {
  let path: string;
  let jobs: Compiled;
  beforeAll(async () => {
    jobs = await compiled('test/contract/counter-jobs.ts');
  });
  afterAll(() => jobs.remove());
  beforeEach(() => {
    path = newPath();
  });
  afterEach(() => remove(path));

  const demand = [demandOf('a1', 'p1', [1])];
  const reads = async (store: FileCounterStore) => (await store.bins(t0, t0 + 10))[0]?.demand[0]?.readOps;
  const jobOf = (batch: CounterBatch, times: number): [string, string] => [
    JSON.stringify({ adapter: 'files', path } satisfies CounterPlace),
    JSON.stringify({ batch, times } satisfies CounterJob),
  ];

  it('keeps what was there when it is opened again', async () => {
    for (let round = 1; round <= 3; round++) {
      const store = FileCounterStore.open(path);
      await store.add(batchOf({ demand, blocks: [{ block: 'b1', area: 'a1', reads: 1 }] }));
      expect(await reads(store)).toBe(round);
      expect((await store.hottest(1, t0))[0]!.heat).toBeCloseTo(round, 5);
      await store.close();
    }
  });

  it('loses nothing that was added when a process is killed, and counts nothing twice', async () => {
    const store = FileCounterStore.open(path);
    for (let round = 0, added = 0; round < 3; round++) {
      const child = fork(jobs.file, jobOf(batchOf({ demand }), 1e9));
      let told = 0;
      await new Promise<void>((resolve) => {
        child.on('message', () => {
          told += 1;
          if (told === 50 + 17 * round) resolve();
        });
      });
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
      await store.add(batchOf({ demand }));
      added += told + 1;
      // One at most was written and not told of yet.
      expect([added, added + 1]).toContain(await reads(store));
      added = (await reads(store))!;
    }
    await store.close();
  });

  it('opens, adds, reads and tidies while another process is stopped in mid-work', async () => {
    const child = fork(jobs.file, jobOf(batchOf({ demand }), 1e9));
    try {
      await once(child, 'message');
      for (let round = 0; round < 20; round++) {
        child.kill('SIGSTOP');
        const store = FileCounterStore.open(path);
        await store.add(batchOf({ demand, timeSec: t0 + 10 }));
        expect(await store.bins(t0, t0 + 20)).toHaveLength(2);
        await store.tidy(t0);
        await store.close();
        child.kill('SIGCONT');
        await once(child, 'message');
      }
    } finally {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    }
  });

  it('leaves out lines that are in pieces, and keeps the others', async () => {
    const store = FileCounterStore.open(path);
    await store.add(batchOf({ demand }));
    const whole = JSON.stringify(batchOf({ demand }));
    const pieces = [whole.slice(0, -1), whole.slice(7), '\0'.repeat(4096), '[]', '{"demand":1}', 'null', whole];
    const bin = join(path, String(t0));
    appendFileSync(join(bin, 'of a process that died'), pieces.map((piece) => `\n${piece}`).join(''));
    expect(await reads(store)).toBe(2);
    expect(await store.hottest(1, t0)).toEqual([]);
    await store.close();
  });

  it('says when a write ended half way on a full disk, and reads none of it', async () => {
    // Its shell lets no file grow beyond 8 KiB; a batch takes 3.
    const long = batchOf({ process: 'p'.repeat(3000), demand });
    const script = 'ulimit -f "$1"; shift; exec "$@"';
    const limited = spawn('sh', ['-c', script, 'sh', '16', process.execPath, jobs.file, ...jobOf(long, 12)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const told: Buffer[] = [];
    limited.stderr.on('data', (chunk: Buffer) => told.push(chunk));
    const [code] = await once(limited, 'close');
    expect(code, 'it ran into the limit').toBe(1);
    expect(Buffer.concat(told).toString()).toContain('EFBIG');
    const store = FileCounterStore.open(path);
    expect(await reads(store)).toBe(2);
    await store.close();
  });

  it('takes back what nobody waits for any more, before anything follows it', async () => {
    const own = new OwnFiles(path);
    const wanted = () => true;
    await own.append(t0, Buffer.from('one'), wanted);
    await own.append(t0, Buffer.from('much longer than what follows'), () => false);
    await own.append(t0, Buffer.from('two'), wanted);
    const [name] = readdirSync(join(path, String(t0)));
    const file = join(path, String(t0), name!);
    expect(readFileSync(file, 'utf8')).toBe('onetwo');
    appendFileSync(file, 'half of a line whose write failed');
    await own.append(t0, Buffer.from('three'), wanted);
    expect(readFileSync(file, 'utf8')).toBe('onetwothree');
  });

  it('adds nothing while there is no room, and neither late nor twice what it gave up', async () => {
    let answer: () => Promise<void> = () => Promise.reject(new Error('no room'));
    const store = FileCounterStore.open(path, { assertRoom: () => answer() });
    await expect(store.add(batchOf({ demand }))).rejects.toThrow('no room');
    let goOn: () => void = () => {};
    answer = () =>
      new Promise((resolve) => {
        goOn = resolve;
      });
    // A disk that does not answer: both are given up, one of them under way.
    const late = [store.add(batchOf({ demand })), store.add(batchOf({ demand }))];
    for (const { status } of await Promise.allSettled(late)) expect(status).toBe('rejected');
    answer = async () => {};
    goOn();
    await store.add(batchOf({ demand }));
    expect(await reads(store)).toBe(1);
    await store.close();
  });

  it('tidies by itself what is twice too old, since a pilot may be away', async () => {
    const store = FileCounterStore.open(path);
    await store.add(batchOf({ demand }));
    await store.add(batchOf({ demand, timeSec: t0 + 2 * keptSec }));
    expect(await reads(store)).toBe(1);
    await store.add(batchOf({ demand, timeSec: t0 + 2 * keptSec + 70 }));
    expect(await reads(store)).toBe(undefined);
    expect(readdirSync(path)).toHaveLength(2);
    await store.close();
  });
});
