// The partitions of this process while others come and go: their rows are looked at twice a second, and at once when somebody asks for one that
// is not known yet, so that what lies there is read as if it had always been there.
import type { Clock } from '../base/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import type { Config } from '../config/config.ts';
import type { PartitionId } from '../model/ids.ts';
import type { Seat, SeatMap } from '../objects/seats.ts';
import { type KnownPartitions, partitionRows } from '../placement/acts/partition-rows.ts';
import { type LivePartition, livePartitions } from './live-partitions.ts';
import { openPartition, type PartitionTools } from './open-partitions.ts';

const lookEveryMs = 500;

export interface LivingTools extends PartitionTools {
  readonly config: Pick<Config, 'partitions' | 'pools'>;
  readonly catalog: Pick<Catalog, 'get' | 'range'>;
}

class LivingSeats extends Map<PartitionId, Seat> {
  /** For one that is not known yet. */
  readonly #look: (id: PartitionId) => void;

  constructor(look: (id: PartitionId) => void) {
    super();
    this.#look = look;
  }

  override get(id: PartitionId): Seat | undefined {
    if (!super.has(id)) this.#look(id);
    return super.get(id);
  }

  override has(id: PartitionId): boolean {
    if (!super.has(id)) this.#look(id);
    return super.has(id);
  }
}

export class LivingPartitions {
  readonly #tools: LivingTools;
  readonly #seats: LivingSeats;
  readonly #stopping = new AbortController();
  #live: ReadonlyMap<PartitionId, LivePartition> = new Map();
  /** Capacities count only where all partitions state one; bytes and ones do not mix. */
  #isStated = false;
  /** While the first ones are opened. */
  #mounting: Promise<void>[] | undefined = [];
  #watching: Promise<void> | undefined;

  private constructor(tools: LivingTools) {
    this.#tools = tools;
    const { catalog } = tools;
    this.#seats = new LivingSeats((id) => {
      const row = catalog.get(keys.partition(id));
      if (row === undefined || row instanceof Promise) return; // a catalog that does not answer at once is looked at soon
      const rows = partitionRows(catalog);
      if (!(rows instanceof Promise)) this.#take(rows);
    });
  }

  /** With those that there are now; each was tried. */
  static async open(tools: LivingTools): Promise<LivingPartitions> {
    const living = new LivingPartitions(tools);
    await living.look();
    await Promise.all(living.#mounting ?? []);
    living.#mounting = undefined;
    return living;
  }

  get seats(): SeatMap {
    return this.#seats;
  }

  live(): readonly LivePartition[] {
    return [...this.#live.values()];
  }

  /** Nothing shall stay there, or it is gone. */
  isLeaving(id: PartitionId): boolean {
    const duty = this.#live.get(id)?.duty;
    return duty === undefined || duty === 'draining' || duty === 'retired';
  }

  async look(): Promise<void> {
    this.#take(await partitionRows(this.#tools.catalog));
  }

  /** From now on, until it is closed. */
  watch(clock: Clock, onError: (error: unknown) => void): void {
    const { signal } = this.#stopping;
    const round = async (): Promise<void> => {
      while (!signal.aborted) {
        await clock.sleep(lookEveryMs, signal).catch(() => {});
        if (!signal.aborted) await this.look().catch(onError);
      }
    };
    this.#watching ??= round();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    await Promise.all([...this.#seats.values()].map(({ partition }) => partition.close()));
  }

  #take(rows: KnownPartitions): void {
    this.#live = new Map(livePartitions(this.#tools.config, rows).map((each) => [each.id, each]));
    this.#isStated = this.live().every(({ capacityBytes }) => capacityBytes !== undefined);
    for (const [id, { partition }] of this.#seats) {
      if (this.#live.has(id)) continue;
      this.#seats.delete(id);
      partition.close().catch(() => {}); // it is gone: nobody asks it any more
    }
    const known = new Set(this.#seats.keys());
    for (const [id, one] of this.#live) if (!known.has(id)) this.#seats.set(id, this.#seat(one));
  }

  #seat(one: LivePartition): Seat {
    const { id, capacityBytes = 1, failureDomain } = one;
    const { partition, health, mounted } = openPartition(one, this.#tools);
    this.#mounting?.push(mounted);
    const weight = () => (this.#isStated ? capacityBytes : 1);
    return {
      partition,
      health,
      failureDomain,
      get capacityWeight() {
        return weight();
      },
      online: () => this.#live.get(id)?.duty === 'online',
    };
  }
}
