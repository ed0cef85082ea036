// Many clients on few keys, everything that changes or reads an object at once, a few keys hotter than the rest. What is seen is
// judged while it goes on; keys that became slow to judge are left and replaced by new ones.
import type { Signer } from './presigned.ts';
import { RegisterClient } from './register-client.ts';
import { Register, RegisterBook } from './registers.ts';
import { Tally } from './tally.ts';

export const buckets = { plain: 'registers', versioned: 'versions' } as const;

export interface MixedLoadOptions {
  readonly port: number;
  readonly signer: Signer;
  readonly random: () => number;
  readonly seed: number;
  readonly clients: number;
  readonly keys: number;
  readonly mayLose: boolean;
}

type Step = (load: MixedLoad, client: RegisterClient, register: Register) => Promise<void>;

interface Choice {
  readonly step: Step;
  /** Plain registers are only read and put. */
  readonly suitsPlain: boolean;
}

const choice = (share: number, suitsPlain: boolean, step: Step): Choice[] =>
  Array<Choice>(share).fill({ step, suitsPlain });

/** A hundred requests. */
const wheel: readonly Choice[] = [
  choice(28, true, (_, client, register) => client.get(register)),
  choice(10, true, (_, client, register) => client.head(register)),
  choice(4, true, (load, client, register) => load.list(client, register)),
  choice(21, true, (load, client, register) => client.put(register, load.size())),
  choice(2, true, (load, client, register) => client.multipart(register, load.size())),
  choice(7, false, (load, client, register) => client.create(register, load.size())),
  choice(10, false, (load, client, register) => client.swap(register, load.size())),
  choice(8, false, (_, client, register) => client.delete(register)),
  choice(4, false, (_, client, register) => client.remove(register)),
  choice(6, false, (load, client, register) => load.copy(client, register)),
].flat();

const groupSize = 8;
const hotShare = 0.3;
const openMax = 6;
const largeShare = 0.04;
/** More than lies in the sockets and in the blocks that a read opens ahead. */
const slowBytes = 32 * 1024 * 1024;

export class MixedLoad {
  readonly book = new RegisterBook();
  readonly tally = new Tally();
  /** Every one that there was, in its place. */
  readonly registers: Register[];
  readonly leftAlone: Register[] = [];
  readonly #options: MixedLoadOptions;
  readonly #hot: readonly number[];
  #names = 0;

  constructor(options: MixedLoadOptions) {
    this.#options = options;
    this.registers = Array.from({ length: options.keys }, (_, place) => this.#newRegister(place));
    this.#hot = [5, 13, 21, 37].filter((place) => place < options.keys);
  }

  /** Until `isEnough`, which is asked before each request. */
  async run(isEnough: () => boolean): Promise<void> {
    const clients = Array.from({ length: this.#options.clients }, async (_, at) => {
      const client = this.#newClient(`c${at}`, 1 / 400);
      while (!isEnough()) await this.#step(client);
      client.close();
    });
    await Promise.all([...clients, this.#readSlowly(isEnough)]);
    await this.#lookAgain();
  }

  size(): number {
    const { random } = this.#options;
    return random() < largeShare ? 65_537 + Math.floor(random() * 250_000) : 32 + Math.floor(random() * 4_000);
  }

  async list(client: RegisterClient, { bucket, key }: Register): Promise<void> {
    const group = groupOf(key);
    const listed = this.registers.filter((one) => one.bucket === bucket && groupOf(one.key) === group && isFree(one));
    await client.list(bucket, group, listed);
  }

  async copy(client: RegisterClient, target: Register): Promise<void> {
    const source = this.#choose(() => true);
    if (source !== undefined && source !== target) await client.copy(source, target);
  }

  async #step(client: RegisterClient): Promise<void> {
    const { step, suitsPlain } = wheel[Math.floor(this.#options.random() * wheel.length)]!;
    const register = this.#choose(({ plain }) => suitsPlain || !plain);
    if (register === undefined) await new Promise((done) => setTimeout(done, 1));
    else await step(this, client, register);
  }

  #choose(suits: (register: Register) => boolean): Register | undefined {
    const { random, keys } = this.#options;
    for (let tries = 0; tries < 20; tries++) {
      const isHot = random() < hotShare && this.#hot.length > 0;
      const place = isHot ? this.#hot[Math.floor(random() * this.#hot.length)]! : Math.floor(random() * keys);
      const register = this.#fresh(place);
      if (register !== undefined && isFree(register) && suits(register)) return register;
    }
    return undefined;
  }

  /** The register in this place; another one once nobody waits for the old one any more. */
  #fresh(place: number): Register | undefined {
    const register = this.registers[place]!;
    if (!register.isWornOut) return register;
    if (register.open > 0) return undefined;
    this.leftAlone.push(register);
    this.registers[place] = this.#newRegister(place);
    return this.registers[place];
  }

  #newRegister(place: number): Register {
    const group = Math.floor(place / groupSize);
    const versioned = group % 4 === 1;
    const bucket = versioned ? buckets.versioned : buckets.plain;
    this.#names += 1;
    return new Register({ bucket, key: `g${group}/k${place}.${this.#names}`, versioned, plain: place % 16 === 0 });
  }

  #newClient(name: string, hangUpShare: number): RegisterClient {
    const { port, signer, random, mayLose, seed } = this.#options;
    const { book, tally } = this;
    return new RegisterClient({ port, signer, book, tally, random, name: `${seed} ${name}`, mayLose, hangUpShare });
  }

  /** Reads that are under way for seconds while what they read is replaced, compacted and collected. */
  async #readSlowly(isEnough: () => boolean): Promise<void> {
    const [reader, writer] = [this.#newClient('reader', 0), this.#newClient('writer', 0)];
    const register = new Register({ bucket: buckets.plain, key: 'slow/object', versioned: false, plain: true });
    await writer.put(register, slowBytes);
    while (!isEnough()) {
      const reading = reader.get(register, 2000 + this.#options.random() * 8000);
      await new Promise((done) => setTimeout(done, 300));
      await writer.put(register, slowBytes);
      await reading;
    }
    this.leftAlone.push(register);
    reader.close();
    writer.close();
  }

  /** At the end, every key once more, and the plain ones as a whole. */
  async #lookAgain(): Promise<void> {
    const client = this.#newClient('last', 0);
    for (const register of [...this.leftAlone, ...this.registers]) await client.get(register);
    client.close();
    for (const register of [...this.leftAlone, ...this.registers]) if (register.plain) this.book.judgeByZones(register);
  }
}

const isFree = ({ open, needsRest }: Register): boolean => open < openMax && !needsRest;
const groupOf = (key: string): string => key.slice(0, key.indexOf('/') + 1);
