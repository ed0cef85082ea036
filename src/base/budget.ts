// A budget of bytes that many requests share, the eldest first: what was begun is finished before anything new begins, so under any load
// some go through at full speed and the rest hear soon that they must come again. No more are at work at once than could all hold what
// they began with: otherwise hundreds would creep on together. Whoever waits asks the holders to let go of what they can write out
// early, and silent ones are not at work, so that slow senders, who hold bytes for long, cannot starve the others.
import { Backlog } from './backlog.ts';
import type { Clock } from './clock.ts';
import { Fault } from './fault.ts';
import { KiB, MiB, secondMs } from './units.ts';

export interface Holder {
  /** Asked while somebody waits: gives back what it can, and says whether bytes of its will come back without anybody's doing. */
  press(): boolean;
  /** Its sender brings nothing just now. */
  isSilent(): boolean;
}

/** One holder's part in the budget. */
export interface Share {
  /** Waits for a turn: behind all elder shares, before all younger ones. A share that holds nothing yet does not wait for long. */
  take(bytes: number, signal?: AbortSignal): Promise<void>;
  give(bytes: number): void;
  /** It takes no more; what it holds it still gives back. */
  end(): void;
}

interface Member {
  readonly age: number;
  readonly holder: Holder;
  /** What it began with. */
  place: number | undefined;
}

interface Waiter {
  readonly member: Member;
  readonly bytes: number;
  readonly grant: () => void;
}

/** Until a holder has written out what was asked of it; after that the disk is what is slow. */
const waitMsMax = 30 * secondMs;
const newWaitMsMax = 1 * secondMs;
const pressMs = 100;
/** About what an unread request holds in its socket. */
const newWaiterBytes = 128 * KiB;
const newWaitersMin = 64;
const beyondBytesMax = 16 * MiB;

export class ByteBudget {
  readonly #bytesMax: number;
  readonly #clock: Clock;
  readonly #backlog: Backlog;
  /** By age, the eldest first. */
  readonly #waiters: Waiter[] = [];
  readonly #members = new Set<Member>();
  #taken = 0;
  /** The places of all members, silent or not. */
  #placed = 0;
  #newWaiters = 0;
  #lastAge = 0;
  #pressing: NodeJS.Immediate | undefined;
  #watching = false;

  constructor(options: { bytesMax: number; clock: Clock }) {
    this.#bytesMax = options.bytesMax;
    this.#clock = options.clock;
    this.#backlog = new Backlog(options.clock);
  }

  get taken(): number {
    return this.#taken;
  }

  join(holder: Holder): Share {
    const member: Member = { age: ++this.#lastAge, holder, place: undefined };
    this.#members.add(member);
    return {
      take: async (bytes, signal) => {
        const [eldest] = this.#waiters;
        const isNext = eldest === undefined || eldest.member.age > member.age;
        if (isNext && this.#fits(member, bytes)) this.#admit(member, bytes);
        else await this.#wait(member, bytes, signal);
      },
      give: (bytes) => {
        this.#taken -= bytes;
        this.#serve();
      },
      end: () => {
        if (!this.#members.delete(member)) return;
        this.#placed -= member.place ?? 0;
        this.#serve();
      },
    };
  }

  /** A demand above the whole budget is granted when nothing else is taken. */
  #fits(member: Member, bytes: number): boolean {
    if (this.#taken > 0 && this.#taken + bytes > this.#bytesMax) return false;
    if (member.place !== undefined || this.#placed + bytes <= this.#bytesMax) return true;
    const atWork = this.#placesAtWork();
    return atWork === 0 || atWork + bytes <= this.#bytesMax;
  }

  #placesAtWork(): number {
    let places = 0;
    for (const { holder, place = 0 } of this.#members) if (place > 0 && !holder.isSilent()) places += place;
    return places;
  }

  #admit(member: Member, bytes: number): void {
    this.#taken += bytes;
    if (member.place !== undefined) return;
    member.place = bytes;
    this.#placed += bytes;
    this.#backlog.admitted();
  }

  #serve(): void {
    this.#grantWhatFits();
    if (this.#waiters.length > 0) this.#pressSoon();
  }

  #grantWhatFits(): void {
    for (let first = this.#waiters[0]; first && this.#fits(first.member, first.bytes); first = this.#waiters[0])
      this.#grantFirst();
  }

  #grantFirst(): void {
    const { member, bytes, grant } = this.#waiters.shift()!;
    this.#admit(member, bytes);
    grant();
  }

  /** After those who were granted bytes have taken them in: they are holders like all others then. */
  #pressSoon(): void {
    this.#pressing ??= setImmediate(() => {
      this.#pressing = undefined;
      this.#press();
    });
  }

  #press(): void {
    let comes = false;
    for (const { holder } of [...this.#members]) comes = holder.press() || comes;
    this.#grantWhatFits();
    const [eldest] = this.#waiters;
    if (comes || eldest?.member.place === undefined) return;
    // Nobody can let go: the eldest goes on a little beyond the budget, until it holds a block that it can write out.
    if (this.#taken + eldest.bytes <= this.#bytesMax + beyondBytesMax) this.#grantFirst();
  }

  /** Holders that had nothing to give may have something later. */
  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    while (this.#waiters.length > 0) {
      await this.#clock.sleep(pressMs);
      if (this.#waiters.length > 0) this.#pressSoon();
    }
    this.#watching = false;
  }

  async #wait(member: Member, bytes: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const isNew = member.place === undefined;
    if (isNew && this.#newWaiters >= Math.max(newWaitersMin, this.#bytesMax / newWaiterBytes)) throw this.#refused();
    const settled = new AbortController();
    const ends = signal ? AbortSignal.any([signal, settled.signal]) : settled.signal;
    let granted = false;
    const turn = new Promise<void>((resolve) => {
      const grant = () => {
        granted = true;
        resolve();
      };
      const waiter = { member, bytes, grant };
      this.#queue(waiter);
      ends.addEventListener('abort', () => this.#leave(waiter), { once: true });
    });
    if (isNew) this.#newWaiters += 1;
    this.#pressSoon();
    void this.#watch();
    const patience = this.#clock.sleep(isNew ? newWaitMsMax : waitMsMax, ends).catch(() => undefined);
    await Promise.race([turn, patience]);
    settled.abort();
    if (isNew) this.#newWaiters -= 1;
    if (granted) return;
    signal?.throwIfAborted();
    throw this.#refused();
  }

  /** Most wait in the order in which they came. */
  #queue(waiter: Waiter): void {
    let at = this.#waiters.length;
    while (at > 0 && this.#waiters[at - 1]!.member.age > waiter.member.age) at -= 1;
    this.#waiters.splice(at, 0, waiter);
  }

  #leave(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter);
    if (at < 0) return;
    this.#waiters.splice(at, 1);
    this.#serve();
  }

  #refused(): Fault {
    return new Fault({
      kind: 'overloaded',
      retryAfterMs: this.#backlog.turnedAway(),
      message: 'too many bytes in flight',
    });
  }
}
