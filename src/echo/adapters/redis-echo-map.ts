// EchoMap in Redis: for gateways on several machines. What is lost there is forgotten, and what stands there that is no entry is taken for none:
// it may be replaced, and goes when somebody comes by.
import { decodeEcho, encodeEcho } from '../../catalog/records/echo.ts';
import type { Echo, EchoName } from '../../model/echo.ts';
import type { BlockId } from '../../model/ids.ts';
import { keyPrefix, RedisConnection, type RedisConnectionOptions } from '../../redis/redis.ts';
import type { EchoMap } from '../echo.ts';
import { changeScript, pageScript } from './redis-echo-scripts.ts';

export interface RedisEchoMapOptions extends RedisConnectionOptions {
  /** Begins every key; no braces in it. Gateways that share a Redis and not their catalog need different ones: they would sweep each other's. */
  readonly namespace?: string;
}

/** More copies of one block than anybody may ask for. */
const ofBlockMax = 64;
/** No entry is longer. */
const entryBytesMax = 256;
/** Keys that nobody changes or walks over for so long go. */
const expirySec = 86_400;
/** Names that one walk over the index looks at, at least: among many without an entry it still gets on. */
const looksMin = 500;

const idPattern = /^[0-9a-f]{32}$/;
const partitionPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/;

export class RedisEchoMap implements EchoMap {
  readonly #connection: RedisConnection;
  readonly #index: string;
  readonly #entries: string;

  /** Connects in the background. Throws a TypeError when the URL or the namespace is none. */
  static open(options: RedisEchoMapOptions): RedisEchoMap {
    return new RedisEchoMap(options);
  }

  private constructor(options: RedisEchoMapOptions) {
    const prefix = keyPrefix('echoes', options.namespace);
    this.#index = `${prefix}index`;
    this.#entries = `${prefix}of:`;
    this.#connection = new RedisConnection(options);
  }

  async of(block: BlockId): Promise<readonly Echo[]> {
    const fields = await this.#ask('HGETALL', this.#entries + block).catch((error: Error) => {
      if (error.message.startsWith('WRONGTYPE')) return [];
      throw error;
    });
    return pairsOf(fields)
      .flatMap(([partition, value]) => entryOf({ block, partition: partition.toString() }, value) ?? [])
      .sort((a, b) => (a.partition < b.partition ? -1 : 1))
      .slice(0, ofBlockMax);
  }

  /** In the order of block and partition; one round trip, and one more for each 500 names or so that have lost their entries. */
  async page(after: EchoName | undefined, count: number): Promise<readonly Echo[]> {
    const found: Echo[] = [];
    let from: string | Buffer = after === undefined ? '' : indexNameOf(after);
    for (let isEnd = false; found.length < count && !isEnd; ) {
      const wanted = count - found.length;
      const options = [from, wanted, Math.max(wanted, looksMin), this.#entries, entryBytesMax, expirySec];
      const [end, last, ...pairs] = await this.#ask('EVAL', pageScript, 1, this.#index, ...options);
      isEnd = end === 1;
      from = last as Buffer;
      const garbage: EchoName[] = [];
      for (const [text, value] of pairsOf(pairs)) {
        const name = echoNameIn(text.toString());
        const echo = entryOf(name, value);
        if (echo === undefined) garbage.push(name);
        else found.push(echo);
      }
      await Promise.all(garbage.map((name) => this.change(name, undefined, undefined)));
    }
    return found;
  }

  async change(name: EchoName, known: Echo | undefined, next: Echo | undefined): Promise<boolean> {
    const value = next === undefined ? '' : encodeEcho(next);
    if (known !== undefined) return (await this.#swap(name, encodeEcho(known), value)) === undefined;
    const there = await this.#swap(name, '', value);
    if (there === undefined) return true;
    // It may be replaced if it is no entry, and nobody makes it one meanwhile.
    return entryOf(name, there) === undefined && (await this.#swap(name, there, value)) === undefined;
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** Undefined: done. Else what is there instead of `known`. */
  async #swap(name: EchoName, known: Buffer | string, next: Buffer | string): Promise<Buffer | undefined> {
    const keys = [this.#entries + name.block, this.#index];
    const options = [name.partition, indexNameOf(name), known, next, entryBytesMax, expirySec];
    const answer: unknown = await this.#ask('EVAL', changeScript, keys.length, ...keys, ...options);
    return answer === 1 ? undefined : (answer as Buffer);
  }

  #ask(command: string, ...values: (string | number | Buffer)[]): Promise<unknown[]> {
    return this.#connection.ask((client) => client.callBuffer(command, ...values) as Promise<unknown[]>);
  }
}

const indexNameOf = ({ block, partition }: EchoName): string => `${block} ${partition}`;
const echoNameIn = (text: string): EchoName => ({ block: text.slice(0, 32), partition: text.slice(33) });

function pairsOf(flat: readonly unknown[]): [Buffer, Buffer][] {
  const pairs: [Buffer, Buffer][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) pairs.push([flat[at] as Buffer, flat[at + 1] as Buffer]);
  return pairs;
}

/** Undefined: it is none. One that would be written otherwise is none either: it could never be found again as it is known. */
function entryOf(name: EchoName, value: Buffer): Echo | undefined {
  if (!idPattern.test(name.block) || !partitionPattern.test(name.partition) || value.length > entryBytesMax)
    return undefined;
  try {
    const row = decodeEcho(value);
    return encodeEcho(row).equals(value) ? { ...name, ...row } : undefined;
  } catch {
    return undefined;
  }
}
