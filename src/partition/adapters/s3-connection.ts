// Signed requests to one bucket over a pool of kept connections. The SDK's client costs several times the CPU per call, so
// block traffic goes this way.
import { type Dispatcher, Pool } from 'undici';
import {
  amzDateOf,
  canonicalRequest,
  createSigningKeys,
  type Scope,
  scopeText,
  sha256Hex,
  signatureHex,
  stringToSign,
  unsignedPayload,
  uriEncode,
} from '../../base/sigv4.ts';
import { KiB, minuteMs } from '../../base/units.ts';
import { withRetries } from '../backoff.ts';
import { failureOfAnswer, failureOfConnection, isRetryable, S3Failure } from './s3-failures.ts';
import type { S3Settings } from './s3-options.ts';
import { survivingConnector } from './surviving-connector.ts';

export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'HEAD' | 'DELETE';
  /** Whole key, prefix included. */
  readonly key: string;
  /** Lower-case names. All `x-amz-*` are signed. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | AsyncIterable<Uint8Array>;
  /** Of x-amz-content-sha256. */
  readonly payloadHash: string;
  readonly signal?: AbortSignal | undefined;
}

const errorBytesMax = 64 * KiB;

export class S3Connection {
  readonly #settings: S3Settings;
  readonly #pool: Pool;
  readonly #host: string;
  readonly #root: string; // of every path, encoded
  readonly #keys = createSigningKeys(4);
  #skewMs = 0; // the backend's clock less ours

  constructor(settings: S3Settings) {
    this.#settings = settings;
    const url = new URL(settings.endpoint);
    const root = url.pathname.replace(/\/+$/, '');
    if (!settings.pathStyle) url.hostname = `${settings.bucket}.${url.hostname}`;
    this.#host = url.host;
    this.#root = settings.pathStyle ? `${root}/${uriEncode(settings.bucket)}` : root;
    this.#pool = new Pool(url.origin, {
      connections: settings.connectionsMax,
      pipelining: 1,
      headersTimeout: settings.headersTimeoutMs,
      bodyTimeout: settings.idleTimeoutMs,
      connect: survivingConnector({
        timeout: settings.connectTimeoutMs,
        ...(settings.ca === undefined ? {} : { ca: settings.ca }),
      }),
    });
  }

  /** A 2xx answer whose body is still to be read (or dumped), or an S3Failure; an abort throws the signal's reason. */
  async send(request: S3Request): Promise<Dispatcher.ResponseData> {
    const { method, key, signal, body } = request;
    const path = `${this.#root}/${uriEncode(key, true)}`;
    try {
      signal?.throwIfAborted();
      const answer = await this.#pool.request({
        method,
        path,
        headers: this.#signed(request, path),
        body: (body as Dispatcher.DispatchOptions['body']) ?? null,
        signal: signal ?? null,
      });
      if (answer.statusCode < 300) return answer;
      throw await this.#failure(answer);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw failureOfConnection(error);
    }
  }

  /** For answers without a body of interest. */
  async ask(request: S3Request): Promise<Dispatcher.ResponseData['headers']> {
    const { headers, body } = await this.send(request);
    await body.dump({ limit: errorBytesMax }).catch(() => undefined);
    return headers;
  }

  /** A small object, whole. */
  async put(key: string, body: Buffer, more: Record<string, string> = {}, signal?: AbortSignal): Promise<void> {
    const payloadHash = this.#settings.signPayload ? sha256Hex(body) : unsignedPayload;
    const headers = { 'content-length': String(body.length), ...more };
    await this.ask({ method: 'PUT', key, headers, body, payloadHash, signal });
  }

  /** For idempotent work. */
  retried<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const again = (error: unknown) =>
      error instanceof S3Failure && isRetryable(error) && { afterMs: error.retryAfterMs };
    return withRetries(work, again, { ...this.#settings, policy: this.#settings.retries, signal });
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #signed({ method, headers: given = {}, payloadHash }: S3Request, path: string): Record<string, string> {
    const { accessKey, secretKey, sessionToken, region, clock } = this.#settings;
    const amzDate = amzDateOf(clock.wallMs() + this.#skewMs);
    const scope: Scope = { date: amzDate.slice(0, 8), region, service: 's3' };
    const headers: Record<string, string> = {
      ...given,
      host: this.#host,
      'x-amz-content-sha256': payloadHash,
      'x-amz-date': amzDate,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    };
    const signedHeaders = Object.keys(headers)
      .filter((name) => name === 'host' || name === 'content-md5' || name.startsWith('x-amz-'))
      .sort();
    const canonical = canonicalRequest({ method, path, query: [], headers, signedHeaders, payloadHash });
    const signature = signatureHex(
      this.#keys.get(accessKey, secretKey, scope),
      stringToSign(amzDate, scopeText(scope), canonical),
    );
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/${scopeText(scope)}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
    return headers;
  }

  async #failure(answer: Dispatcher.ResponseData): Promise<S3Failure> {
    const failure = failureOfAnswer(answer.statusCode, answer.headers, await textOf(answer.body));
    if (failure.code === 'RequestTimeTooSkewed') this.#followClock(answer);
    return failure;
  }

  /** One of the two clocks is wrong; the backend's is the one that must be satisfied. */
  #followClock({ headers }: Dispatcher.ResponseData): void {
    const theirMs = Date.parse(String(headers.date));
    if (!Number.isNaN(theirMs)) {
      const skewMs = theirMs - this.#settings.clock.wallMs();
      this.#skewMs = Math.abs(skewMs) < minuteMs ? 0 : skewMs;
    }
  }
}

/** At most 64 KiB of it; the rest, and a connection that breaks meanwhile, is of no interest. */
async function textOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= errorBytesMax) break;
    }
  } catch {
    // the status says enough
  }
  return Buffer.concat(chunks).toString('utf8', 0, errorBytesMax);
}
