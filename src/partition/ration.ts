// What a partition, or all of a capacity domain together, may be asked for per second and at once. Whoever wants more waits, in order of
// asking; how long that will be is known before, so that nobody waits who would wait too long.

/** What is absent is not bounded. */
export interface Quota {
  /** Per second. */
  readonly readOps?: number;
  readonly writeOps?: number;
  readonly readBytes?: number;
  readonly writeBytes?: number;
  /** Operations under way at a moment. */
  readonly concurrency?: number;
}

export interface Want {
  readonly kind: 'read' | 'write';
  readonly ops: number;
  readonly bytes: number;
}

/** So much of what was not asked for a moment ago may be asked for at once. */
const burstMs = 100;

export class Ration {
  readonly #quota: Quota;
  readonly #readOps: Meter;
  readonly #writeOps: Meter;
  readonly #readBytes: Meter;
  readonly #writeBytes: Meter;
  readonly #concurrency: number;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor(quota: Quota) {
    this.#quota = quota;
    this.#readOps = new Meter(quota.readOps);
    this.#writeOps = new Meter(quota.writeOps);
    this.#readBytes = new Meter(quota.readBytes);
    this.#writeBytes = new Meter(quota.writeBytes);
    this.#concurrency = quota.concurrency ?? Number.POSITIVE_INFINITY;
  }

  /** From `nowMs` on, until it may begin; not counting the wait for a place. */
  waitMs({ kind }: Want, nowMs: number): number {
    const [ops, bytes] = this.#metersOf(kind);
    return Math.max(ops.waitMs(nowMs), bytes.waitMs(nowMs));
  }

  /** Time that what was granted already will take: bursts are let through, so it is there before anybody waits. */
  backlogMs({ kind }: Want, nowMs: number): number {
    const [ops, bytes] = this.#metersOf(kind);
    return Math.max(ops.backlogMs(nowMs), bytes.backlogMs(nowMs));
  }

  charge({ kind, ops, bytes }: Want, nowMs: number): void {
    const [perOp, perByte] = this.#metersOf(kind);
    perOp.charge(ops, nowMs);
    perByte.charge(bytes, nowMs);
  }

  /** Operations under way at a moment; undefined: not bounded. */
  get concurrency(): number | undefined {
    return this.#quota.concurrency;
  }

  /** Per second. */
  get readOps(): number | undefined {
    return this.#quota.readOps;
  }

  get hasPlace(): boolean {
    return this.#running < this.#concurrency;
  }

  /** Without waiting; `leave` must follow. */
  enter(): void {
    this.#running += 1;
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running -= 1;
    else {
      this.#waiting.delete(next);
      next(); // the place goes from hand to hand
    }
  }

  /** `entered` is called when there is a place for it, which is then its own. The answer takes it out of the line. */
  line(entered: () => void): () => void {
    this.#waiting.add(entered);
    return () => void this.#waiting.delete(entered);
  }

  #metersOf(kind: Want['kind']): readonly [Meter, Meter] {
    return kind === 'read' ? [this.#readOps, this.#readBytes] : [this.#writeOps, this.#writeBytes];
  }
}

/** Virtual scheduling (ITU-T I.371, "generic cell rate algorithm"): one number says when all that was granted will have been worked off. */
class Meter {
  readonly #perSec: number;
  #workedOffMs = Number.NEGATIVE_INFINITY;

  constructor(perSec = Number.POSITIVE_INFINITY) {
    this.#perSec = perSec;
  }

  waitMs(nowMs: number): number {
    return Math.max(0, this.#workedOffMs - burstMs - nowMs);
  }

  backlogMs(nowMs: number): number {
    return Math.max(0, this.#workedOffMs - nowMs);
  }

  charge(amount: number, nowMs: number): void {
    this.#workedOffMs = Math.max(this.#workedOffMs, nowMs) + (1000 * amount) / this.#perSec;
  }
}
