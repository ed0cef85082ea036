// A process of its own, so that its waiting disturbs nobody's clock: one relay per partition in front of the backend. Each GET waits there for a
// service time, drawn from a log-normal distribution; a partition may be made slower, or be taken down with all its connections.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { chance, normal } from '../../test/unit/forecast/made-series.ts';

export interface ServiceOrder {
  readonly partition: number;
  /** On every service time; 1 is usual. */
  readonly factor: number;
  readonly isDown: boolean;
}

interface Asked {
  readonly backendPort: number;
  readonly ports: readonly number[];
  readonly meanMs: number;
  readonly sigma: number;
}

const asked = JSON.parse(process.argv[2]!) as Asked;
const random = chance(7);

class Relay {
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  factor = 1;

  constructor(port: number) {
    this.#port = port;
  }

  async open(): Promise<void> {
    if (this.#server !== undefined) return;
    this.#server = createServer((socket) => this.#relay(socket));
    await new Promise<void>((resolve) => this.#server!.listen(this.#port, '127.0.0.1', resolve));
  }

  close(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  #relay(near: Socket): void {
    const far = connect({ port: asked.backendPort, host: '127.0.0.1', noDelay: true });
    near.setNoDelay(true);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    far.pipe(near);
    let before = Promise.resolve();
    near.on('data', (chunk) => {
      const isGet = chunk.length > 4 && chunk.toString('latin1', 0, 4) === 'GET ';
      const waitMs = isGet ? this.#serviceMs() : 0;
      before = before
        .then(() => (waitMs > 0 ? new Promise<void>((resolve) => setTimeout(resolve, waitMs)) : undefined))
        .then(() => void far.write(chunk));
    });
  }

  #serviceMs(): number {
    const { meanMs, sigma } = asked;
    return this.factor * meanMs * Math.exp(sigma * normal(random) - sigma ** 2 / 2);
  }
}

const relays = asked.ports.map((port) => new Relay(port));
await Promise.all(relays.map((relay) => relay.open()));
process.on('message', async ({ partition, factor, isDown }: ServiceOrder) => {
  const relay = relays[partition]!;
  relay.factor = factor;
  if (isDown) relay.close();
  else await relay.open();
  process.send!('done');
});
process.on('disconnect', () => process.exit());
process.send!('ready');
