// An arm: one server that is measured, started or found, with a bucket of its own.
import type { Pair } from '../../src/base/sigv4.ts';
import { presign, type Signer } from '../presign.ts';

export interface Arm extends Signer {
  readonly name: string;
  readonly bucket: string;
  /** Its processes that serve, where we know them: their memory is watched, their processor time counted. */
  readonly pids: readonly number[];
  /** Stores an object before anything is measured. */
  store(key: string, bytes: Buffer): Promise<void>;
  stop(): Promise<void>;
}

/** The signed request line of an object; of the bucket for an empty key. */
export const targetOf = (
  arm: Arm,
  method: 'GET' | 'PUT' | 'DELETE',
  key: string,
  query: readonly Pair[] = [],
): string => presign(arm, method, key === '' ? `/${arm.bucket}` : `/${arm.bucket}/${key}`, query);
