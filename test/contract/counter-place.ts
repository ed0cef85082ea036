// Where a counter store under test lies, as plain data, so that a child process can open the same one.
import { systemClock } from '../../src/base/clock.ts';
import { FileCounterStore } from '../../src/telemetry/adapters/file-counter-store.ts';
import { RedisCounterStore } from '../../src/telemetry/adapters/redis-counter-store.ts';
import type { CounterStore } from '../../src/telemetry/counter-store.ts';
import { FallbackCounterStore } from '../../src/telemetry/fallback-counter-store.ts';

interface FilesPlace {
  readonly adapter: 'files';
  readonly path: string;
}

interface RedisPlace {
  readonly adapter: 'redis';
  readonly url: string;
  readonly namespace: string;
}

export type CounterPlace =
  | FilesPlace
  | RedisPlace
  | { readonly adapter: 'fallback'; readonly first: RedisPlace; readonly second: FilesPlace };

export function openAt(place: CounterPlace): CounterStore {
  if (place.adapter === 'files') return FileCounterStore.open(place.path);
  if (place.adapter === 'redis') return RedisCounterStore.open(place);
  return new FallbackCounterStore({ first: openAt(place.first), second: openAt(place.second), clock: systemClock });
}
