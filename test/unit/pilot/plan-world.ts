// A catalog with areas, blocks and what was asked of them, for tests of the pilot's planning: two partitions in two domains unless told.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LmdbCatalog, openLmdbCatalog } from '../../../src/catalog/adapters/lmdb-catalog.ts';
import type { Write } from '../../../src/catalog/catalog.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { encodeArea } from '../../../src/catalog/records/area.ts';
import { encodeBlock } from '../../../src/catalog/records/block.ts';
import { encodeUsage } from '../../../src/catalog/records/delta.ts';
import { encodeDemandBin } from '../../../src/catalog/records/demand-bin.ts';
import type { Capacity } from '../../../src/model/capacity.ts';
import { noFlows } from '../../../src/model/load.ts';
import { HoldingCounter } from '../../../src/pilot/count-holdings.ts';
import { type PartitionPlace, type ViewDeps, ViewReader } from '../../../src/pilot/read-view.ts';
import type { BinCounts, DemandCount, HeatedBlock, ServedCount } from '../../../src/telemetry/telemetry.ts';

export const bucket = '0b'.repeat(16);
export const nowSec = 1_800_000_030;
export const idOf = (number: number): string => number.toString(16).padStart(32, '0');
export const quota = (readOps: number): Capacity => ({ load: { readOps }, confidence: 1, source: 'quota' });

export interface World {
  readonly catalog: LmdbCatalog;
  readonly clock: { nowSec: number; wallMs(): number; monotonicMs(): number };
  readonly holdings: HoldingCounter;
  readonly hottest: HeatedBlock[];
  readonly capacities: Map<string, Capacity>;
  readonly places: Map<string, PartitionPlace>;
  /** Areas `a1`, `a2` … of one bucket, each with a home. */
  areas(homes: Readonly<Record<string, string>>): Promise<void>;
  blocks(
    blocks: readonly { readonly id: number; readonly area: string; readonly on: string; readonly bytes: number }[],
  ): Promise<void>;
  /** The same in each of the last `minutes`; per minute. */
  asked(
    demand: readonly Partial<DemandCount>[],
    minutes?: number,
    served?: readonly Partial<ServedCount>[],
  ): Promise<void>;
  view(changes?: Partial<ViewDeps>): ViewReader;
  close(): Promise<void>;
}

export async function makeWorld(): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'echogate-planning-'));
  const catalog = openLmdbCatalog({ path: join(dir, 'catalog') });
  const clock = { nowSec, wallMs: () => clock.nowSec * 1000, monotonicMs: () => clock.nowSec * 1000 };
  const write = async (writes: readonly Write[]): Promise<void> => {
    await catalog.commit({ checks: [], writes });
  };
  const place = (id: string): PartitionPlace => ({
    ...{ id, capacityDomain: id, failureDomain: id, duty: 'online', isUp: true, freeBytes: 1e12 },
  });
  const holdings = new HoldingCounter(catalog, clock);
  const world: World = {
    catalog,
    clock,
    holdings,
    hottest: [],
    capacities: new Map([
      ['p1', quota(100)],
      ['p2', quota(100)],
    ]),
    places: new Map(['p1', 'p2'].map((id) => [id, place(id)])),
    areas: (homes) =>
      write(
        Object.entries(homes).map(([id, partition]) => [
          keys.area(bucket, id),
          encodeArea({ id, homes: [{ partition, weight: 1 }] }),
        ]),
      ),
    async blocks(blocks) {
      await write(
        blocks.map(({ id, area, on, bytes }) => [
          keys.block(idOf(id)),
          encodeBlock({
            partition: on,
            pack: idOf(1),
            offset: 0,
            length: bytes,
            sliceCrcs: [1, 2],
            area,
            generation: 0,
          }),
        ]),
      );
      for (const id of world.places.keys()) {
        const bytes = blocks.filter(({ on }) => on === id).reduce((sum, block) => sum + block.bytes, 0);
        await write([[keys.usage('partition', id), encodeUsage({ objects: 0, bytes })]]);
      }
      clock.nowSec += 60;
      await holdings.tick();
      clock.nowSec -= 60;
    },
    asked: (demand, minutes = 6, served = []) =>
      write(
        Array.from({ length: minutes }, (_, ago): Write => {
          const startSec = (Math.floor(clock.nowSec / 60) - ago) * 60;
          const bin: BinCounts = {
            ...{ startSec, seconds: ago === 0 ? 30 : 60 },
            demand: demand.map((one) => ({ ...noFlows, area: 'a1', partition: 'p1', ...one })),
            served: served.map((one) => ({
              ...{ ...noFlows, partition: 'p1', cause: 'client', errors: 0, throttled: 0, latency: [] },
              ...one,
            })),
          };
          return [keys.demandBin(60, startSec), encodeDemandBin(bin)];
        }),
      ),
    view: (changes = {}) =>
      new ViewReader({
        catalog,
        places: async () => [...world.places.values()],
        capacities: () => world.capacities,
        holdings,
        hottest: async () => world.hottest,
        hasEchoes: true,
        echoesOf: async () => new Map(),
        acts: { underWay: () => [], pools: () => [] },
        ...changes,
      }),
    async close() {
      await catalog.close();
      rmSync(dir, { recursive: true });
    },
  };
  return world;
}
