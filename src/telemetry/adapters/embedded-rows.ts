// The rows of the embedded counter store and the order that their keys bring them into: bins by time, each with its demand, its served load
// and who watched it; then the blocks. Names stand hashed in keys, since LMDB's keys are short, and in full in the rows.
import { createHash } from 'node:crypto';
import type { HeatedBlock, ServedCount } from '../counter-store.ts';
import type { DemandCount } from '../demand-counter.ts';

export type BinRow =
  | { readonly demand: DemandCount }
  | { readonly served: ServedCount }
  /** By one process. */
  | { readonly seconds: number };
export type HeatRow = Pick<HeatedBlock, 'block' | 'area'> & { readonly score: number };
export type Row = BinRow | HeatRow;

const binTag = 1;
const heatTag = 2;
const startOffset = 1;
const uint32Max = 0xffff_ffff;

const hashOf = (...names: readonly string[]): Buffer =>
  createHash('sha256').update(JSON.stringify(names)).digest().subarray(0, 16);

/** Before all rows of bins that start at `startSec` or later. */
function binKey(startSec: number): Buffer {
  const key = Buffer.of(binTag, 0, 0, 0, 0);
  key.writeUInt32BE(Math.min(uint32Max, Math.max(0, Math.ceil(startSec))), startOffset);
  return key;
}

export const demandKey = (startSec: number, { area, partition }: DemandCount): Buffer =>
  Buffer.concat([binKey(startSec), hashOf('demand', area, partition)]);
export const servedKey = (startSec: number, { partition, cause }: ServedCount): Buffer =>
  Buffer.concat([binKey(startSec), hashOf('served', partition, cause)]);
export const processKey = (startSec: number, process: string): Buffer =>
  Buffer.concat([binKey(startSec), hashOf('process', process)]);
export const heatKey = (block: string): Buffer => Buffer.concat([Buffer.of(heatTag), hashOf(block)]);

export const startOf = (key: Buffer): number => key.readUInt32BE(startOffset);

interface KeyRange {
  readonly start: Buffer;
  readonly end: Buffer;
}

/** Rows of bins that start in [fromSec, toSec). */
export const binRange = (fromSec: number, toSec: number): KeyRange => ({ start: binKey(fromSec), end: binKey(toSec) });
export const heatRange: KeyRange = { start: Buffer.of(heatTag), end: Buffer.of(heatTag + 1) };
