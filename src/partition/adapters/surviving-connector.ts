// undici 7 fails an assertion in a socket's `end` listener when a backend closes the connection behind an answer whose body waits for
// a slow reader (its issue 5360; mended in undici 8, which needs Node 22). Nobody can catch that, and the process would end. Here it
// becomes a broken connection, and the reader goes on where it was.
import { buildConnector } from 'undici';

type Socket = Extract<Parameters<buildConnector.Callback>[1], object>;

export function survivingConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector(options);
  return (target, done) =>
    connect(target, (...connected) => {
      const [, socket] = connected;
      if (socket) guard(socket); // undefined where there is none, whatever its type says
      done(...connected);
    });
}

function guard(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event !== 'end') return emit(event, ...args);
    try {
      return emit(event, ...args);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_ASSERTION') throw error;
      socket.destroy(new Error('the backend closed the connection in the middle of an answer', { cause: error }));
      return true;
    }
  };
}
