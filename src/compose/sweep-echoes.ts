// Upkeep of echoes, in the pilot: also where no more are made, so that those that were made go.

import { budgetOf } from '../echo/acts/echo-budget.ts';
import { EchoSweeper } from '../echo/acts/sweeper.ts';
import { CatalogEchoMap } from '../echo/adapters/catalog-echo-map.ts';
import { heatedMax } from '../telemetry/telemetry.ts';
import { type Control, DoerLoop, type DoerStatus } from '../upkeep/upkeep.ts';
import type { Ground } from './open-ground.ts';
import { wantsEchoes } from './wants-echoes.ts';

export interface EchoUpkeep {
  status(): readonly DoerStatus[];
  stop(): Promise<void>;
}

export function sweepEchoes(
  { config, catalog, clock, counters, metrics, storage, log }: Ground,
  control: Control,
): EchoUpkeep {
  const isWanted = wantsEchoes(config);
  const sweeper = new EchoSweeper({
    map: new CatalogEchoMap(catalog),
    catalog: storage.catalog,
    commit: (change) => control.commit(change),
    deltaKey: () => storage.session.deltaKey(),
    clock,
    async heat() {
      const hottest = await counters.store?.hottest(heatedMax, counters.clock.wallMs() / 1000);
      return hottest && new Map(hottest.map(({ block, heat }) => [block, heat]));
    },
    budgetBytes: async () => (isWanted ? await budgetOf(catalog, config.echoBudgetShare) : 0),
    onDropped: (_echo, because) => metrics.echoDrops.of(because).add(1),
  });
  const stopping = new AbortController();
  const loop = new DoerLoop([sweeper], {
    clock,
    signal: stopping.signal,
    onError: (doer, err) => log.error({ doer, err }, 'upkeep of echoes failed; it is tried again'),
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
