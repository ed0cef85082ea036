// The pilot's part in echoes: those for load that is declared or forecast are made before it comes.

import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/config.ts';
import { budgetOf, storedBytes } from '../echo/acts/echo-budget.ts';
import type { EchoForesight } from '../echo/acts/foresee.ts';
import { type EchoMap, EchoMapAway, leastOf, standingPart } from '../echo/echo.ts';
import { boundOf } from '../forecast/pressure.ts';
import type { TrialOrders } from '../main/trial-orders.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { flows } from '../model/load.ts';
import type { Pilot } from '../pilot/pilot.ts';
import { heatedMax } from '../telemetry/telemetry.ts';
import { DoerLoop } from '../upkeep/upkeep.ts';
import { neighboursOf } from './echo-neighbours.ts';
import type { Ground } from './open-ground.ts';
import type { EchoUpkeep } from './sweep-echoes.ts';

const everyMs = 10_000;
/** Right after a start the processors belong to those who serve. */
const startCalmMs = 5000;

export function startForesight(ground: Ground, pilot: Pilot, map: EchoMap, trial: TrialOrders | undefined): EchoUpkeep {
  let foresight: EchoForesight | undefined;
  const doer = {
    name: 'echo-foresight',
    everyMs,
    async tick() {
      foresight ??= await openForesight(ground, pilot, map, trial);
      if (!stopping.signal.aborted) await foresight.tick();
    },
  };
  const stopping = new AbortController();
  const loop = new DoerLoop([doer], {
    clock: ground.counters.clock,
    signal: stopping.signal,
    onError(name, err) {
      if (err instanceof EchoMapAway) return; // told once, by the map
      ground.log.warn({ doer: name, err }, 'echoes of what is foreseen failed; they are tried again');
    },
    everyMsMax: Number.POSITIVE_INFINITY,
    firstAfterMs: startCalmMs,
  });
  const ended = loop.ended.catch(() => {}); // who leads no more is told so by upkeep
  return {
    status: () => loop.status(),
    async stop() {
      stopping.abort();
      foresight?.stop();
      await ended;
    },
  };
}

/** Loaded when it is due for the first time: a start waits for nothing of it. */
async function openForesight(
  ground: Ground,
  pilot: Pilot,
  map: EchoMap,
  trial: TrialOrders | undefined,
): Promise<EchoForesight> {
  const { config, clock, counters, catalog, storage, metrics, space } = ground;
  const [{ EchoForesight }, { foreseenSpots }, { readMetadata }, { Copies }] = await Promise.all([
    import('../echo/acts/foresee.ts'),
    import('../pilot/foreseen-spots.ts'),
    import('../pilot/read-declared.ts'),
    import('../objects/copies.ts'),
  ]);
  const { seats } = ground.partitions;
  const nowSec = () => counters.clock.wallMs() / 1000;
  const factor = trial?.demandClock?.factor ?? 1;
  return new EchoForesight({
    map,
    clock,
    session: storage.session,
    ledger: storage.ledger,
    read: {
      catalog: storage.catalog,
      partition: (id) => seats.get(id)?.partition,
      copies: new Copies({
        echoes: map,
        health: (id) => seats.get(id)?.health,
        usualInFlight: () => 0,
        dice: () => 0,
        clock,
      }),
    },
    spots: async () => foreseenSpots(await readMetadata(catalog, config), pilot.forecasting().forecast, nowSec()),
    nowSec,
    steadyMsAt: (sec) => clock.steadyMs() + ((sec - nowSec()) * 1000) / factor,
    hottest: async () => (await counters.store?.hottest(heatedMax, nowSec())) ?? [],
    async budgetBytes() {
      const stored = await storedBytes(catalog);
      return {
        all: budgetOf(stored, config.echoBudgetShare),
        standing: standingPart * config.echoBudgetShare * stored,
      };
    },
    count: config.echoCount,
    mostIn: () => mostIn(config, catalog),
    spareReads: () => spareReadsOf(pilot),
    neighbours: neighboursOf({
      partitions: ground.partitions,
      space,
      blocks: storage.blocks,
      pressures: () => pressuresOf(pilot),
    }),
    keepsBytes: config.echoMode === 'block',
    onMade: () => metrics.echoFills.of('made').add(1),
    onFailed: () => metrics.echoFills.of('failed').add(1),
  });
}

/** Where capacity is known. */
async function spareReadsOf(pilot: Pick<Pilot, 'map'>): Promise<Map<PartitionId, number>> {
  const spare = new Map<PartitionId, number>();
  for (const { id, demand, capacity } of await pilot.map()) {
    const bound = boundOf(capacity, 'readOps');
    if (bound !== undefined) spare.set(id, Math.max(0, bound - demand.readOps));
  }
  return spare;
}

async function mostIn({ echoCounts }: Config, catalog: Catalog): Promise<(area: AreaId) => number> {
  const least = leastOf(echoCounts);
  if (least.size === 0) return () => Number.POSITIVE_INFINITY;
  const { areaRanges } = await import('../pilot/read-declared.ts');
  const buckets = new Map((await areaRanges(catalog)).map(({ area, bucket }) => [area, bucket]));
  return (area) => least.get(buckets.get(area) ?? '') ?? Number.POSITIVE_INFINITY;
}

/** Load over capacity, measured or forecast, whichever is more; this process itself sees only upkeep. Absent: not known. */
export async function pressuresOf(pilot: Pick<Pilot, 'map' | 'forecasting'>): Promise<Map<PartitionId, number>> {
  const pressures = new Map<PartitionId, number>();
  const note = (id: PartitionId, pressure: number) => pressures.set(id, Math.max(pressures.get(id) ?? 0, pressure));
  for (const { id, demand, capacity } of await pilot.map()) {
    for (const flow of flows) {
      const bound = boundOf(capacity, flow);
      if (bound !== undefined) note(id, demand[flow] / bound);
    }
  }
  for (const { partition, pressure } of pilot.forecasting().forecast?.scores ?? []) {
    if (pressure !== undefined) note(partition, pressure);
  }
  return pressures;
}
