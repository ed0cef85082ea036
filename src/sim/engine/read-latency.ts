// How long reads take, from how busy partitions are: a partition serves `concurrency` requests at once with exponential service times (M/M/c); the
// wait is Erlang's. Above capacity a backlog grows, up to what a gateway lets requests wait before it says SlowDown.

const buckets = 400;
const bucketWidth = 0.005;
/** A gateway waits no longer for a quota. */
const waitMsMax = 5000;

/** Reads by how busy the partition was that served them: all that is kept of ten days. */
export class ReadLatency {
  readonly #reads = new Float64Array(buckets + 1);
  readonly #serviceMs: number;
  readonly #servers: number;

  constructor({ serviceMs, concurrency }: { readonly serviceMs: number; readonly concurrency: number }) {
    this.#serviceMs = serviceMs;
    this.#servers = concurrency;
  }

  add(reads: number, utilisation: number): void {
    const at = Math.min(buckets, Math.max(0, Math.floor(utilisation / bucketWidth)));
    this.#reads[at] = this.#reads[at]! + reads;
  }

  /** Time below which so many of the reads were answered, in ms. */
  quantile(level: number): number {
    const total = this.#reads.reduce((sum, each) => sum + each, 0);
    if (total === 0) return 0;
    let low = 0;
    let high = waitMsMax + 100 * this.#serviceMs;
    for (let round = 0; round < 50; round++) {
      const middle = (low + high) / 2;
      let later = 0;
      for (let at = 0; at <= buckets; at++)
        if (this.#reads[at]! > 0) later += this.#reads[at]! * this.#probLater(middle, (at + 0.5) * bucketWidth);
      if (later / total > 1 - level) low = middle;
      else high = middle;
    }
    return high;
  }

  #probLater(ms: number, utilisation: number): number {
    if (utilisation >= 1) return ms < waitMsMax ? 1 : Math.exp(-(ms - waitMsMax) / this.#serviceMs);
    const waits = erlangC(this.#servers, utilisation);
    const served = Math.exp(-ms / this.#serviceMs);
    const drain = (this.#servers * (1 - utilisation)) / this.#serviceMs;
    const own = 1 / this.#serviceMs;
    // P(wait + service > t), the wait being 0 or exponential at rate `drain`.
    const sum =
      Math.abs(drain - own) < 1e-9
        ? (1 + own * ms) * served
        : (drain * served - own * Math.exp(-drain * ms)) / (drain - own);
    return (1 - waits) * served + waits * sum;
  }
}

/** Probability that a request waits (Erlang 1917). */
function erlangC(servers: number, utilisation: number): number {
  const offered = servers * utilisation;
  let blocked = 1;
  for (let busy = 1; busy <= servers; busy++) blocked = (offered * blocked) / (busy + offered * blocked);
  return blocked / (1 - utilisation * (1 - blocked));
}
