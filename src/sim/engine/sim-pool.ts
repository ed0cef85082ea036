// Where new partitions come from, for every policy that may ask: each is online some minutes after it was asked for.
import type { SeenPool, UnderWay } from '../../placement/placement.ts';
import type { Scenario } from '../world.ts';
import type { SimFleet, SimPartition } from './sim-fleet.ts';

const poolName = 'pool';

export class SimPool {
  readonly #scenario: Scenario;
  readonly #fleet: SimFleet;
  #growing: readonly { readonly partition: string; readonly atMinute: number }[] = [];
  #made = 0;

  constructor(scenario: Scenario, fleet: SimFleet) {
    this.#scenario = scenario;
    this.#fleet = fleet;
  }

  begin(minute: number): void {
    const partition = this.#next();
    if (this.#retired() === undefined) this.#made++;
    const atMinute = minute + this.#scenario.pool.onlineMinutes;
    this.#growing = [...this.#growing, { partition, atMinute }];
  }

  /** What is ready comes online. */
  advance(minute: number): void {
    const ready = this.#growing.filter(({ atMinute }) => atMinute <= minute);
    if (ready.length === 0) return;
    for (const { partition } of ready) this.#bring(partition);
    this.#growing = this.#growing.filter(({ atMinute }) => atMinute > minute);
  }

  underWay(): UnderWay[] {
    return this.#growing.map(({ partition }) => ({ kind: 'grow', pool: poolName, partition }));
  }

  seen(): SeenPool[] {
    const { pool, partitions } = this.#scenario;
    const used = this.#fleet.partitions.filter((each) => each.pool !== undefined && each.duty !== 'retired').length;
    const readOps = pool.capacity * this.#fleet.readShare;
    const load = { readOps, writeOps: readOps * partitions[0]!.writeCapacity };
    const left = pool.max - used - this.#growing.length;
    const id = this.#next();
    return pool.max === 0
      ? []
      : [
          {
            name: poolName,
            capacityDomain: id,
            failureDomain: id,
            capacity: { load, confidence: 1, source: 'quota' },
            left,
          },
        ];
  }

  /** Who was retired is the first to be taken back, as by the pilot. */
  #next(): string {
    return this.#retired()?.id ?? `${poolName}-${this.#made + 1}`;
  }

  #retired(): SimPartition | undefined {
    return this.#fleet.partitions.find(
      ({ id, pool, duty }) =>
        pool !== undefined && duty === 'retired' && this.#growing.every(({ partition }) => partition !== id),
    );
  }

  #bring(id: string): void {
    const known = this.#fleet.partitions.find((each) => each.id === id);
    if (known === undefined) this.#fleet.add(this.#partition(id));
    else known.duty = 'online';
  }

  #partition(id: string): SimPartition {
    const { serviceMs, concurrency, writeCapacity } = this.#scenario.partitions[0]!;
    const { capacity } = this.#scenario.pool;
    const domains = { capacityDomain: id, failureDomain: id };
    return { id, capacity, writeCapacity, ...domains, serviceMs, concurrency, pool: poolName, duty: 'online' };
  }
}
