// Writes one pack as one backend PUT at the seal. The pack is held until then, so that it goes out with its length and its
// checksum in front (which every backend understands) and can be sent again.
import { createHash } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import { unsignedPayload } from '../../base/sigv4.ts';
import { KiB } from '../../base/units.ts';
import type { PackId } from '../../model/ids.ts';
import { crc32c } from '../../pack/pack.ts';
import type { PackWriter } from '../partition.ts';
import { abortedPack, S3Failure, s3Fault } from './s3-failures.ts';
import { type S3Settings, s3PackBytesMax } from './s3-options.ts';
import type { S3PackTools } from './s3-pack-tools.ts';

const copyBytesMax = 256 * KiB; // below it one contiguous body is cheaper than a stream of chunks

export class S3PackWriter implements PackWriter {
  readonly pack: PackId;
  readonly flushes = false;
  readonly #tools: S3PackTools;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #ended: Promise<void> | undefined;
  readonly #stop = new AbortController();

  constructor(pack: PackId, tools: S3PackTools) {
    this.pack = pack;
    this.#tools = tools;
  }

  get size(): number {
    return this.#size;
  }

  append(chunks: readonly Uint8Array[]): number {
    if (this.#ended) throw new Error(`append to pack ${this.pack}, which has ended`);
    const offset = this.#size;
    for (const chunk of chunks) {
      this.#size += chunk.length;
      if (chunk.length > 0) this.#chunks.push(chunk);
    }
    if (this.#size > s3PackBytesMax) throw new RangeError(`pack ${this.pack} holds ${this.#size} bytes unsealed`);
    return offset;
  }

  async ready(): Promise<void> {}

  async flush(): Promise<void> {}

  seal(): Promise<void> {
    this.#ended ??= this.#put();
    return this.#ended;
  }

  async abort(): Promise<void> {
    this.#stop.abort(abortedPack(this.#tools.settings.id));
    this.#ended ??= Promise.reject(this.#stop.signal.reason);
    await this.#ended.catch(() => undefined);
    this.#chunks = [];
  }

  async #put(): Promise<void> {
    const { connection, settings, keyOf } = this.#tools;
    const key = keyOf(this.pack);
    const signal = this.#stop.signal;
    const body = bodyOf(this.#chunks, this.#size);
    const { headers, payloadHash, crc } = describeBody(this.#chunks, this.#size, settings);
    let ambiguous = false; // an earlier try may have landed although its answer was lost
    const attempt = async (): Promise<void> => {
      try {
        if (settings.writeOnce === 'head' && !ambiguous) await this.#refuseExisting();
        await connection.ask({ method: 'PUT', key, headers, body: body(), payloadHash, signal });
      } catch (error) {
        if (!(error instanceof S3Failure)) throw error;
        if (error.status !== 412) {
          ambiguous ||= error.status === 0 || error.status >= 500;
          throw error;
        }
        if (!(ambiguous && (await this.#isOurs(crc)))) throw this.#exists(error);
      }
    };
    try {
      await connection.retried(attempt, signal);
    } catch (error) {
      throw s3Fault(error, settings.id);
    } finally {
      this.#chunks = [];
    }
  }

  #exists(cause: unknown): Fault {
    return new Fault({ kind: 'pack-exists', partition: this.#tools.settings.id, pack: this.pack }, { cause });
  }

  async #refuseExisting(): Promise<void> {
    if (await this.#head()) throw this.#exists(undefined);
  }

  /** Does what lies there have our length, and our checksum where the backend tells it? */
  async #isOurs(crc: string | undefined): Promise<boolean> {
    const found = await this.#head();
    const theirs = found?.['x-amz-checksum-crc32c'];
    return Number(found?.['content-length']) === this.#size && (!crc || !theirs || theirs === crc);
  }

  async #head(): Promise<Record<string, string | string[] | undefined> | undefined> {
    const { connection, keyOf } = this.#tools;
    const headers = { 'x-amz-checksum-mode': 'ENABLED' };
    const signal = this.#stop.signal;
    try {
      return await connection.ask({
        method: 'HEAD',
        key: keyOf(this.pack),
        headers,
        payloadHash: unsignedPayload,
        signal,
      });
    } catch (error) {
      if (error instanceof S3Failure && error.status === 404) return undefined;
      throw error;
    }
  }
}

/** A fresh body for each try. */
function bodyOf(chunks: readonly Uint8Array[], size: number): () => Buffer | AsyncIterable<Uint8Array> {
  if (size <= copyBytesMax) {
    const whole = Buffer.concat(chunks);
    return () => whole;
  }
  return async function* body() {
    yield* chunks;
  };
}

interface BodyFacts {
  readonly headers: Record<string, string>;
  readonly payloadHash: string;
  readonly crc?: string;
}

function describeBody(chunks: readonly Uint8Array[], size: number, settings: S3Settings): BodyFacts {
  const headers: Record<string, string> = {
    'content-length': String(size),
    'content-type': 'application/octet-stream',
    ...(settings.writeOnce === 'condition' ? { 'if-none-match': '*' } : {}),
  };
  const payloadHash = settings.signPayload ? digest('sha256', chunks).toString('hex') : unsignedPayload;
  if (settings.checksum === 'md5') headers['content-md5'] = digest('md5', chunks).toString('base64');
  if (settings.checksum !== 'crc32c') return { headers, payloadHash };
  const crc = crcText(chunks.reduce((sum, chunk) => crc32c(chunk, sum), 0));
  headers['x-amz-checksum-crc32c'] = crc;
  return { headers, payloadHash, crc };
}

function digest(algorithm: 'sha256' | 'md5', chunks: readonly Uint8Array[]): Buffer {
  const hash = createHash(algorithm);
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest();
}

export function crcText(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString('base64');
}
