// What to do with the rest of a body that nobody wants, so that the answer still reaches the client: small rests are read and thrown
// away and the connection lives on; a long one is read for a moment only, because closing at once would reset what we just sent.
import type { IncomingMessage } from 'node:http';
import { KiB, MiB, secondMs } from '../base/units.ts';
import type { Exchange } from './exchange.ts';

const drainedBytesMax = 256 * KiB;
/** What SDKs send in one request by default, parts of uploads included: whoever is refused hears why instead of a broken pipe. */
const lingerBytesMax = 16 * MiB;
const lingerMs = 2 * secondMs;
/** So many long rests are read at once: each may keep a turn of the event loop for megabytes, and hundreds may be refused. */
const drainsMax = 3;

/** Whether the connection must close after this answer, because its body was not read and is not worth reading. */
export function mustClose(request: IncomingMessage, exchange: Exchange): boolean {
  if (request.complete) return false;
  // It never got its 100, so nobody can know whether a body will follow.
  if (exchange.isWaiting()) return true;
  const declared = exchange.headers['content-length'];
  if (declared === undefined) return true;
  return Number(declared) - exchange.bytesIn() > drainedBytesMax;
}

/** Reads and drops until the body ends, too much came or too long passed; then `done`. Never throws. */
export type DropBody = (request: IncomingMessage, exchange: Exchange, done: () => void) => void;

/** One for all connections of a process: long rests are read a few at a time, and those whose turn does not come stay unread. */
export function createDropBody(): DropBody {
  let draining = 0;
  const waiting = new Set<() => void>();
  const startNext = (): void => {
    const [next] = waiting;
    if (next === undefined || draining >= drainsMax) return;
    waiting.delete(next);
    next();
  };

  return (request, exchange, done) => {
    // A body that came whole and was never touched is thrown away by Node itself.
    if (request.readableEnded || request.destroyed || (request.complete && !exchange.wasOpened())) {
      done();
      return;
    }
    const isLong = mustClose(request, exchange);
    let dropped = 0;
    let started = false;
    const start = (): void => {
      started = true;
      if (isLong) draining += 1;
      // A reader that gave up in the middle leaves its listener behind, and with it the stream would never flow.
      request.removeAllListeners('readable');
      request.on('data', count).resume();
    };
    const finish = (): void => {
      clearTimeout(timer);
      request.off('data', count).off('end', finish).off('close', finish).off('error', finish);
      waiting.delete(start);
      if (started && isLong) draining -= 1;
      done();
      startNext();
    };
    const count = (chunk: Buffer): void => {
      dropped += chunk.length;
      if (dropped > lingerBytesMax) finish();
    };
    const timer = setTimeout(finish, lingerMs);
    request.once('end', finish).once('close', finish).once('error', finish);
    if (isLong) waiting.add(start);
    else start();
    startNext();
  };
}
