// What goes into the fleet's forecaster each bin and what comes out: plain values, so that it may live in another thread.
import type { Capacity } from '../model/capacity.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import type { Flow, Flows } from '../model/load.ts';
import type { FleetDeclared } from './declared.ts';
import type { Effect } from './prior.ts';

/** What flows is forecast; what is stored is a level that its own writes tell. */
export { type Flow, type Flows, flows } from '../model/load.ts';

export interface FleetOptions {
  readonly stepSec: number;
  /** In bins. */
  readonly horizons: readonly number[];
  /** So many series, the hottest, have trees. */
  readonly treesMax: number;
  /** Series fitted anew per bin, at most; a larger fleet is fitted less often than hourly. */
  readonly refitsPerBinMax?: number;
}

export interface FleetBin {
  readonly startSec: number;
  /** Demand per second by area; an area that is absent was asked nothing. Undefined: nobody watched. */
  readonly areas: ReadonlyMap<AreaId, Flows> | undefined;
}

/** As of now; it also says what the past of a partition would have been. */
export interface FleetLayout {
  /** Part of an area's flow that falls on each partition; parts of one area sum to 1. */
  readonly shares: ReadonlyMap<AreaId, ReadonlyMap<PartitionId, Flows>>;
  readonly capacities: ReadonlyMap<PartitionId, Capacity>;
  /** Areas that are no more: their keys, and their past, are others' now. */
  readonly gone?: readonly AreaId[];
  /** Absent: nothing is declared. `declaredOf` tells what of it concerns a series. */
  readonly declared?: FleetDeclared | undefined;
}

/** One area's past, when the forecaster begins, the area is new, or its keys are others than they were (it replaces what was known): a value per bin, NaN where nobody watched. */
export interface AreaPast {
  readonly area: AreaId;
  readonly startSec: number;
  readonly values: Readonly<Record<Flow, Float64Array>>;
}

/** A value per level (levels.ts). */
export type Quantiles = readonly number[];

export interface FlowForecast {
  readonly flow: Flow;
  /** Bins ahead. */
  readonly horizon: number;
  /** A row per bin ahead. */
  readonly steps: readonly Quantiles[];
  /** Of the window's mean, and of its maximum. */
  readonly mean: Quantiles;
  readonly max: Quantiles;
  /** How much of the forecast is whose, by expert. */
  readonly weights: Readonly<Record<string, number>>;
  /** `young`: less than two days of history; `fallback`: simple experts only. */
  readonly state: 'sound' | 'young' | 'fallback';
  /** Sentences for whoever asks why. */
  readonly because: readonly string[];
  /** Which declared things are in it, the greatest first (merge-effects.ts); absent: none. */
  readonly effects?: readonly Effect[];
}

/** When a resource will pass so much of its capacity, with a probability of one in ten (its q90 does). */
export interface Crossing {
  readonly partition: PartitionId;
  readonly flow: Flow;
  /** Of capacity: 0.85 or 1. */
  readonly share: number;
  readonly atSec: number;
}

export interface PartitionScore {
  readonly partition: PartitionId;
  /** q90 over capacity, the greatest over flows and bins; undefined: its capacity is not known. */
  readonly pressure: number | undefined;
  readonly overloadProb: number | undefined;
  /** Above the best that the fleet could have. */
  readonly imbalanceScore: number | undefined;
  /** What drives the pressure, and when. */
  readonly flow: Flow | undefined;
  readonly atSec: number | undefined;
  readonly confidence: number;
  /** What was left out, and why. */
  readonly because: readonly string[];
}

/** What whoever plans needs besides: what each area will be asked in each step of the longest horizon, and where it was taken to lie. */
export interface Expected {
  readonly steps: number;
  readonly areas: readonly AreaId[];
  /** Per second, the middle of what is forecast: areas × flows × steps. */
  readonly values: Float64Array;
  readonly shares: ReadonlyMap<AreaId, ReadonlyMap<PartitionId, Flows>>;
  /** Of all partitions whose capacity is known, as one: a row per step. */
  readonly fleet: Readonly<Partial<Record<Flow, readonly Quantiles[]>>>;
}

export interface FleetForecast {
  /** Start of the newest bin that it knows. */
  readonly originSec: number;
  readonly stepSec: number;
  readonly partitions: ReadonlyMap<PartitionId, readonly FlowForecast[]>;
  readonly scores: readonly PartitionScore[];
  readonly crossings: readonly Crossing[];
  readonly expected: Expected;
}
