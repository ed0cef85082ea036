// What planners say: steps with reasons, and what they would have liked to do and why they do not.
import type { AreaId, PartitionId } from '../model/ids.ts';
import type { Flow } from '../model/load.ts';
import type { Home } from './view.ts';

export interface Plan {
  readonly nowSec: number;
  readonly steps: readonly Step[];
  readonly refusals: readonly Refusal[];
}

export type Step = ReHome | Move | SplitArea | Grow | Drain | Keep | Retire;

/** New blocks of an area go elsewhere: at once, for no bytes. */
export interface ReHome {
  readonly kind: 're-home';
  readonly area: AreaId;
  readonly from: readonly Home[];
  readonly to: readonly Home[];
  readonly because: Reason;
}

/** The hottest `bytes` of what `from` holds of an area. */
export interface Move {
  readonly kind: 'move';
  readonly area: AreaId;
  readonly from: PartitionId;
  readonly to: PartitionId;
  readonly bytes: number;
  /** Part of the area's reads that changes hands. */
  readonly readShare: number;
  /** All that the source holds of the area: its homes there go with it. */
  readonly isWhole: boolean;
  /** Seconds from now; 0: at once. Later plans may still think better of it. */
  readonly startInSec: number;
  readonly because: Reason;
}

/** At the key that halves its demand; the upper half's new blocks go to `home`. */
export interface SplitArea {
  readonly kind: 'split-area';
  readonly area: AreaId;
  readonly home: PartitionId;
  readonly because: Reason;
}

/** A partition is brought online. */
export interface Grow {
  readonly kind: 'grow';
  readonly pool: string;
  readonly because: Reason;
}

/** Takes nothing new; what it holds moves away. */
export interface Drain {
  readonly kind: 'drain';
  readonly partition: PartitionId;
  readonly because: Reason;
}

/** It drains, and takes new data again. */
export interface Keep {
  readonly kind: 'keep';
  readonly partition: PartitionId;
  readonly because: Reason;
}

/** It is empty. */
export interface Retire {
  readonly kind: 'retire';
  readonly partition: PartitionId;
  readonly because: Reason;
}

export interface Reason {
  /** One sentence, with the figures that decided. */
  readonly text: string;
  /** What it stands on: load as it is, or as it is foreseen. */
  readonly basis?: 'measured' | 'foreseen';
  /** What the source would come to, when, and by which flow. */
  readonly pressure?: number;
  readonly atSec?: number;
  readonly flow?: Flow;
}

export interface Refusal {
  readonly partition?: PartitionId;
  readonly area?: AreaId;
  readonly why: string;
}
