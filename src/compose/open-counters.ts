// Where this process counts and where its counts go: Redis where one is configured, with the embedded store behind it, else that alone.
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { EmbeddedCounterStore } from '../telemetry/adapters/embedded-counter-store.ts';
import {
  type Cause,
  type CounterStore,
  CountReporter,
  DemandCounter,
  type Logger,
  ServedCounter,
} from '../telemetry/telemetry.ts';

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
  { role, clock, log }: { role: 'worker' | 'pilot'; clock: Clock; log: Logger },
): Promise<Counters> {
  const demand = new DemandCounter();
  const served = new ServedCounter();
  const counted = { clock, demand, served, cause: role === 'worker' ? 'client' : 'upkeep' } as const;
  if (!config.forecastEnabled) return { ...counted, served: undefined, store: undefined, close: async () => {} };
  const store = await openStore(config, log, clock);
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

async function openStore(config: Config, log: Logger, clock: Clock): Promise<CounterStore> {
  const embedded = EmbeddedCounterStore.open(join(config.data, 'counters'));
  if (config.redisUrl === undefined) return embedded;
  // Its client costs start time: only for those who have a Redis.
  const [{ RedisCounterStore }, { FallbackCounterStore }] = await Promise.all([
    import('../telemetry/adapters/redis-counter-store.ts'),
    import('../telemetry/fallback-counter-store.ts'),
  ]);
  return new FallbackCounterStore({
    first: RedisCounterStore.open({ url: config.redisUrl }),
    second: embedded,
    clock,
    onAway: (error) => log.warn({ err: error }, 'Redis is away; counters go on here'),
    onBack: () => log.info('Redis is back'),
  });
}
