// What to do with the rest of a body that nobody wants, so that the answer still reaches the client: small rests are read and thrown
// away and the connection lives on; a long one is read for a moment only, because closing at once would reset what we just sent.
import type { IncomingMessage } from 'node:http';
import { KiB, MiB, secondMs } from '../base/units.ts';
import type { Exchange } from './exchange.ts';

const drainedBytesMax = 256 * KiB;
/** What SDKs send in one request by default, parts of uploads included: whoever is refused hears why instead of a broken pipe. */
const lingerBytesMax = 16 * MiB;
const lingerMs = 2 * secondMs;

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
export function dropBody(request: IncomingMessage, exchange: Exchange, done: () => void): void {
  // A body that came whole and was never touched is thrown away by Node itself.
  if (request.readableEnded || request.destroyed || (request.complete && !exchange.wasOpened())) {
    done();
    return;
  }
  let dropped = 0;
  const finish = (): void => {
    clearTimeout(timer);
    request.off('data', count).off('end', finish).off('close', finish).off('error', finish);
    done();
  };
  const count = (chunk: Buffer): void => {
    dropped += chunk.length;
    if (dropped > lingerBytesMax) finish();
  };
  const timer = setTimeout(finish, lingerMs);
  // A reader that gave up in the middle leaves its listener behind, and with it the stream would never flow.
  request.removeAllListeners('readable');
  request.on('data', count).once('end', finish).once('close', finish).once('error', finish);
  request.resume();
}
