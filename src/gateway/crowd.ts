// The connections of this process when they are many: bounded in number and in what clients leave unread. Whoever has been still the
// longest makes room (a slow sender or reader, somebody who only keeps the line), never somebody at work.
import type { Socket } from 'node:net';
import { caps } from '../base/caps.ts';
import { MiB, secondMs } from '../base/units.ts';

export interface CrowdLimits {
  readonly connectionsMax: number;
  /** Of answers that wait in this process for clients to take them. */
  readonly unreadBytesMax: number;
  /** Fewer connections than these are never looked at. */
  readonly watchedMin: number;
}

export interface Crowd {
  /** Watches a connection until it closes. */
  join(socket: Socket): void;
  /** Whether one more may come; if need be the stillest goes. */
  makeRoom(): boolean;
  /** One look at everybody; made each second while anybody is here. */
  look(): void;
}

const lookMs = secondMs;
/** In looks. Between two bytes of an honest client may lie a moment. */
const stillMin = 2;
const unreadStillMin = 5;
const defaults: CrowdLimits = { connectionsMax: caps.connectionsMax, unreadBytesMax: 64 * MiB, watchedMin: 128 };

interface Watched {
  bytes: number;
  still: number;
}

export function createCrowd({ connectionsMax, unreadBytesMax, watchedMin }: CrowdLimits = defaults): Crowd {
  const crowd = new Map<Socket, Watched>();
  /** The stillest last; as of the last look. */
  let stillest: Socket[] = [];
  let timer: NodeJS.Timeout | undefined;

  const leave = (socket: Socket): void => {
    crowd.delete(socket);
    if (crowd.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    stillest = [];
  };

  function look(): void {
    stillest = [];
    if (crowd.size < watchedMin) return;
    let unread = 0;
    for (const [socket, watched] of crowd) {
      const bytes = socket.bytesRead + socket.bytesWritten;
      watched.still = bytes === watched.bytes ? watched.still + 1 : 0;
      watched.bytes = bytes;
      unread += socket.writableLength;
      if (watched.still >= stillMin) stillest.push(socket);
    }
    stillest.sort((left, right) => stillOf(left) - stillOf(right));
    for (let at = stillest.length - 1; at >= 0 && unread > unreadBytesMax; at--) {
      const socket = stillest[at]!;
      if (socket.writableLength === 0 || stillOf(socket) < unreadStillMin) continue;
      unread -= socket.writableLength;
      socket.destroy();
    }
  }
  const stillOf = (socket: Socket): number => crowd.get(socket)?.still ?? 0;

  return {
    join(socket) {
      crowd.set(socket, { bytes: 0, still: 0 });
      socket.once('close', () => leave(socket));
      timer ??= setInterval(look, lookMs).unref();
    },
    makeRoom() {
      if (crowd.size < connectionsMax) return true;
      for (let socket = stillest.pop(); socket !== undefined; socket = stillest.pop()) {
        // It may have moved or gone since the last look.
        if (crowd.get(socket)?.bytes !== socket.bytesRead + socket.bytesWritten) continue;
        socket.destroy();
        crowd.delete(socket);
        return true;
      }
      return false;
    },
    look,
  };
}
