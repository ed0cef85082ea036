// What planners see: the fleet as it is (view) and as it will be (prediction). Plain values, so that the same view always gives the same plan, and
// the simulator and the pilot show the same planners the same things.

import type { Capacity } from '../model/capacity.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import type { Flow, Flows } from '../model/load.ts';
import type { WhoseWord } from '../model/whose-word.ts';

export interface View {
  readonly nowSec: number;
  readonly partitions: readonly SeenPartition[];
  readonly areas: ReadonlyMap<AreaId, SeenArea>;
  /** Where areas' blocks lie. One area may lie on several partitions. */
  readonly holdings: readonly Holding[];
  readonly pools: readonly SeenPool[];
  /** Blocks that are read much get echoes, whether any are ready now or not. */
  readonly hasEchoes: boolean;
  /** What ready echoes could take off each partition that has any. */
  readonly echoed: Pick<ReadonlyMap<PartitionId, Echoed>, 'get' | 'has' | 'size'>;
  /** What was begun and is not over. */
  readonly underWay: readonly UnderWay[];
}

export interface Echoed {
  /** Part of its reads that some ready echo could answer. */
  readonly reads: number;
  /** Part that an echo there could answer; the parts overlap where blocks have several. */
  readonly holders: ReadonlyMap<PartitionId, number>;
}

export interface SeenPartition {
  readonly id: PartitionId;
  readonly capacityDomain: string;
  readonly failureDomain: string;
  readonly duty: 'online' | 'draining' | 'offline' | 'retired';
  readonly isUp: boolean;
  readonly capacity: Capacity;
  /** What clients ask of it now, per second, whoever answers. */
  readonly demand: Flows;
  /** Its own work besides: fills, moves, compaction. */
  readonly ownWork: Flows;
  /** p99 of late over the operator's target; undefined: no target, or not measured. */
  readonly latencyPressure?: number | undefined;
  readonly storedBytes: number;
  readonly freeBytes: number;
  /** The pool it came from; such a partition may be merged away. */
  readonly pool?: string | undefined;
  /** Whose word its duty is; undefined: the configuration's. What an operator said stands. */
  readonly by?: WhoseWord | undefined;
}

export interface SeenArea {
  /** What clients ask of it now, per second. */
  readonly demand: Flows;
  /** Where its new blocks go, by weight. */
  readonly homes: readonly Home[];
  /** False: its keys cannot be divided (one key, or what is asked for is one block). */
  readonly isDivisible: boolean;
}

export interface Home {
  readonly partition: PartitionId;
  readonly weight: number;
}

/** What one partition holds of one area. */
export interface Holding {
  readonly area: AreaId;
  readonly partition: PartitionId;
  /** Part of the area's reads that falls here, 0 … 1. (Its writes fall where its homes are.) */
  readonly readShare: number;
  readonly bytes: number;
  /** Its blocks from the hottest to the coldest in groups; parts of `readShare` and of `bytes`, each summing to 1. Never empty. */
  readonly heat: readonly HeatGroup[];
}

export interface HeatGroup {
  readonly reads: number;
  readonly bytes: number;
}

export interface SeenPool {
  readonly name: string;
  readonly capacityDomain: string;
  readonly failureDomain: string;
  /** Of each partition that it makes. */
  readonly capacity: Capacity;
  /** So many more can be made. */
  readonly left: number;
}

export type UnderWay =
  | {
      readonly kind: 'move';
      readonly area: AreaId;
      readonly from: PartitionId;
      readonly to: PartitionId;
      /** Not yet there. */
      readonly bytesLeft: number;
      /** Part of the area's reads that will still change hands. */
      readonly readShareLeft: number;
    }
  | { readonly kind: 'grow'; readonly pool: string; readonly partition: PartitionId }
  | { readonly kind: 'drain'; readonly partition: PartitionId };

/** Steps ahead need not be of equal length. */
export interface Prediction {
  /** Two of the same name say the same of the same moments; undefined: this one is like no other. */
  readonly name?: string | undefined;
  /** End of each step in seconds from now, ascending. Empty: nothing is predicted. */
  readonly aheadSec: readonly number[];
  /** Demand per second in each step: a row per step of quantiles at `quantileLevels`, under the present shares. */
  readonly partitions: ReadonlyMap<PartitionId, Readonly<Partial<Record<Flow, readonly QuantileRow[]>>>>;
  /** Expected demand of each area. */
  readonly areas: Pick<ReadonlyMap<AreaId, AreaAhead>, 'get'>;
  /** The same at `quantileLevels` as partitions have, of all of them as one: what the best placement would have to carry. */
  readonly fleet: Readonly<Partial<Record<Flow, readonly QuantileRow[]>>>;
  /** Areas whose load in these steps is declared: jobs. They need no second look. By area the seconds at which it begins. */
  readonly declared: ReadonlyMap<AreaId, readonly number[]>;
}

/** Per second, by step. */
export type AreaAhead = Readonly<Partial<Record<Flow, ArrayLike<number>>>>;

export type QuantileRow = ArrayLike<number>;

/** Levels of predicted rows: those of the forecaster. */
export const quantileLevels = [0.005, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995] as const;
