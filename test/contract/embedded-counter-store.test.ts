// The embedded store under the CounterStore contract, and what is its own: it outlives its processes, and not the machine's boot.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedCounterStore } from '../../src/telemetry/adapters/embedded-counter-store.ts';
import { keptSec } from '../../src/telemetry/counter-store.ts';
import { type Compiled, compiled } from './compiled.ts';
import { batchOf, demandOf, t0 } from './counter-batches.ts';
import type { CounterPlace } from './counter-place.ts';
import { counterStoreContract } from './counter-store.contract.ts';

const newPath = (): string => mkdtempSync(join(tmpdir(), 'echogate-counters.v1-'));
const remove = (path: string): void => rmSync(path, { recursive: true, force: true });

counterStoreContract('the embedded store', {
  make: () => ({ adapter: 'embedded', path: newPath() }),
  remove: (place) => remove((place as CounterPlace & { path: string }).path),
});

describe('the embedded store', () => {
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
  const reads = async (store: EmbeddedCounterStore) => (await store.bins(t0, t0 + 10))[0]?.demand[0]?.readOps;

  it('keeps what was there when it is opened again', async () => {
    for (let round = 1; round <= 3; round++) {
      const store = EmbeddedCounterStore.open(path);
      await store.add(batchOf({ demand, blocks: [{ block: 'b1', area: 'a1', reads: 1 }] }));
      expect(await reads(store)).toBe(round);
      expect((await store.hottest(1, t0))[0]!.heat).toBeCloseTo(round, 5);
      await store.close();
    }
  });

  it('begins anew with each boot of the machine, since its file may be in pieces', async () => {
    for (const bootId of ['one', 'two']) {
      const store = EmbeddedCounterStore.open(path, { bootId });
      await store.add(batchOf({ demand }));
      expect(await reads(store)).toBe(1);
      await store.close();
    }
    expect(readdirSync(path)).toEqual(['boot-two']);
  });

  it('loses nothing added, nor the lock, when a process is killed', async () => {
    const store = EmbeddedCounterStore.open(path);
    let added = 0;
    for (let round = 0; round < 3; round++) {
      const place: CounterPlace = { adapter: 'embedded', path };
      const child = fork(jobs.file, [
        JSON.stringify(place),
        JSON.stringify({ batch: batchOf({ demand }), times: 1e9 }),
      ]);
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
      added += told;
      await store.add(batchOf({ demand }));
      added += 1;
      expect(await reads(store)).toBeGreaterThanOrEqual(added);
    }
    await store.close();
  });

  it('keeps nobody waiting for a process that is stopped in mid-work, and does not do later what it gave up', async () => {
    const store = EmbeddedCounterStore.open(path);
    await store.add(batchOf({ demand }));
    const child = fork(jobs.file, [JSON.stringify({ adapter: 'embedded', path }), JSON.stringify('hold the lock')]);
    await once(child, 'message');
    await expect(Promise.all([store.add(batchOf({ demand })), store.add(batchOf({ demand }))])).rejects.toThrow(
      'no answer',
    );
    await expect(store.tidy(t0)).rejects.toThrow('no answer');
    expect(await reads(store)).toBe(1);
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    await store.add(batchOf({ demand }));
    expect(await reads(store)).toBe(2);
    await store.close();
  });

  it('tidies by itself what is twice too old, since a pilot may be away', async () => {
    const store = EmbeddedCounterStore.open(path);
    await store.add(batchOf({ demand }));
    await store.add(batchOf({ demand, timeSec: t0 + 2 * keptSec }));
    expect(await reads(store)).toBe(1);
    await store.add(batchOf({ demand, timeSec: t0 + 2 * keptSec + 70 }));
    expect(await reads(store)).toBe(undefined);
    await store.close();
  });
});
