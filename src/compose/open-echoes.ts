// The echoes of one worker: which copies its reads try, and the keeper that makes new ones.
import type { Clock } from '../base/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/config.ts';
import { EchoBudget } from '../echo/acts/echo-budget.ts';
import { EchoKeeper } from '../echo/acts/keeper.ts';
import type { PinDeps } from '../echo/acts/pin-block.ts';
import { countRules, type EchoMap, EchoMapAway, spareOf, type WantedOf } from '../echo/echo.ts';
import type { PartitionId } from '../model/ids.ts';
import { Copies, type Replica } from '../objects/copies.ts';
import type { Storage } from '../objects/open-storage.ts';
import { packedBytes } from '../objects/packed-bytes.ts';
import type { SharedReads } from '../objects/shared-reads.ts';
import type { Logger, Metrics } from '../telemetry/telemetry.ts';
import { neighboursOf } from './echo-neighbours.ts';
import type { LivingPartitions } from './living-partitions.ts';
import { openEchoMap } from './open-echo-map.ts';
import { shareOf } from './rations.ts';
import type { SpaceWatch } from './watch-space.ts';

export interface EchoTools {
  readonly config: Config;
  /** Without a log: echoes are not worth one. */
  readonly catalog: Catalog;
  readonly partitions: LivingPartitions;
  readonly replicas: readonly Replica[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Those of clients: a fill joins them. */
  readonly shared: SharedReads;
  /** Of the disk of the catalog. */
  readonly space: SpaceWatch;
}

export interface OpenEchoes {
  readonly copies: Copies;
  readonly map: EchoMap;
  readonly wanted: WantedOf;
  readonly mode: Config['echoMode'];
  /** Undefined until it was started. */
  pin(): PinDeps | undefined;
  /** Once the storage is open. */
  start(storage: Storage): void;
  stop(): Promise<void>;
}

export async function openEchoes(tools: EchoTools): Promise<OpenEchoes> {
  const { config, catalog, partitions, replicas, clock, metrics, log, space, shared } = tools;
  const map = await openEchoMap(tools);
  const { seats } = partitions;
  const healths = () => [...seats.values()].flatMap(({ health }) => health ?? []);
  const budget = new EchoBudget(
    { share: config.echoBudgetShare, part: shareOf('worker', config.workers) },
    map,
    catalog,
    clock,
  );
  const wanted = countRules(config.echoCounts, config.echoCount);
  let keeper: EchoKeeper | undefined;
  let pin: PinDeps | undefined;
  const copies = new Copies({
    echoes: map,
    replicas,
    health: (id) => seats.get(id)?.health,
    usualInFlight: () => quartile(healths().map(({ inFlight }) => inFlight)),
    usualBacklogMs: () => quartile(healths().map(({ backlogMs }) => backlogMs)),
    clock,
    dice: Math.random,
    watcher: {
      chosen: (because, copy) => metrics.echoReads.of(copy, because).add(1),
      missed: (block, row, about, idle) => keeper?.missed(block, row, about, idle),
      hedged: () => metrics.echoHedges.of().add(1),
      broken: (echo) => {
        metrics.echoBroken.of().add(1);
        // Its pack is swept up.
        Promise.resolve(map.change(echo, echo, undefined)).catch(() => {});
      },
    },
  });
  return {
    copies,
    map,
    wanted,
    mode: config.echoMode,
    pin: () => pin,
    start(storage) {
      const { session } = storage;
      const partition = (id: PartitionId) => (seats.get(id) ?? copies.replica(id))?.partition;
      const makes = {
        map,
        session,
        ledger: storage.ledger,
        clock,
        read: { catalog: storage.catalog, partition, copies, shared },
        neighbours: neighboursOf({ partitions, space, blocks: storage.blocks }),
        keepsBytes: config.echoMode === 'block',
        room: (bytes: number, isFirst: boolean) => budget.take(packedBytes(bytes), isFirst),
        onMade: () => metrics.echoFills.of('made').add(1),
      };
      pin = {
        ...makes,
        isThere: (id) => (seats.get(id)?.health?.state ?? 'down') !== 'down',
        catalog: storage.catalog,
        commit: ({ checks, writes }) => storage.catalog.commit({ checks: [session.check(), ...checks], writes }),
        deltaKey: () => session.deltaKey(),
        onDropped: () => metrics.echoDrops.of('operator').add(1),
      };
      keeper = new EchoKeeper({
        ...makes,
        sparePerNeighbour: () => spareOf(healths()),
        usualMs: (id) => seats.get(id)?.health?.usualMs ?? Number.NaN,
        wanted,
        onFailed: (block, err) => {
          metrics.echoFills.of('failed').add(1);
          if (err instanceof EchoMapAway) return; // told once, by the map
          log.warn({ block, err }, 'an echo could not be made; it is tried again when it is wanted');
        },
      });
    },
    async stop() {
      await keeper?.stop();
      await map.close();
    },
  };
}

/** The third one, of few numbers. */
function quartile(numbers: number[]): number {
  numbers.sort((a, b) => a - b);
  return numbers[Math.floor(numbers.length * 0.75)] ?? 0;
}
