// Partitions that come and go over a real catalog and real directories: two that are configured, and a pool of two.
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { encodePartition, type MadePartition, type PartitionRow } from '../../../src/catalog/records/partition.ts';
import { type LivePartition, livePartitions } from '../../../src/compose/live-partitions.ts';
import { madeBy, makePlace, removePlace } from '../../../src/compose/places.ts';
import type { PartitionConfig, PoolConfig } from '../../../src/config/config.ts';
import { unknownCapacity } from '../../../src/model/capacity.ts';
import type { Partition } from '../../../src/partition/partition.ts';
import { PartitionActs } from '../../../src/placement/acts/partition-acts.ts';
import { type KnownPartitions, partitionRows } from '../../../src/placement/acts/partition-rows.ts';
import { openWorld, type World } from '../objects-blocks/world.ts';

export const because = { text: 'a test wants it' };
const tools = { clock: systemClock, random: systemRandom };
const domains = { capacityDomain: 'd', failureDomain: 'd' };

export class PartitionWorld {
  readonly world: World;
  readonly acts: PartitionActs;
  readonly failures: string[] = [];
  configured: PartitionConfig[] = ['p1', 'p2'].map((id) => ({ id, duty: 'online', ...domains }));
  aheadMs = 0;
  rows: KnownPartitions = new Map();

  static async open(): Promise<PartitionWorld> {
    return new PartitionWorld(await openWorld({ partitions: [] }));
  }

  private constructor(world: World) {
    this.world = world;
    this.acts = new PartitionActs({
      catalog: world.raw,
      commit: (change) => world.raw.commit(change),
      live: () => this.live(),
      look: async () => {
        this.rows = await partitionRows(world.raw);
      },
      pools: () => [{ name: 'spare', max: 2, member: (n) => ({ ...this.member(n), capacity: unknownCapacity }) }],
      places: {
        make: (id, made) => makePlace(placeOf(id, made), tools),
        remove: (id, made) => removePlace(placeOf(id, made), tools),
      },
      clock: {
        ...systemClock,
        wallMs: () => systemClock.wallMs() + this.aheadMs,
        monotonicMs: () => systemClock.monotonicMs() + this.aheadMs,
      },
      graceMs: 60_000,
      onFailed: (id, why) => this.failures.push(`${id}: ${why}`),
    });
  }

  at(name: string): string {
    return join(this.world.folder, name);
  }

  member(n: number): ReturnType<typeof madeBy> {
    return madeBy(this.#pool(), n);
  }

  /** Its place, made by somebody else. */
  async place(n: number): Promise<Partition> {
    const { id, made } = this.member(n);
    return await makePlace(placeOf(id, made), tools);
  }

  dutyOf(id: string): string | undefined {
    return this.live().find((one) => one.id === id)?.duty;
  }

  async write(id: string, row: PartitionRow): Promise<void> {
    await this.world.raw.commit({ checks: [], writes: [[keys.partition(id), encodePartition(row)]] });
  }

  async tickToEnd(): Promise<void> {
    await this.acts.tick();
    await this.acts.settled();
  }

  #pool(): PoolConfig {
    return { name: 'spare', max: 2, directory: this.at('spare-{n}'), ...domains };
  }

  live(): LivePartition[] {
    return livePartitions({ partitions: this.configured, pools: [this.#pool()] }, this.rows);
  }
}

const placeOf = (id: string, { place }: MadePartition) => ({
  ...{ id, ...domains, directory: 'directory' in place ? place.directory : '' },
});
