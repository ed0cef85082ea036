// Upkeep of echoes, in the pilot: also where no more are made, so that those that were made go.
import { secondMs } from '../base/units.ts';
import { budgetOf, storedBytes } from '../echo/acts/echo-budget.ts';
import { EchoSweeper } from '../echo/acts/sweeper.ts';
import { type EchoMap, EchoMapAway } from '../echo/echo.ts';
import { heatedMax } from '../telemetry/telemetry.ts';
import { type Control, DoerLoop, type DoerStatus } from '../upkeep/upkeep.ts';
import { forgetEchoesInCatalog } from './open-echo-map.ts';
import type { Ground } from './open-ground.ts';
import { wantsEchoes } from './wants-echoes.ts';

export interface EchoUpkeep {
  status(): readonly DoerStatus[];
  stop(): Promise<void>;
}

/** How often entries that nobody looks at are looked for: workers of an older configuration may still make some. */
const forgetEveryMs = 3600 * secondMs;

export function sweepEchoes(ground: Ground, control: Control, map: EchoMap): EchoUpkeep {
  const { config, catalog, clock, counters, metrics, storage, log } = ground;
  const isWanted = wantsEchoes(config);
  const sweeper = new EchoSweeper({
    map,
    catalog: storage.catalog,
    commit: (change) => control.commit(change),
    deltaKey: () => storage.session.deltaKey(),
    clock,
    async heat() {
      const hottest = await counters.store?.hottest(heatedMax, counters.clock.wallMs() / 1000);
      return hottest && new Map(hottest.map(({ block, heat }) => [block, heat]));
    },
    budgetBytes: async () => (isWanted ? budgetOf(await storedBytes(catalog), config.echoBudgetShare) : 0),
    onDropped: (_echo, because) => metrics.echoDrops.of(because).add(1),
  });
  const stopping = new AbortController();
  const forgetter = { name: 'echo-forgetter', everyMs: forgetEveryMs, tick: () => forgetEchoesInCatalog(catalog) };
  const loop = new DoerLoop(config.redisUrl === undefined ? [sweeper] : [forgetter, sweeper], {
    clock,
    signal: stopping.signal,
    onError(doer, err) {
      if (err instanceof EchoMapAway) return; // told once, by the map
      log.error({ doer, err }, 'upkeep of echoes failed; it is tried again');
    },
    everyMsMax: Number.POSITIVE_INFINITY,
  });
  return {
    status: () => loop.status(),
    async stop() {
      stopping.abort();
      await loop.ended;
    },
  };
}
