// The partitions as this worker sees them: how full each is, which of them failed a moment ago, and so in which order new
// blocks should try them. A hint for placement only; no commit depends on it.
import type { Clock } from '../base/clock.ts';
import { Fault, type FaultKind, type HouseFault } from '../base/fault.ts';
import { MiB, minuteMs, secondMs } from '../base/units.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeUsage } from '../catalog/records/delta.ts';
import type { PartitionId } from '../model/ids.ts';
import type { PartitionHealth } from '../partition/health.ts';
import type { Partition } from '../partition/partition.ts';
import { type Filling, orderPartitions } from './order-partitions.ts';

export interface Seat {
  readonly partition: Partition;
  /** Share of new bytes relative to the others. */
  readonly capacityWeight: number;
  readonly failureDomain?: string;
  /** As this process sees it. */
  readonly health?: PartitionHealth;
  /** False: takes no new blocks (draining, offline). */
  readonly online?: () => boolean;
}

/** Partitions come and go in it while the server runs. */
export type SeatMap = ReadonlyMap<PartitionId, Seat>;

export const isOnline = ({ online }: Pick<Seat, 'online'>): boolean => online?.() ?? true;

/** What must not be lost goes to those that take nothing new only where nobody else takes it. */
export function onlineFirst(seats: SeatMap): (readonly [PartitionId, Seat])[] {
  const all = [...seats];
  return [...all.filter(([, seat]) => isOnline(seat)), ...all.filter(([, seat]) => !isOnline(seat))];
}

interface Load {
  storedBytes: number;
  /** Written by this worker and perhaps not folded yet. */
  addedBytes: number;
  addedBeforeBytes: number;
  avoidedUntilMs: number;
  freeBytes: number;
}

const refreshMs = 1 * secondMs;
/** So few bytes change no order that matters. */
const orderAnewBytes = 1 * MiB;
const avoidMs: Partial<Record<FaultKind, number>> = {
  'partition-down': 5 * secondMs,
  'partition-busy': 1 * secondMs,
  'partition-full': 1 * minuteMs,
};

export class Seats {
  readonly #seats: SeatMap;
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #reserveBytes: number;
  readonly #loads = new Map<PartitionId, Load>();
  readonly #orders = new Map<string, readonly PartitionId[]>();
  #addedSinceOrder = 0;
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;

  constructor(deps: { seats: SeatMap; catalog: Catalog; clock: Clock; reserveBytes: number }) {
    this.#seats = deps.seats;
    this.#catalog = deps.catalog;
    this.#clock = deps.clock;
    this.#reserveBytes = deps.reserveBytes;
  }

  partition(id: PartitionId): Partition | undefined {
    return this.#seats.get(id)?.partition;
  }

  /** In which order a block of an area with these homes should try the partitions. */
  ordered(homes: readonly PartitionId[]): readonly PartitionId[] {
    const name = homes.join();
    let order = this.#orders.get(name);
    if (order === undefined) {
      const fillings = [...this.#seats].filter(([, seat]) => isOnline(seat)).map((seat) => this.#filling(seat));
      order = orderPartitions(homes, fillings);
      this.#orders.set(name, order);
    }
    return order;
  }

  /** Those of `wanted` that may take blocks now, failing ones last; throws when all have reached the reserve. */
  willing(wanted: readonly PartitionId[]): PartitionId[] {
    let online = wanted.filter((id) => this.#isOnline(id));
    if (online.length === 0) {
      this.#forgetOrders(); // whoever stood there drains by now, and who came since then is not in the order
      online = [...this.ordered([])];
    }
    const roomy = online.filter((id) => this.#hasRoom(id));
    if (roomy.length === 0 && online.length > 0) throw new Fault({ kind: 'space-reserve-reached' });
    const nowMs = this.#clock.monotonicMs();
    const avoided = (id: PartitionId): boolean => this.#load(id).avoidedUntilMs > nowMs;
    return [...roomy.filter((id) => !avoided(id)), ...roomy.filter(avoided)];
  }

  /** Those that are online and not at their reserve. */
  roomy(): PartitionId[] {
    return [...this.#seats.keys()].filter((id) => this.#isOnline(id) && this.#hasRoom(id));
  }

  #isOnline(id: PartitionId): boolean {
    const seat = this.#seats.get(id);
    return seat !== undefined && isOnline(seat);
  }

  #load(id: PartitionId): Load {
    let load = this.#loads.get(id);
    if (load === undefined) {
      load = { storedBytes: 0, addedBytes: 0, addedBeforeBytes: 0, avoidedUntilMs: 0, freeBytes: Infinity };
      this.#loads.set(id, load);
    }
    return load;
  }

  #hasRoom(id: PartitionId): boolean {
    return this.#load(id).freeBytes > this.#reserveBytes;
  }

  added(id: PartitionId, bytes: number): void {
    this.#load(id).addedBytes += bytes;
    this.#addedSinceOrder += bytes;
    if (this.#addedSinceOrder >= orderAnewBytes) this.#forgetOrders();
  }

  /** True: the failure says something of the partition, so another one should be tried. */
  failed(id: PartitionId, error: unknown): boolean {
    if (!(error instanceof Fault)) return false;
    const { kind }: HouseFault = error.fault;
    const pauseMs = avoidMs[kind];
    if (pauseMs !== undefined) this.#load(id).avoidedUntilMs = this.#clock.monotonicMs() + pauseMs;
    return pauseMs !== undefined || kind === 'pack-exists';
  }

  /** Looks at the catalog and the file systems again when the last look is old; waits only for the very first. */
  async refresh(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#refreshedMs < refreshMs) return;
    const first = this.#refreshedMs === Number.NEGATIVE_INFINITY;
    this.#refreshing ??= this.#look().finally(() => {
      this.#refreshing = undefined;
    });
    this.#refreshing.catch(() => {});
    if (first) await this.#refreshing;
    this.#refreshedMs = nowMs;
  }

  async #look(): Promise<void> {
    for (const id of this.#loads.keys()) if (!this.#seats.has(id)) this.#loads.delete(id);
    for (const [id, { partition }] of this.#seats) {
      const load = this.#load(id);
      const row = await this.#catalog.get(keys.usage('partition', id));
      load.storedBytes = row === undefined ? 0 : Math.max(0, decodeUsage(row.value).bytes);
      load.addedBeforeBytes = load.addedBytes; // what was written in the last second may not be folded yet
      load.addedBytes = 0;
      const stat = await partition.stat().catch(() => undefined); // a partition that is down says so at its next write
      if (stat !== undefined) load.freeBytes = stat.freeBytes;
    }
    this.#forgetOrders();
  }

  #forgetOrders(): void {
    this.#orders.clear();
    this.#addedSinceOrder = 0;
  }

  #filling([id, { capacityWeight }]: readonly [PartitionId, Seat]): Filling {
    const { storedBytes, addedBytes, addedBeforeBytes } = this.#load(id);
    return { id, storedBytes: storedBytes + addedBytes + addedBeforeBytes, weight: capacityWeight };
  }
}
