// One connection to a Redis server, or one to each node of a cluster, that never keeps anybody waiting: commands are sent when it is ready
// and refused when it is not, nothing is queued while it is away and nothing is sent twice. It comes back by itself.
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { callMs, within } from '../base/within.ts';

export interface RedisConnectionOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` with TLS. */
  readonly url: string;
  /** The URL names one node of a cluster, which tells of the others. */
  readonly cluster?: boolean;
  /** PEM of the authority to trust with `rediss://`, in place of the system's. */
  readonly ca?: string;
}

const retryMs = { first: 100, max: 2000 };
/** A socket whose other end is silent is not waited for. */
const partingMs = 50;

const bare = {
  connectTimeout: callMs,
  disconnectTimeout: partingMs,
  keepAlive: 10_000,
  enableOfflineQueue: false,
  // A script that was sent may have run: sent anew, it would count twice.
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (times: number) => Math.min(retryMs.first * 2 ** Math.min(times, 10), retryMs.max),
} satisfies RedisOptions;

const inCluster = {
  enableOfflineQueue: false,
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  slotsRefreshTimeout: callMs,
  clusterRetryStrategy: bare.retryStrategy,
} satisfies ClusterOptions;

export type RedisClient = Redis | Cluster;

export class RedisConnection {
  readonly #client: RedisClient;
  #lastError: Error | undefined;
  #isClosed = false;
  /** How the attempt to connect that is under way ends: one for all who wait for it. */
  #attempt: Promise<'ready' | 'close'> | undefined;

  /** Throws a TypeError when `url` is none. */
  constructor({ url, cluster = false, ca }: RedisConnectionOptions) {
    const { host, port, ...redisOptions } = addressOf(url, ca);
    this.#client = cluster
      ? new Cluster([{ host, port }], { ...inCluster, redisOptions: { ...redisOptions, ...bare } })
      : new Redis({ host, port, ...redisOptions, ...bare });
    const keep = (error: Error): void => {
      this.#lastError = error;
    };
    // Unheard, an error event would end the process.
    this.#client.on('error', keep);
    this.#client.on('node error', keep);
    this.#client.on('ready', () => {
      this.#lastError = undefined;
    });
  }

  /** Rejects when the server is away, refuses, or has not answered in `callMs`. */
  async ask<T>(question: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error('the connection to Redis is closed');
    const work = this.#ready().then(() => question(this.#client));
    try {
      // Whatever hangs in that connection is refused with it, and cannot pile up.
      return await within(work, () => this.#client.disconnect(true));
    } catch (error) {
      const { name, message } = error as Error;
      if (name === 'ReplyError') throw error;
      throw new Error(`Redis is away: ${this.#lastError?.message || message}`, { cause: error });
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#client.disconnect();
  }

  /** At once when it is ready or between two attempts; an attempt under way is waited for. */
  async #ready(): Promise<void> {
    const client = this.#client;
    if (client.status === 'ready') return;
    if (client.status === 'end') client.connect().catch(() => {});
    const isOnItsWay = ['connecting', 'connect'].includes(client.status);
    if (isOnItsWay) {
      this.#attempt ??= this.#attemptEnds();
      if ((await this.#attempt) === 'ready') return;
    }
    throw new Error('not connected');
  }

  #attemptEnds(): Promise<'ready' | 'close'> {
    return new Promise((resolve) => {
      const settle = (how: 'ready' | 'close') => () => {
        for (const [event, heard] of Object.entries(heards)) this.#client.off(event, heard);
        this.#attempt = undefined;
        resolve(how);
      };
      const heards = { ready: settle('ready'), close: settle('close'), end: settle('close') };
      for (const [event, heard] of Object.entries(heards)) this.#client.once(event, heard);
    });
  }
}

function addressOf(text: string, ca: string | undefined) {
  const { protocol, hostname, port, username, password, pathname } = new URL(text);
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw new TypeError(`not redis:// or rediss://: ${protocol}//…`);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    db: Number(pathname.slice(1) || 0),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: ca === undefined ? {} : { ca } }),
  };
}
