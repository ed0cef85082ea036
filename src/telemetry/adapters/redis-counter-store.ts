// CounterStore over Redis: where the counters of several gateways meet. Rejects while Redis is away; counters that go on then are
// FallbackCounterStore's.
import { keyPrefix, type RedisClient, RedisConnection, type RedisConnectionOptions } from '../../redis/redis.ts';
import {
  type BinCounts,
  binOf,
  type CounterBatch,
  type CounterStore,
  type HeatedBlock,
  heatedMax,
  keptSec,
} from '../counter-store.ts';
import { coldScore, heatAt, scoreOf } from '../heat.ts';
import { binFrom, fieldsOf } from './redis-fields.ts';
import { changeScript } from './redis-script.ts';

export interface RedisCounterStoreOptions extends RedisConnectionOptions {
  /** Begins every key; no braces in it. Gateways that share a Redis and not their load need different ones. */
  readonly namespace?: string;
}

interface Change {
  readonly startSec?: number;
  readonly fields?: readonly (readonly [name: string, amount: number])[];
  readonly blocks?: readonly (readonly [block: string, area: string, score: number])[];
  /** Blocks below it go. */
  readonly coldScore?: number | '-inf';
}

type Answers = [error: Error | null, answer: unknown][] | null;

export class RedisCounterStore implements CounterStore {
  readonly #connection: RedisConnection;
  readonly #prefix: string;

  /** Connects in the background. */
  static open(options: RedisCounterStoreOptions): RedisCounterStore {
    return new RedisCounterStore(options);
  }

  private constructor(options: RedisCounterStoreOptions) {
    this.#prefix = keyPrefix('counters', options.namespace);
    this.#connection = new RedisConnection(options);
  }

  async add(batch: CounterBatch): Promise<void> {
    const fields = fieldsOf(batch);
    const blocks = batch.blocks.filter(({ reads }) => reads > 0);
    await this.#connection.ask((client) =>
      this.#run(client, {
        startSec: binOf(batch.timeSec),
        fields,
        blocks: blocks.map(({ block, area, reads }) => [block, area, scoreOf(reads, batch.timeSec)]),
      }),
    );
  }

  async bins(fromSec: number, toSec: number): Promise<readonly BinCounts[]> {
    const found = await this.#connection.ask(async (client) => {
      const starts = await client.zrangebyscore(this.#key('bins'), bound(fromSec), `(${bound(toSec)}`);
      const pipeline = client.pipeline();
      for (const start of starts) pipeline.hgetall(this.#binKey(Number(start)));
      const fields = answersOf(await pipeline.exec()) as Record<string, string>[];
      return starts.map((start, at) => binFrom(Number(start), fields[at]!));
    });
    return found.filter((bin) => bin !== undefined);
  }

  async hottest(count: number, nowSec: number): Promise<readonly HeatedBlock[]> {
    if (!(count >= 1)) return [];
    return await this.#connection.ask(async (client) => {
      const last = Math.min(count, heatedMax) - 1;
      const flat = await client.zrevrange(this.#key('heat'), 0, last, 'WITHSCORES');
      const blocks = flat.filter((_, at) => at % 2 === 0);
      const areas = blocks.length === 0 ? [] : await client.hmget(this.#key('areas'), ...blocks);
      return blocks.flatMap((block, at) => {
        const area = areas[at];
        return typeof area === 'string' ? [{ block, area, heat: heatAt(Number(flat[2 * at + 1]), nowSec) }] : [];
      });
    });
  }

  async tidy(nowSec: number): Promise<void> {
    await this.#connection.ask(async (client) => {
      await this.#run(client, { coldScore: coldScore(nowSec) });
      const old = await client.zrangebyscore(this.#key('bins'), '-inf', `(${bound(nowSec - keptSec)}`);
      if (old.length === 0) return;
      const pipeline = client.pipeline();
      pipeline.unlink(...old.map((start) => this.#binKey(Number(start))));
      pipeline.zrem(this.#key('bins'), ...old);
      answersOf(await pipeline.exec());
    });
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  async #run(
    client: RedisClient,
    { startSec = 0, fields = [], blocks = [], coldScore = '-inf' }: Change,
  ): Promise<void> {
    const keys = [this.#binKey(startSec), this.#key('bins'), this.#key('heat'), this.#key('areas')];
    const sums = [fields.length, ...fields.flat()];
    const heats = [blocks.length, ...blocks.flat(), heatedMax, coldScore];
    await client.eval(changeScript, keys.length, ...keys, keptSec, startSec, ...sums, ...heats);
  }

  #key(name: string): string {
    return `${this.#prefix}${name}`;
  }

  #binKey(startSec: number): string {
    return this.#key(`bin:${startSec}`);
  }
}

const bound = (sec: number): string => (Number.isFinite(sec) ? String(sec) : sec > 0 ? '+inf' : '-inf');

/** A pipeline answers for each command apart; one that failed fails all. */
function answersOf(answers: Answers): unknown[] {
  return (answers ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}
