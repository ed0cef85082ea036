// Binding a port, with an error that says what to do when it is taken.
import type { Server } from 'node:http';
import type { Config } from '../config/config.ts';

type Address = Config['listen'];

export class PortError extends Error {
  override readonly name = 'PortError';
}

/** A host as it stands in a URL; listening on every address is reached by loopback. */
export function hostPort(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

export async function bindPort(
  key: 'listen' | 'admin',
  address: Address,
  bind: (address: Address) => Promise<number>,
): Promise<number> {
  try {
    return await bind(address);
  } catch (error) {
    const flag = key === 'listen' ? '--port' : '--admin-port';
    const next = address.port + (key === 'listen' ? 100 : 99);
    const where = `${address.host}:${address.port}`;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new PortError(
        `port ${address.port} on ${address.host} is taken by another program. Choose another: ${flag} ${next} (or ${flag} 0 for any free one)`,
      );
    }
    if (code === 'EACCES') {
      throw new PortError(
        `no permission to listen on ${where}. Ports below 1024 are reserved; choose another: ${flag} 9000`,
      );
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new PortError(
        `${address.host} is no address of this machine (${key} ${where}). Use 127.0.0.1, or 0.0.0.0 for all`,
      );
    }
    throw error;
  }
}

/** Resolves with the real port (0 = any free one). */
export async function listenOn(server: Server, address: Address): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : address.port;
}
