// The S3 port. The supervisor accepts and hands the connections to the workers in turn, so a killed worker takes only its own
// connections with it, connections wait while none is ready, and closing the port loses nothing: what was accepted before was
// handed over before, in the same ordered channel as the word to drain. (node:cluster closes the port with its last worker and
// drops what is on the way to it.)
import { createServer, type Server, type Socket } from 'node:net';
import { Backlog } from '../base/backlog.ts';
import type { Clock } from '../base/clock.ts';
import { secondMs } from '../base/units.ts';
import type { Address } from '../config/kinds.ts';
import { turnAway } from './turn-away.ts';

export interface Taker {
  /** Connections on their way to it. */
  readonly backlog: number;
  take(socket: Socket): void;
}

export interface AcceptorOptions {
  /** The workers that are ready, asked at each connection. */
  readonly takers: () => readonly Taker[];
  /** A client could not read what stands before its handshake: who is turned away hears nothing. */
  readonly isTls: boolean;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Whoever comes behind so many hears at once that there is no room. */
const waitingMax = 1024;
const listenBacklog = 4096;
/** On the way to one worker. A busy one takes one in each turn of its event loop, whatever waits behind it in the channel. */
const backlogMax = 32;
/** While workers are there, but slow. While none is ready, connections wait. */
const waitMsMax = 10 * secondMs;
/**
 * A line that has stood for so long is no burst that drains, and whoever joins it waits no longer than a second: the rule of CoDel
 * (Nichols and Jacobson 2012), as Facebook's servers follow it ("Fail at Scale", 2015).
 */
const burstMsMax = 3 * secondMs;
const standingMsMax = 1 * secondMs;
const lookMs = 20;

export class Acceptor {
  readonly #server: Server;
  readonly #options: AcceptorOptions;
  readonly #backlog: Backlog;
  /** The eldest first. */
  readonly #waiting: { readonly socket: Socket; readonly sinceMs: number }[] = [];
  /** Connections that heard that there is no room, since the start. */
  turnedAway = 0;
  #turn = 0;
  /** Since when there has been a line. */
  #standingSinceMs = 0;
  #looking: NodeJS.Timeout | undefined;

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.#backlog = new Backlog(options.clock);
    this.#server = createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true }, (socket) =>
      this.give(socket),
    );
  }

  /** Resolves with the real port (0 = any free one). */
  async listen(address: Address): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: address.host, port: address.port, backlog: listenBacklog }, () => {
        this.#server.off('error', reject);
        // EMFILE and the like: the connection is lost, the port is not.
        this.#server.on('error', () => {});
        resolve();
      });
    });
    const bound = this.#server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : address.port;
  }

  give(socket: Socket): void {
    const taker = this.#waiting.length === 0 ? this.#next() : undefined;
    if (taker !== undefined) this.#hand(socket, taker);
    else if (this.#waiting.length < waitingMax) {
      if (this.#waiting.length === 0) this.#standingSinceMs = this.#options.clock.monotonicMs();
      socket.on('error', () => {});
      this.#waiting.push({ socket, sinceMs: this.#options.clock.monotonicMs() });
      this.#lookSoon();
    } else this.#turnAway(socket);
  }

  /** Hands over who waits, as far as workers take them; called when one became ready. */
  flush(): void {
    while (this.#waiting.length > 0) {
      const taker = this.#next();
      if (taker === undefined) break;
      const { socket } = this.#waiting.shift()!;
      if (!socket.destroyed) this.#hand(socket, taker);
    }
    if (this.#waiting.length === 0) return;
    const nowMs = this.#options.clock.monotonicMs();
    const untilMs = nowMs - (nowMs - this.#standingSinceMs > burstMsMax ? standingMsMax : waitMsMax);
    while (this.#options.takers().length > 0 && (this.#waiting[0]?.sinceMs ?? Number.POSITIVE_INFINITY) < untilMs) {
      const { socket } = this.#waiting.shift()!;
      this.#turnAway(socket);
    }
    this.#lookSoon();
  }

  /** Stops accepting at once; who waits is handed over however long the queues are. */
  close(): void {
    this.#server.close();
    clearTimeout(this.#looking);
    for (const { socket } of this.#waiting.splice(0)) {
      const taker = this.#next(Number.POSITIVE_INFINITY);
      if (taker === undefined) socket.destroy();
      else if (!socket.destroyed) this.#hand(socket, taker);
    }
  }

  /** In turn, among those with the shortest queue: who takes its connections slowly, or not at all, is handed fewer. */
  #next(most = backlogMax): Taker | undefined {
    const takers = this.#options.takers();
    const backlog = Math.min(...takers.map((taker) => taker.backlog));
    if (backlog >= most) return undefined;
    const free = takers.filter((taker) => taker.backlog === backlog);
    return free[this.#turn++ % Math.max(1, free.length)];
  }

  #hand(socket: Socket, taker: Taker): void {
    this.#backlog.admitted();
    taker.take(socket);
  }

  #turnAway(socket: Socket): void {
    this.turnedAway += 1;
    if (this.#options.isTls) socket.destroy();
    else if (!socket.destroyed) turnAway(socket, this.#backlog.turnedAway());
  }

  #lookSoon(): void {
    this.#looking ??= setTimeout(() => {
      this.#looking = undefined;
      this.flush();
    }, lookMs).unref();
  }
}
