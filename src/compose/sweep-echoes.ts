// Upkeep of echoes, in the pilot: also where no more are made, so that those that were made go; and what is pinned is kept.
import { secondMs } from '../base/units.ts';
import { budgetOf, storedBytes } from '../echo/acts/echo-budget.ts';
import { PinKeeper } from '../echo/acts/pin-keeper.ts';
import { EchoScrubber } from '../echo/acts/scrub-echoes.ts';
import { EchoSweeper } from '../echo/acts/sweeper.ts';
import { type EchoMap, EchoMapAway } from '../echo/echo.ts';
import type { PartitionId } from '../model/ids.ts';
import { Copies } from '../objects/copies.ts';
import { heatedMax } from '../telemetry/telemetry.ts';
import { type Control, DoerLoop, type DoerStatus } from '../upkeep/upkeep.ts';
import { neighboursOf } from './echo-neighbours.ts';
import { forgetEchoesInCatalog } from './open-echo-map.ts';
import type { Ground } from './open-ground.ts';
import { makesEchoes } from './wants-echoes.ts';

export interface EchoUpkeep {
  status(): readonly DoerStatus[];
  stop(): Promise<void>;
}

/** How often entries that nobody looks at are looked for: workers of an older configuration may still make some. */
const forgetEveryMs = 3600 * secondMs;

export function sweepEchoes(ground: Ground, control: Control, map: EchoMap): EchoUpkeep {
  const { config, catalog, clock, counters, metrics, storage, log, partitions } = ground;
  const isWanted = makesEchoes(config);
  const sweeper = new EchoSweeper({
    map,
    catalog: storage.catalog,
    commit: (change) => control.commit(change),
    deltaKey: () => storage.session.deltaKey(),
    keepsBytes: config.echoMode === 'block',
    clock,
    isLeaving: (id) => partitions.isLeaving(id),
    async heat() {
      const hottest = await counters.store?.hottest(heatedMax, counters.clock.wallMs() / 1000);
      return hottest && new Map(hottest.map(({ block, heat }) => [block, heat]));
    },
    budgetBytes: async () => (isWanted ? budgetOf(await storedBytes(catalog), config.echoBudgetShare) : 0),
    onDropped: (_echo, because) => metrics.echoDrops.of(because).add(1),
  });
  const stopping = new AbortController();
  const forgetter = { name: 'echo-forgetter', everyMs: forgetEveryMs, tick: () => forgetEchoesInCatalog(catalog) };
  const scrubber = new EchoScrubber({
    map,
    catalog,
    partition: (id) => partitions.seats.get(id)?.partition,
    commit: (change) => control.commit(change),
    deltaKey: () => storage.session.deltaKey(),
    onBroken: () => metrics.echoDrops.of('broken').add(1),
  });
  const doers = [sweeper, pinKeeper(ground, control, map), scrubber];
  const loop = new DoerLoop(config.redisUrl === undefined ? doers : [forgetter, ...doers], {
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

function pinKeeper(ground: Ground, control: Control, map: EchoMap): PinKeeper {
  const { config, clock, metrics, storage, space, partitions } = ground;
  const { session, catalog, ledger, blocks } = storage;
  const { seats } = partitions;
  const health = (id: PartitionId) => seats.get(id)?.health;
  const copies = new Copies({ echoes: map, health, usualInFlight: () => 0, clock, dice: Math.random });
  return new PinKeeper({
    catalog,
    check: () => session.check(),
    clock,
    pin: {
      map,
      session,
      ledger,
      clock,
      // A pinned block whose partition is away is had from the echoes that are left.
      read: { catalog, partition: (id) => seats.get(id)?.partition, copies },
      neighbours: neighboursOf({ partitions, space, blocks }),
      keepsBytes: config.echoMode === 'block',
      room: () => true,
      isThere: (id) => (health(id)?.state ?? 'down') !== 'down',
      catalog,
      commit: (change) => control.commit(change),
      deltaKey: () => session.deltaKey(),
      onMade: () => metrics.echoFills.of('made').add(1),
      onDropped: () => metrics.echoDrops.of('pinned-elsewhere').add(1),
    },
  });
}
