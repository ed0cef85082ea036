// What a child process of the counter stores' suite does: it adds one and the same batch, so many times, a few at once; or it takes the
// write lock of the embedded store and keeps it, like a process that is stopped in the middle of an `add`.
import { openEnvironment } from '../../src/telemetry/adapters/embedded-environment.ts';
import type { CounterBatch } from '../../src/telemetry/counter-store.ts';
import { type CounterPlace, openAt } from './counter-place.ts';

export type CounterJob = { readonly batch: CounterBatch; readonly times: number } | 'hold the lock';

const width = 4;

async function add(place: CounterPlace, batch: CounterBatch, times: number): Promise<void> {
  const store = openAt(place);
  const workers = Array.from({ length: width }, async (_, at) => {
    for (let done = at; done < times; done += width) {
      await store.add(batch);
      process.send?.(done);
    }
  });
  await Promise.all(workers);
  await store.close();
  process.disconnect?.();
}

function holdLock(path: string): void {
  openEnvironment(path).transactionSync(() => {
    process.send?.('held');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
}

const [place, job] = process.argv.slice(2).map((text) => JSON.parse(text)) as [CounterPlace, CounterJob];
if (job !== 'hold the lock') await add(place, job.batch, job.times);
else if (place.adapter === 'embedded') holdLock(place.path);
