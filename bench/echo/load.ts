// Open load: reads begin when their time has come, however long those before them take, and are timed from then on.
import type { Fleet } from './fleet.ts';
import { bytesOf, type Shelved } from './shelf.ts';

export interface Read {
  readonly object: Shelved;
  /** Since the load began: when it was to begin. */
  readonly atMs: number;
  readonly tookMs: number;
  /** 0: no answer. */
  readonly status: number;
  readonly copy: string | undefined;
  readonly retryAfter: string | undefined;
  /** False: other bytes than were stored, or nothing where there is something. */
  readonly isRight: boolean;
}

export interface Load {
  readonly perSec: number;
  readonly seconds: number;
  /** What is read by the read that begins so many ms after the beginning. */
  readonly pick: (atMs: number) => Shelved;
  readonly random: () => number;
  /** Asked when a read begins; what it gives judges the answer. By default only what was stored first is right. */
  readonly judge?: (object: Shelved) => Judge;
  /** As many at once at most; those behind begin later. */
  readonly atOnceMax?: number;
}

export type Judge = (status: number, body: Buffer) => boolean;

const unchanged = (object: Shelved): Judge => {
  return (status, body) => status !== 200 || body.equals(bytesOf(object.path));
};

/** Arrivals are a Poisson process. Resolves when the last read has ended. */
export async function runLoad(fleet: Fleet, load: Load): Promise<Read[]> {
  const { perSec, seconds, pick, random, judge = unchanged, atOnceMax = Number.POSITIVE_INFINITY } = load;
  const reads: Read[] = [];
  const running = new Set<Promise<void>>();
  const startMs = performance.now();
  const read = async (atMs: number): Promise<void> => {
    const object = pick(atMs);
    const isRight = judge(object);
    const answer = await fleet.ask('GET', object.target).catch(() => undefined);
    reads.push({
      object,
      atMs,
      tookMs: performance.now() - startMs - atMs,
      status: answer?.status ?? 0,
      copy: answer?.copy,
      retryAfter: answer?.retryAfter,
      isRight: answer === undefined || isRight(answer.status, answer.body),
    });
  };
  for (let atMs = 0; atMs < seconds * 1000; atMs += (-1000 * Math.log(1 - random())) / perSec) {
    const waitMs = startMs + atMs - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    while (running.size >= atOnceMax) await Promise.race(running);
    const done = read(atMs).finally(() => running.delete(done));
    running.add(done);
  }
  await Promise.all(running);
  return reads;
}

/** Of the reads that were answered with their bytes; NaN of none. */
export function percentile(reads: readonly Read[], part: number): number {
  const took = reads.filter(({ status }) => status === 200).map(({ tookMs }) => tookMs);
  took.sort((a, b) => a - b);
  return took[Math.min(took.length - 1, Math.ceil(part * took.length) - 1)] ?? Number.NaN;
}

export const between = (reads: readonly Read[], fromMs: number, toMs: number): Read[] =>
  reads.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
