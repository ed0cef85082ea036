// An HTTP server that never listens: its connections come from the supervisor. What Node sets up or counts when a server listens
// by itself (header timeouts, the number of connections) is set up and counted here.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface AdoptedServer {
  take(socket: Socket): void;
}

export function adoptServer(server: Server): AdoptedServer {
  const sockets = new Set<Socket>();
  server.getConnections = (told) => {
    told(null, sockets.size);
    return server;
  };
  // Starts the watch over connections that never finish their headers.
  server.emit('listening');
  return {
    take(socket) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      server.emit('connection', socket);
      socket.resume();
    },
  };
}
