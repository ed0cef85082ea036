// One request and its answer on the wire, as the pipeline sees them: what was asked, the body when it is wanted, and what is written
// down about it afterwards.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { S3ErrorCode } from './errors.ts';

/** What became of a request: for the access log and metrics. */
export interface AnswerRecord {
  readonly requestId: string;
  readonly method: string;
  /** As received. */
  readonly rawUrl: string;
  readonly operation?: string | undefined;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  /** Name of the user, absent for anonymous requests and for those that failed before they were told apart. */
  readonly user?: string | undefined;
  readonly remoteAddress: string;
  readonly userAgent?: string | undefined;
  readonly status: number;
  readonly code?: S3ErrorCode | undefined;
  /** What lies behind a 5xx. */
  readonly error?: unknown;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
  /** The connection broke before the answer was through. */
  readonly aborted: boolean;
}

type Notes = {
  -readonly [K in 'operation' | 'bucket' | 'key' | 'user' | 'code' | 'error']?: AnswerRecord[K];
};

export interface Exchange {
  readonly requestId: string;
  readonly method: string;
  readonly rawUrl: string;
  /** Lower-case names; repeated headers joined as Node does. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
  readonly scheme: 'http' | 'https';
  readonly remoteAddress: string | undefined;
  /** Aborted when the connection breaks before the answer was through. */
  readonly signal: AbortSignal;
  /** Filled in on the way, for the record. */
  readonly notes: Notes;
  /** The body as received. Asking for its first byte is what sends `100 Continue`. */
  readonly body: AsyncIterable<Buffer>;
  bytesIn(): number;
  /** Somebody began to read the body. */
  wasOpened(): boolean;
  /** The client waits for `100 Continue`, so it has sent nothing of its body. */
  isWaiting(): boolean;
}

export function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  about: { requestId: string; rawUrl: string; expectsContinue: boolean },
): Exchange {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the client hung up'));
  });
  let received = 0;
  let wasOpened = false;
  let isWaiting = about.expectsContinue;

  async function* body(): AsyncGenerator<Buffer> {
    wasOpened = true;
    if (isWaiting) {
      isWaiting = false;
      response.writeContinue();
    }
    // Not destroyed on return: an error is answered on the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      received += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  }

  return {
    requestId: about.requestId,
    method: request.method ?? 'GET',
    rawUrl: about.rawUrl,
    headers: joinLists(request.headers),
    rawHeaders: request.rawHeaders,
    httpVersion: request.httpVersion,
    scheme: (request.socket as TLSSocket).encrypted ? 'https' : 'http',
    remoteAddress: request.socket.remoteAddress,
    signal: gone.signal,
    notes: {},
    body: { [Symbol.asyncIterator]: body },
    bytesIn: () => received,
    wasOpened: () => wasOpened,
    isWaiting: () => isWaiting,
  };
}

/** Node gives only Set-Cookie as a list; no request of S3 has one, yet anybody may send it. */
function joinLists(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  if (headers['set-cookie']) return { ...headers, 'set-cookie': headers['set-cookie'].join(', ') } as never;
  return headers as Record<string, string | undefined>;
}
