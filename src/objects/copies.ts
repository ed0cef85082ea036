// The copies of a block in the order in which a read tries them. The echo map is asked only when the primary is in trouble: a fleet that does
// well pays nothing for its echoes.
import { Allowance } from '../base/allowance.ts';
import type { Clock } from '../base/clock.ts';
import { isFault } from '../base/fault.ts';
import {
  busyShare,
  type Choice,
  type ChoiceReason,
  type Copy,
  chooseCopy,
  type EchoMap,
  type Trouble,
  troubleOf,
  type Usual,
} from '../echo/echo.ts';
import type { BlockRow, Location } from '../model/block.ts';
import type { Echo } from '../model/echo.ts';
import type { BlockId, PartitionId } from '../model/ids.ts';
import type { PartitionHealth } from '../partition/health.ts';
import type { Partition } from '../partition/partition.ts';
import type { ReadAbout } from './block-store.ts';
import type { Origin } from './shared-reads.ts';

/** A copy of a whole partition that its backend keeps by itself: an echo of every block there that costs no bytes of ours. It may lag. */
export interface Replica {
  readonly of: PartitionId;
  readonly partition: Partition;
  readonly health: PartitionHealth;
}

export interface CopiesDeps {
  readonly echoes: Pick<EchoMap, 'of'>;
  readonly replicas?: readonly Replica[];
  /** Undefined: of no partition of ours. */
  readonly health: (partition: PartitionId) => PartitionHealth | undefined;
  /** Requests in flight at the partitions: the third quartile. And the same of what waits there by quota; 0 when left out. */
  readonly usualInFlight: () => number;
  readonly usualBacklogMs?: () => number;
  readonly clock: Pick<Clock, 'sleep'>;
  /** In [0, 1). */
  readonly dice: () => number;
  readonly watcher?: CopyWatcher;
}

/** Told of what echoes are for: reads whose primary does not do well. */
export interface CopyWatcher {
  /** `copy`: which was tried first. */
  chosen(because: ChoiceReason, copy: 'primary' | 'echo'): void;
  /** The primary is in trouble, and so many echoes are there and not busy. `about`: of the read that found it so, if a client's. */
  missed(block: BlockId, row: BlockRow, about: ReadAbout | undefined, idleEchoes: number): void;
  /** A read was late at its first copy: another one is asked too. */
  hedged(): void;
  /** An echo that is not what the map says: its bytes are wrong, or not there. */
  broken(echo: Echo): void;
}

/** Where a copy lies, what it is called, and whom to tell why it could not be read. */
export interface CopyPlace extends Location {
  readonly copy: string;
  readonly failed?: (error: unknown) => void;
}

/** A second try for a read whose first bytes are late. */
export interface Hedge {
  /** Resolves when they are. */
  readonly wait: (signal: AbortSignal) => Promise<void>;
  /** False: too many reads were tried twice of late. */
  readonly take: () => boolean;
}

interface Place extends Copy {
  readonly location: Location;
  readonly isPrimary: boolean;
  /** Of the map; a replica has no entry there. */
  readonly echo?: Echo;
}

/** Of the reads of a partition that does badly one in so many goes there first: few enough for the slowest hundredth not to be made of them. */
const againEvery = 128;
/** Of all reads; as many at once after a calm. */
const hedgedShare = 0.02;
const hedgesMax = 20;

export class Copies {
  readonly #deps: CopiesDeps;
  readonly #hedges = new Allowance(hedgedShare, hedgesMax);

  readonly #usual: Usual;
  /** Reads of a partition while it did badly. */
  readonly #avoided = new Map<PartitionId, number>();

  constructor(deps: CopiesDeps) {
    this.#deps = deps;
    this.#usual = { inFlight: deps.usualInFlight, backlogMs: deps.usualBacklogMs ?? (() => 0) };
  }

  /** Undefined: no replica is called so. */
  replica(id: PartitionId): Replica | undefined {
    return this.#deps.replicas?.find(({ partition }) => partition.id === id);
  }

  replicasOf(home: PartitionId): readonly Replica[] {
    return this.#deps.replicas?.filter(({ of }) => of === home) ?? [];
  }

  /** Whoever read from a place asks for no other; whoever could not is given the next one, and says why by `failed`. */
  async *inTurn(block: BlockId, row: BlockRow, origin: Origin, about?: ReadAbout): AsyncGenerator<CopyPlace, void> {
    const { watcher } = this.#deps;
    const primary = this.#primary(row);
    const trouble = troubleOf(primary, this.#usual);
    if (trouble === undefined) {
      watcher?.chosen('primary-well', 'primary');
      yield this.#told(primary);
    }
    // Asked for only now: either it is in trouble, or it did not do as well as it seemed.
    const echoes = await this.#echoes(block, row);
    const { order, because } = this.#choose(primary, this.#others(row, echoes), trouble);
    if (trouble !== undefined) {
      watcher?.chosen(because, order[0].isPrimary ? 'primary' : 'echo');
      if (echoes !== undefined) {
        const { joined } = origin;
        const missed = (): void => watcher?.missed(block, row, about, order.filter(isIdleEcho).length);
        missed();
        origin.joined = () => {
          joined?.();
          missed();
        };
      }
    }
    for (const place of order.slice(trouble === undefined ? 1 : 0)) yield this.#told(place);
  }

  #choose(primary: Place, others: readonly Place[], trouble: Trouble | undefined): Choice<Place> {
    const { dice } = this.#deps;
    const both = [dice(), dice()] as const;
    if (trouble === 'primary-slow' || trouble === 'primary-failing') {
      const avoided = (this.#avoided.get(primary.partition) ?? 0) + 1;
      this.#avoided.set(primary.partition, avoided);
      if (avoided % againEvery === 0)
        return { ...chooseCopy(primary, others, undefined, both), because: 'primary-again' };
    }
    return chooseCopy(primary, others, trouble, both);
  }

  /** Undefined: nothing is known of how long it takes there, or as many reads are hedged as may be. */
  hedge(partition: PartitionId): Hedge | undefined {
    this.#hedges.earn();
    const lateMs = (this.#deps.health(partition) ?? this.replica(partition)?.health)?.lateMs ?? Number.NaN;
    if (!(lateMs > 0) || !this.#hedges.hasSome) return undefined;
    return {
      wait: (signal) => this.#deps.clock.sleep(lateMs, signal),
      take: () => {
        const isMine = this.#hedges.spend();
        if (isMine) this.#deps.watcher?.hedged();
        return isMine;
      },
    };
  }

  /** What a read would find now, without one. */
  async look(block: BlockId, row: BlockRow): Promise<Choice<Copy>> {
    const { dice } = this.#deps;
    const primary = this.#primary(row);
    const others = this.#others(row, await this.#echoes(block, row));
    return chooseCopy(primary, others, troubleOf(primary, this.#usual), [dice(), dice()]);
  }

  #told({ location, isPrimary, echo }: Place): CopyPlace {
    if (isPrimary) return { ...location, copy: 'primary' };
    const failed = (error: unknown): void => {
      if (echo !== undefined && isNotThere(error)) this.#deps.watcher?.broken(echo);
    };
    return { ...location, copy: `echo:${location.partition}`, failed };
  }

  /** Those of the map that could be read; undefined when it cannot be asked. */
  async #echoes(block: BlockId, row: BlockRow): Promise<Place[] | undefined> {
    try {
      return (await this.#deps.echoes.of(block)).flatMap((echo) => {
        const { state, place, partition, length } = echo;
        if (state !== 'ready' || place === undefined || partition === row.partition || length !== row.length) return [];
        const location = { partition, ...place, length };
        return [{ ...this.#place(location, this.#deps.health(partition)), isPrimary: false, echo }];
      });
    } catch {
      return undefined;
    }
  }

  #others(row: BlockRow, echoes: readonly Place[] = []): Place[] {
    return [
      ...echoes,
      ...this.replicasOf(row.partition).map(({ partition: { id: partition }, health }) => ({
        ...this.#place({ partition, pack: row.pack, offset: row.offset, length: row.length }, health),
        isPrimary: false,
      })),
    ];
  }

  #primary(row: BlockRow): Place {
    return { ...this.#place(row, this.#deps.health(row.partition)), isPrimary: true };
  }

  #place(location: Location, health: PartitionHealth | undefined): Omit<Place, 'isPrimary'> {
    return {
      partition: location.partition,
      location,
      state: health?.state ?? 'down',
      inFlight: health?.inFlight ?? 0,
      limit: health?.limit ?? 1,
      backlogMs: health?.backlogMs ?? 0,
      latencyMs: health?.latencyMs ?? Number.NaN,
      isSlow: health?.isSlow ?? false,
    };
  }
}

const isIdleEcho = ({ isPrimary, inFlight, limit }: Place): boolean => !isPrimary && inFlight <= busyShare * limit;

/** What was read there is not the block: another place may have it. */
export const isNotThere = (error: unknown): boolean =>
  isFault(error, 'pack-missing') || isFault(error, 'block-corrupt') || isFault(error, 'pack-short');
