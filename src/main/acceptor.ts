// The S3 port. The supervisor accepts and hands each connection to the next worker in turn, so a killed worker takes only its own
// connections with it, connections wait while none is ready, and closing the port loses nothing: what was accepted before was
// handed over before, in the same ordered channel as the word to drain. (node:cluster closes the port with its last worker and
// drops what is on the way to it.)
import { createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../config/kinds.ts';

export interface Taker {
  take(socket: Socket): void;
}

const waitingMax = 4096;
const backlog = 4096;

export class Acceptor {
  readonly #server: Server;
  readonly #takers: () => readonly Taker[];
  readonly #waiting: Socket[] = [];
  #turn = 0;

  /** `takers`: the workers that are ready, asked at each connection. */
  constructor(takers: () => readonly Taker[]) {
    this.#takers = takers;
    this.#server = createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true }, (socket) =>
      this.give(socket),
    );
  }

  /** Resolves with the real port (0 = any free one). */
  async listen(address: Address): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: address.host, port: address.port, backlog }, () => {
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
    const takers = this.#takers();
    const taker = takers[this.#turn++ % Math.max(1, takers.length)];
    if (taker !== undefined) taker.take(socket);
    else if (this.#waiting.length < waitingMax) {
      socket.on('error', () => {});
      this.#waiting.push(socket);
    } else socket.destroy();
  }

  /** A worker became ready: hand over who waits. */
  flush(): void {
    for (const socket of this.#waiting.splice(0)) {
      if (!socket.destroyed) this.give(socket);
    }
  }

  /** Stops accepting at once. */
  close(): void {
    this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }
}
