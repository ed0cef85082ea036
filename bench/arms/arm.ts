// An arm: one server that is measured, started or found, with a bucket of its own.
import type { Pair } from '../../src/base/sigv4.ts';
import { presignedTarget } from '../../test/support/quick-sign.ts';
import type { Credentials } from '../../test/support/sign.ts';

export interface Arm extends Credentials {
  readonly name: string;
  /** `http://127.0.0.1:9000` */
  readonly origin: string;
  readonly bucket: string;
  /** Its processes that serve, where we know them: their memory is watched, their processor time counted. */
  readonly pids: readonly number[];
  /** Stores an object before anything is measured. */
  store(key: string, bytes: Buffer): Promise<void>;
  stop(): Promise<void>;
}

/** The presigned request line of an object, its key plain letters, digits, `-` and `/`; of the bucket for an empty key. */
export const targetOf = (
  arm: Arm,
  method: 'GET' | 'PUT' | 'DELETE',
  key: string,
  query: readonly Pair[] = [],
): string => {
  const path = key === '' ? `/${arm.bucket}` : `/${arm.bucket}/${key}`;
  return presignedTarget({ method, host: new URL(arm.origin).host, path, query }, arm);
};
