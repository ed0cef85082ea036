// The keys of a trial as registers: every request is written down with start and end on one clock, and whenever nothing is open on a
// key its history is judged and forgotten, so that a million operations need no more memory than a thousand.
import { sequenceOf } from '../../../src/objects/version-ids.ts';
import { OrderSearch, zonesHold } from './linearizable.ts';
import { type Act, describeOperation, type Operation } from './register.ts';

export interface RegisterPlace {
  readonly bucket: string;
  readonly key: string;
  readonly versioned: boolean;
  /** Only put and read, never conditionally: its whole history is judged a second time, by zones. */
  readonly plain: boolean;
}

/** So many lost operations make a key slow to judge: it is left alone, and another one takes its place. */
const lostMax = 4;
/** So much without a moment of rest: the key is left alone until what is open has ended. */
const batchMax = 400;
const brokenShownMax = 200;

export class Register {
  readonly bucket: string;
  readonly key: string;
  readonly versioned: boolean;
  readonly plain: boolean;
  readonly search = new OrderSearch();
  /** Requests under way. */
  open = 0;
  batch: Operation[] = [];
  /** Of plain ones. */
  readonly history: Operation[] = [];
  /** Something that was there a while ago, for conditions. */
  etag: string | undefined;
  /** Which process took the newest write that is known. */
  writer = '';
  /** Of versions that were acknowledged or read: none that starts later may be older. */
  sequence = -1;
  readonly versionIds = new Set<string>();
  /** Changes whose answers were lost. */
  lostEver = 0;
  isBroken = false;
  /** No answer says what it holds now. */
  isUnknown = false;

  constructor({ bucket, key, versioned, plain }: RegisterPlace) {
    this.bucket = bucket;
    this.key = key;
    this.versioned = versioned;
    this.plain = plain;
  }

  get isWornOut(): boolean {
    return this.isBroken || this.isUnknown || this.search.lost > lostMax;
  }

  get needsRest(): boolean {
    return this.batch.length > batchMax;
  }
}

export interface Ticket {
  readonly register: Register;
  readonly start: number;
  /** What was known of the register's sequence at the start. */
  readonly floor: number;
}

export class RegisterBook {
  /** Operations on single keys that were judged; a listing counts once for every key it speaks of. */
  judged = 0;
  lost = 0;
  longestBatch = 0;
  mostOpen = 0;
  readonly broken: string[] = [];
  #tick = 0;

  begin(register: Register): Ticket {
    register.open += 1;
    this.mostOpen = Math.max(this.mostOpen, register.open);
    return { register, start: ++this.#tick, floor: register.sequence };
  }

  /** `act` is what was asked and answered; without one the request changed and told nothing. */
  end({ register, start }: Ticket, act?: Act): void {
    this.#close(register, act && { act, start, end: ++this.#tick });
  }

  /** The answer of something that leaves nobody knows what never came: the key is unknown from now on. */
  loseTrack(ticket: Ticket): void {
    ticket.register.isUnknown = true;
    this.lost += 1;
    ticket.register.lostEver += 1;
    this.#close(ticket.register, undefined);
  }

  /** The answer never came. Without an act it cannot have taken effect. */
  lose({ register, start }: Ticket, act?: Act): void {
    if (act !== undefined) {
      this.lost += 1;
      register.lostEver += 1;
    }
    this.#close(register, act && { act, start, end: Number.POSITIVE_INFINITY });
  }

  /** A version id in an answer: versions come in the order in which they were acknowledged. */
  noteVersion({ register, floor }: Ticket, versionId: string, isNew: boolean): void {
    const sequence = sequenceOf(versionId);
    if (isNew ? sequence <= floor : sequence < floor) {
      const what = isNew ? 'a new version' : 'a version that was read';
      this.report(register, `${what} has sequence ${sequence}, but ${floor} had been seen before it was asked for`);
    }
    register.sequence = Math.max(register.sequence, sequence);
    if (isNew) register.versionIds.add(versionId);
  }

  report(register: Register, what: string): void {
    if (this.broken.length < brokenShownMax) this.broken.push(`${register.bucket}/${register.key}: ${what}`);
    register.isBroken = true;
  }

  /** The whole of a plain register's history, once nothing is open. */
  judgeByZones(register: Register): number {
    if (!zonesHold(register.history)) this.report(register, 'its zones contradict each other');
    return register.history.length;
  }

  #close(register: Register, operation: Operation | undefined): void {
    register.open -= 1;
    if (operation !== undefined) {
      register.batch.push(operation);
      if (register.plain) register.history.push(operation);
    }
    if (register.open === 0) this.#judge(register);
  }

  #judge(register: Register): void {
    const { batch, search } = register;
    register.batch = [];
    this.longestBatch = Math.max(this.longestBatch, batch.length);
    if (register.isBroken || register.isUnknown || batch.length === 0) return;
    this.judged += batch.length;
    const before = search.states.map((state) => state.toString(16)).join(' or ');
    if (search.add(batch)) return;
    const shown = batch.slice(-12).map(describeOperation).join('; ');
    this.report(register, `no order explains these answers, from state ${before}: ${shown}`);
  }
}
