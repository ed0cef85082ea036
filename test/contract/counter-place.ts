// Where a counter store under test lies, as plain data, so that a child process can open the same one.
import { systemClock } from '../../src/base/clock.ts';
import { EmbeddedCounterStore } from '../../src/telemetry/adapters/embedded-counter-store.ts';
import { RedisCounterStore } from '../../src/telemetry/adapters/redis-counter-store.ts';
import type { CounterStore } from '../../src/telemetry/counter-store.ts';
import { FallbackCounterStore } from '../../src/telemetry/fallback-counter-store.ts';

interface EmbeddedPlace {
  readonly adapter: 'embedded';
  readonly path: string;
}

interface RedisPlace {
  readonly adapter: 'redis';
  readonly url: string;
  readonly namespace: string;
}

export type CounterPlace =
  | EmbeddedPlace
  | RedisPlace
  | { readonly adapter: 'fallback'; readonly first: RedisPlace; readonly second: EmbeddedPlace };

export function openAt(place: CounterPlace): CounterStore {
  if (place.adapter === 'embedded') return EmbeddedCounterStore.open(place.path);
  if (place.adapter === 'redis') return RedisCounterStore.open(place);
  return new FallbackCounterStore({ first: openAt(place.first), second: openAt(place.second), clock: systemClock });
}
