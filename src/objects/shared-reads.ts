// Identical reads that are under way at once are one read: whoever asks for bytes that another is fetching takes them from the same hand. Only
// short ones, within a budget of memory: the bytes are held until the slowest has them, so that nobody is held up by him.

/** Longer reads go alone: they stream, and hold little. */
export const sharedBytesMax = 256 * 1024;
/** Of all shared reads that are under way together. */
const heldBytesMax = 32 * 1024 * 1024;

/** Where the bytes of a read come from. */
export interface Origin {
  /** `primary`, `echo:<partition>` or `hedge`; said before the first of them are there. */
  copy?: string;
  /** To be told of each further read that takes from this one. */
  joined?: () => void;
}

interface Reading {
  readonly chunks: Buffer[];
  readonly origin: Origin;
  readonly bytes: number;
  readonly stop: AbortController;
  /** Of those that take from it. */
  takers: number;
  isOver: boolean;
  failure: unknown;
  /** Called at each chunk and at the end. */
  readonly waiting: Set<() => void>;
}

export class SharedReads {
  readonly #running = new Map<string, Reading>();
  #heldBytes = 0;

  /**
   * Bytes named by `name`, all of them the same for the same name. `start` is asked once for those who come while it runs; its signal is
   * aborted when the last of them has gone. A taker's own `signal` ends his part alone; `told` tells him where his bytes came from.
   */
  async *read(
    name: string,
    bytes: number,
    start: (signal: AbortSignal, origin: Origin) => AsyncIterable<Buffer>,
    signal?: AbortSignal,
    told: Origin = {},
  ): AsyncGenerator<Buffer, void> {
    let reading = this.#running.get(name);
    if (reading === undefined) {
      if (bytes > sharedBytesMax || this.#heldBytes + bytes > heldBytesMax) {
        yield* start(signal ?? new AbortController().signal, told);
        return;
      }
      reading = this.#begin(name, bytes, start);
    } else reading.origin.joined?.();
    reading.takers += 1;
    try {
      for (let at = 0; ; at++) {
        while (at === reading.chunks.length && !reading.isOver) await news(reading, signal);
        signal?.throwIfAborted();
        if (at === reading.chunks.length) break;
        if (reading.origin.copy !== undefined) told.copy = reading.origin.copy;
        yield reading.chunks[at]!;
      }
      if (reading.failure !== undefined) throw reading.failure;
    } finally {
      reading.takers -= 1;
      if (reading.takers === 0) this.#forget(name, reading);
    }
  }

  /** Of the reads that others may join now. */
  get running(): number {
    return this.#running.size;
  }

  #begin(name: string, bytes: number, start: (signal: AbortSignal, origin: Origin) => AsyncIterable<Buffer>): Reading {
    const stop = new AbortController();
    const reading: Reading = {
      ...{
        chunks: [],
        origin: {},
        bytes,
        stop,
        takers: 0,
        isOver: false,
        failure: undefined,
        waiting: new Set<() => void>(),
      },
    };
    this.#running.set(name, reading);
    this.#heldBytes += bytes;
    void this.#pump(name, reading, start(stop.signal, reading.origin));
    return reading;
  }

  async #pump(name: string, reading: Reading, source: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const chunk of source) {
        reading.chunks.push(chunk);
        tell(reading);
      }
    } catch (error) {
      reading.failure = error;
    }
    reading.isOver = true;
    // Who comes from here on asks anew: what is true now may be another thing.
    if (this.#running.get(name) === reading) this.#running.delete(name);
    tell(reading);
  }

  #forget(name: string, reading: Reading): void {
    if (this.#running.get(name) === reading) this.#running.delete(name);
    this.#heldBytes -= reading.bytes;
    reading.stop.abort();
  }
}

function tell({ waiting }: Reading): void {
  const told = [...waiting];
  waiting.clear();
  for (const each of told) each();
}

function news({ waiting }: Reading, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => {
      waiting.delete(told);
      reject(signal!.reason);
    };
    const told = (): void => {
      signal?.removeEventListener('abort', gone);
      resolve();
    };
    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener('abort', gone, { once: true });
    waiting.add(told);
  });
}
