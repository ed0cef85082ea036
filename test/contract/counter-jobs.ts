// What a child process of the counter stores' suite does: it adds one and the same batch, so many times, a few at once.
import type { CounterBatch } from '../../src/telemetry/counter-store.ts';
import { type CounterPlace, openAt } from './counter-place.ts';

export interface CounterJob {
  readonly batch: CounterBatch;
  readonly times: number;
}

const width = 4;

const [place, { batch, times }] = process.argv.slice(2).map((text) => JSON.parse(text)) as [CounterPlace, CounterJob];
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
