// What the mix asks of an expert. Each sees only what is past, and each may have no opinion: the mix goes on with the others.
import type { Origin } from './origin.ts';

export type ExpertName = 'ewma' | 'window-mean' | 'prophet-ar' | 'linear' | 'trees' | 'prophet-trees' | AddedExpertName;

/** `pooled`: what the rest of the fleet says of a young area. `areas`: what a partition's areas say of it. */
export type AddedExpertName = 'pooled' | 'areas' | 'areas-scaled';

export interface Expert {
  readonly name: ExpertName;
  /** Writes a quantile per level (levels.ts); false when it knows too little. */
  forecast(origin: Origin, row: Float64Array): boolean;
  /** A forecast made at `origin` came true. */
  learn(origin: Origin, actual: number): void;
}
