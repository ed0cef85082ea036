// A server that never listens: its process is handed connections that another one accepted. What Node sets up or counts when a
// server listens by itself (the watch over headers that never end, the number of connections) is set up and counted here.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export type TakeConnection = (socket: Socket) => void;

/** `refuse` is told of connections for which there is no room. */
export function adoptConnections(
  server: Server,
  makeRoom: () => boolean,
  refuse: (socket: Socket) => void,
): TakeConnection {
  const sockets = new Set<Socket>();
  server.getConnections = (told) => {
    told(null, sockets.size);
    return server;
  };
  server.emit('listening');
  return (socket) => {
    if (!makeRoom()) {
      socket.on('error', () => undefined).resume();
      refuse(socket);
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    server.emit('connection', socket);
    socket.resume();
  };
}
