// A budget of bytes that many requests share. Whoever waits asks the holders to let go of what they can write out early,
// so that slow senders, who hold bytes for long, cannot starve the others.
import type { Clock } from './clock.ts';
import { Fault } from './fault.ts';

/** Asked when somebody waits; gives back (soon) what it can. */
export type Pressed = () => void;

interface Waiter {
  readonly bytes: number;
  readonly grant: () => void;
}

export class ByteBudget {
  readonly #bytesMax: number;
  readonly #waitMsMax: number;
  readonly #clock: Clock;
  readonly #waiters: Waiter[] = [];
  readonly #holders = new Set<Pressed>();
  #taken = 0;
  #pressing: NodeJS.Immediate | undefined;

  constructor(options: { bytesMax: number; waitMsMax: number; clock: Clock }) {
    this.#bytesMax = options.bytesMax;
    this.#waitMsMax = options.waitMsMax;
    this.#clock = options.clock;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Registers a holder; the returned function ends that. */
  hold(pressed: Pressed): () => void {
    this.#holders.add(pressed);
    return () => this.#holders.delete(pressed);
  }

  /** First come, first served; a demand above the whole budget is granted when nothing else is taken. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    if (this.#waiters.length === 0 && this.#fits(bytes)) {
      this.#taken += bytes;
      return;
    }
    this.#pressSoon();
    await this.#wait(bytes, signal);
  }

  give(bytes: number): void {
    this.#taken -= bytes;
    this.#serve();
  }

  #fits(bytes: number): boolean {
    return this.#taken === 0 || this.#taken + bytes <= this.#bytesMax;
  }

  #serve(): void {
    while (this.#waiters.length > 0 && this.#fits(this.#waiters[0]!.bytes)) {
      const waiter = this.#waiters.shift()!;
      this.#taken += waiter.bytes;
      waiter.grant();
    }
    if (this.#waiters.length > 0) this.#pressSoon();
  }

  /** After those who were granted bytes have taken them in: they are holders like all others then. */
  #pressSoon(): void {
    this.#pressing ??= setImmediate(() => {
      this.#pressing = undefined;
      for (const pressed of this.#holders) pressed();
    });
  }

  async #wait(bytes: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const settled = new AbortController();
    const ends = signal ? AbortSignal.any([signal, settled.signal]) : settled.signal;
    let granted = false;
    const turn = new Promise<void>((resolve) => {
      const grant = () => {
        granted = true;
        resolve();
      };
      const waiter = { bytes, grant };
      this.#waiters.push(waiter);
      ends.addEventListener('abort', () => this.#leave(waiter), { once: true });
    });
    const patience = this.#clock.sleep(this.#waitMsMax, ends).then(
      () => 'late' as const,
      () => 'ended' as const,
    );
    await Promise.race([turn, patience]);
    settled.abort();
    if (granted) return;
    signal?.throwIfAborted();
    throw new Fault({ kind: 'overloaded', retryAfterMs: 1000, message: 'too many bytes in flight' });
  }

  #leave(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter);
    if (at < 0) return;
    this.#waiters.splice(at, 1);
    this.#serve();
  }
}
