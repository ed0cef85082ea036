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
  troubleOf,
  type Usual,
} from '../echo/echo.ts';
import type { BlockRow, Location } from '../model/block.ts';
import type { Echo } from '../model/echo.ts';
import type { BlockId, PartitionId } from '../model/ids.ts';
import type { PartitionHealth } from '../partition/health.ts';
import type { ReadAbout } from './block-store.ts';
import type { Origin } from './shared-reads.ts';

export interface CopiesDeps {
  readonly echoes: Pick<EchoMap, 'of'>;
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
  readonly echo: Echo | undefined;
}

/** Of all reads; as many at once after a calm. */
const hedgedShare = 0.02;
const hedgesMax = 20;

export class Copies {
  readonly #deps: CopiesDeps;
  readonly #hedges = new Allowance(hedgedShare, hedgesMax);

  readonly #usual: Usual;

  constructor(deps: CopiesDeps) {
    this.#deps = deps;
    this.#usual = { inFlight: deps.usualInFlight, backlogMs: deps.usualBacklogMs ?? (() => 0) };
  }

  /** Whoever read from a place asks for no other; whoever could not is given the next one, and says why by `failed`. */
  async *inTurn(block: BlockId, row: BlockRow, origin: Origin, about?: ReadAbout): AsyncGenerator<CopyPlace, void> {
    const { watcher, dice } = this.#deps;
    const primary = this.#place(row, row.partition, undefined);
    const trouble = troubleOf(primary, this.#usual);
    if (trouble === undefined) {
      watcher?.chosen('primary-well', 'primary');
      yield this.#told(primary);
    }
    // Asked for only now: either it is in trouble, or it did not do as well as it seemed.
    const ready = await this.#ready(block, row);
    const { order, because } = chooseCopy(primary, ready ?? [], trouble, [dice(), dice()]);
    if (trouble !== undefined) {
      watcher?.chosen(because, order[0].echo === undefined ? 'primary' : 'echo');
      if (ready !== undefined) {
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

  /** Undefined: nothing is known of how long it takes there, or as many reads are hedged as may be. */
  hedge(partition: PartitionId): Hedge | undefined {
    this.#hedges.earn();
    const lateMs = this.#deps.health(partition)?.lateMs ?? Number.NaN;
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
    const primary = this.#place(row, row.partition, undefined);
    return chooseCopy(primary, (await this.#ready(block, row)) ?? [], troubleOf(primary, this.#usual), [
      dice(),
      dice(),
    ]);
  }

  #told({ location, echo }: Place): CopyPlace {
    if (echo === undefined) return { ...location, copy: 'primary' };
    const failed = (error: unknown): void => {
      if (isNotThere(error)) this.#deps.watcher?.broken(echo);
    };
    return { ...location, copy: `echo:${echo.partition}`, failed };
  }

  /** Those that could be read; undefined when the map cannot be asked. */
  async #ready(block: BlockId, row: BlockRow): Promise<Place[] | undefined> {
    try {
      return (await this.#deps.echoes.of(block)).flatMap((echo) => {
        const { state, place, partition, length } = echo;
        if (state !== 'ready' || place === undefined || partition === row.partition || length !== row.length) return [];
        return [this.#place({ partition, ...place, length }, partition, echo)];
      });
    } catch {
      return undefined;
    }
  }

  #place(location: Location, partition: PartitionId, echo: Echo | undefined): Place {
    const health = this.#deps.health(partition);
    return {
      partition,
      location,
      echo,
      state: health?.state ?? 'down',
      inFlight: health?.inFlight ?? 0,
      limit: health?.limit ?? 1,
      backlogMs: health?.backlogMs ?? 0,
      latencyMs: health?.latencyMs ?? Number.NaN,
      isSlow: health?.isSlow ?? false,
    };
  }
}

const isIdleEcho = ({ echo, inFlight, limit }: Place): boolean => echo !== undefined && inFlight <= busyShare * limit;

/** What was read there is not the block: another place may have it. */
export const isNotThere = (error: unknown): boolean =>
  isFault(error, 'pack-missing') || isFault(error, 'block-corrupt') || isFault(error, 'pack-short');
