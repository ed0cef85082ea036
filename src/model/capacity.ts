// How much a partition (or a domain that several share) can do, and how sure that is.
import type { Resource } from './load.ts';

export interface Capacity {
  /** Per second; what is absent is not known, or not bounded. */
  readonly load: Readonly<Partial<Record<Resource, number>>>;
  /** 1: the operator says so. Below `sureMin` plans only show what they would do. */
  readonly confidence: number;
  readonly source: 'quota' | 'estimate' | 'none';
}

export const sureMin = 0.5;

export const unknownCapacity: Capacity = { load: {}, confidence: 0, source: 'none' };
