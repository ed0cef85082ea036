// Requests of paths over a wire, for trials that fill a server and look at all of it: thousands of them, in lanes.
import type { Pair } from '../../../src/base/sigv4.ts';
import type { Credentials } from '../../support/sign.ts';
import { type Answer, openWire } from './wire.ts';

export interface Sent {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** `/bucket/key`, decoded. */
  readonly path: string;
  readonly query?: readonly Pair[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export type Send = (sent: Sent) => Promise<Answer>;

export function signedRequests(endpoint: string, keys: Credentials) {
  const wire = openWire({ endpoint, keys });
  const send: Send = ({ path, query = [], ...rest }) => {
    const [, bucket = '', key] = /^\/([^/]*)(?:\/(.+))?$/s.exec(path)!;
    return wire.send({ ...rest, bucket, ...(key !== undefined && { key }), query: Object.fromEntries(query) });
  };
  return { send, close: () => wire.close() };
}

/** Fails unless the answer is a good one. */
export async function sendRight(send: Send, sent: Sent): Promise<Answer> {
  const answer = await send(sent);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`${sent.method} ${sent.path}: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
}

/** So many at once, in order of the list. */
export async function inLanes<T>(items: Iterable<T>, lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
