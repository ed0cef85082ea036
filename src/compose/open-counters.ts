// Where this process counts and where its counts go: Redis where one is configured, with files behind it, else those alone.
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { FileCounterStore } from '../telemetry/adapters/file-counter-store.ts';
import {
  type Cause,
  type CounterStore,
  CountReporter,
  DemandCounter,
  type Logger,
  ServedCounter,
} from '../telemetry/telemetry.ts';
import type { SpaceWatch } from './watch-space.ts';

export interface Counters {
  /** Undefined: nobody wants to know. */
  readonly store: CounterStore | undefined;
  /** What demand is counted by: the wall clock, unless a trial hurries it. */
  readonly clock: Clock;
  readonly demand: DemandCounter;
  readonly served: ServedCounter | undefined;
  /** Whom this process's operations on partitions are charged to. */
  readonly cause: Cause;
  /** Brings the last counts. */
  close(): Promise<void>;
}

export async function openCounters(
  config: Config,
  { role, clock, log, space }: { role: 'worker' | 'pilot'; clock: Clock; log: Logger; space: SpaceWatch },
): Promise<Counters> {
  const demand = new DemandCounter();
  const served = new ServedCounter();
  const counted = { clock, demand, served, cause: role === 'worker' ? 'client' : 'upkeep' } as const;
  if (!config.forecastEnabled) return { ...counted, served: undefined, store: undefined, close: async () => {} };
  const store = await openStore(config, log, clock, space);
  const reporter = new CountReporter({
    process: `${role} ${process.pid}`,
    watches: role === 'worker',
    store,
    demand,
    served,
    clock,
    onAway: (error) => log.warn({ err: error }, 'counters cannot be brought; they wait'),
    onBack: () => log.info('counters are brought again'),
  });
  return {
    ...counted,
    store,
    async close() {
      await reporter.stop();
      await store.close();
    },
  };
}

async function openStore(config: Config, log: Logger, clock: Clock, space: SpaceWatch): Promise<CounterStore> {
  const files = FileCounterStore.open(join(config.data, 'counters'), { assertRoom: () => space.assertRoom() });
  if (config.redisUrl === undefined) return files;
  // Its client costs start time: only for those who have a Redis.
  const [{ RedisCounterStore }, { FallbackCounterStore }] = await Promise.all([
    import('../telemetry/adapters/redis-counter-store.ts'),
    import('../telemetry/fallback-counter-store.ts'),
  ]);
  return new FallbackCounterStore({
    first: RedisCounterStore.open({ url: config.redisUrl }),
    second: files,
    clock,
    onAway: (error) => log.warn({ err: error }, 'Redis is away; counters go on here'),
    onBack: () => log.info('Redis is back'),
  });
}
