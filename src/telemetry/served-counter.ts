// What partitions did, counted by the process that asked them: the served load, beside the demand that caused it.
import type { PartitionId } from '../model/ids.ts';
import type { Cause, ServedCount } from './counter-store.ts';
import { latencySteps, stepOf } from './latency-steps.ts';

type Sums = { -readonly [K in Exclude<keyof ServedCount, 'latency'>]: ServedCount[K] } & { readonly latency: number[] };

export interface ServedSample {
  readonly partition: PartitionId;
  readonly cause: Cause;
  readonly kind: 'read' | 'write' | 'other';
  readonly bytes: number;
  readonly tookMs: number;
  readonly failed: boolean;
  readonly throttled: boolean;
}

export class ServedCounter {
  #sums = new Map<PartitionId, Map<Cause, Sums>>();

  note({ partition, cause, kind, bytes, tookMs, failed, throttled }: ServedSample): void {
    const sums = this.#of(partition, cause);
    if (kind === 'read') {
      sums.readOps += 1;
      sums.readBytes += bytes;
    } else if (kind === 'write') {
      sums.writeOps += 1;
      sums.writeBytes += bytes;
    }
    if (failed) sums.errors += 1;
    if (throttled) sums.throttled += 1;
    if (kind !== 'other') sums.latency[stepOf(tookMs)]! += 1;
  }

  /** What was counted since it was last asked. */
  drain(): ServedCount[] {
    const all = [...this.#sums.values()].flatMap((causes) => [...causes.values()]);
    this.#sums = new Map();
    return all;
  }

  #of(partition: PartitionId, cause: Cause): Sums {
    const causes = this.#sums.get(partition) ?? new Map<Cause, Sums>();
    this.#sums.set(partition, causes);
    const found = causes.get(cause);
    if (found !== undefined) return found;
    const none = { readOps: 0, writeOps: 0, readBytes: 0, writeBytes: 0, errors: 0, throttled: 0 };
    const sums: Sums = { partition, cause, ...none, latency: new Array<number>(latencySteps).fill(0) };
    causes.set(cause, sums);
    return sums;
  }
}
