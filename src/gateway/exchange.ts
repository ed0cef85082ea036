// One request and its answer on the wire, as the pipeline sees them: what was asked, the body when it is wanted, and what is written
// down about it afterwards.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { Fault } from '../base/fault.ts';
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

/** Filled in on the way. A class, because every request has one and objects of one shape are fast. */
class Notes {
  operation: AnswerRecord['operation'] = undefined;
  bucket: AnswerRecord['bucket'] = undefined;
  key: AnswerRecord['key'] = undefined;
  user: AnswerRecord['user'] = undefined;
  code: AnswerRecord['code'] = undefined;
  error: AnswerRecord['error'] = undefined;
}

export interface BodySource extends AsyncIterable<Buffer> {
  /** All of a short body in one piece, instead of iterating; rejects with body-too-slow after `msMax`. */
  collect?(msMax: number): Promise<Buffer>;
}

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
  /** Aborted when the connection breaks before the answer was through. Made when it is first asked for. */
  readonly signal: AbortSignal;
  /** Whether the connection broke before the answer was through. */
  readonly hasBroken: boolean;
  /** Filled in on the way, for the record. */
  readonly notes: Notes;
  /** The body as received. Asking for its first byte is what sends `100 Continue`. */
  readonly body: BodySource;
  bytesIn(): number;
  /** Somebody began to read the body. */
  wasOpened(): boolean;
  /** The client waits for `100 Continue`, so it has sent nothing of its body. */
  isWaiting(): boolean;
}

export class OpenExchange implements Exchange {
  readonly requestId: string;
  readonly method: string;
  readonly rawUrl: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly notes = new Notes();
  hasBroken = false;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #gone: AbortController | undefined = undefined;
  #received = 0;
  #wasOpened = false;
  #isWaiting: boolean;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    about: { requestId: string; rawUrl: string; expectsContinue: boolean },
  ) {
    this.requestId = about.requestId;
    this.method = request.method ?? 'GET';
    this.rawUrl = about.rawUrl;
    this.headers = joinLists(request.headers);
    this.#request = request;
    this.#response = response;
    this.#isWaiting = about.expectsContinue;
  }

  get rawHeaders(): readonly string[] {
    return this.#request.rawHeaders;
  }

  get httpVersion(): string {
    return this.#request.httpVersion;
  }

  get scheme(): 'http' | 'https' {
    return (this.#request.socket as TLSSocket).encrypted ? 'https' : 'http';
  }

  get remoteAddress(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      this.#gone = new AbortController();
      if (this.hasBroken) this.#gone.abort(hungUp());
    }
    return this.#gone.signal;
  }

  get body(): BodySource {
    return { [Symbol.asyncIterator]: () => this.#read(), collect: (msMax) => this.#collect(msMax) };
  }

  bytesIn(): number {
    return this.#received;
  }

  wasOpened(): boolean {
    return this.#wasOpened;
  }

  isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** The connection is done with this request. */
  ended(): void {
    if (this.#response.writableFinished) return;
    this.hasBroken = true;
    this.#gone?.abort(hungUp());
  }

  #open(): void {
    this.#wasOpened = true;
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#response.writeContinue();
  }

  async #collect(msMax: number): Promise<Buffer> {
    this.#open();
    const request = this.#request;
    const chunks: Buffer[] = [];
    const count = (chunk: Buffer): void => {
      this.#received += chunk.length;
      chunks.push(chunk);
    };
    let stop: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Fault({ kind: 'body-too-slow' })), msMax);
        const broken = (): void => reject(hungUp());
        const ended = (): void => {
          // It closes at once; an error made for nobody costs as much as a signature.
          request.off('close', broken);
          resolve();
        };
        request.on('data', count).on('end', ended).on('close', broken);
        stop = () => {
          clearTimeout(late);
          request.off('data', count).off('end', ended).off('close', broken);
        };
      });
    } finally {
      stop?.();
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }

  async *#read(): AsyncGenerator<Buffer> {
    this.#open();
    // Not destroyed on return: an error is answered on the same connection.
    for await (const chunk of this.#request.iterator({ destroyOnReturn: false })) {
      this.#received += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  }
}

const hungUp = (): Error => new Error('the client hung up');

/** Node gives only Set-Cookie as a list; no request of S3 has one, yet anybody may send it. */
function joinLists(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  if (headers['set-cookie']) return { ...headers, 'set-cookie': headers['set-cookie'].join(', ') } as never;
  return headers as Record<string, string | undefined>;
}
