// Writes one pack of known length while it is still being made: only for backends that take an unsigned body with a trailing
// checksum. Nothing is held for a second try, so a broken connection fails the pack.
import { Fault } from '../../base/fault.ts';
import { KiB, MiB } from '../../base/units.ts';
import type { PackId } from '../../model/ids.ts';
import { crc32c } from '../../pack/pack.ts';
import type { PackWriter } from '../partition.ts';
import { abortedPack, S3Failure, s3Fault } from './s3-failures.ts';
import type { S3PackTools } from './s3-pack-tools.ts';
import { crcText } from './s3-pack-writer.ts';

const queueBytesMax = 2 * MiB; // beyond it `ready` waits
const chunkBytes = 256 * KiB; // of the aws-chunked body
const trailerName = 'x-amz-checksum-crc32c';
const trailerBytes = trailerName.length + 1 + 8 + 4; // name:value, blank line; the value is 8 characters of base64

export class S3StreamedPackWriter implements PackWriter {
  readonly pack: PackId;
  readonly flushes = false;
  readonly #tools: S3PackTools;
  readonly #length: number;
  readonly #stop = new AbortController();
  readonly #put: Promise<void>;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #size = 0;
  #wakeBody = (): void => undefined;
  #readyWaiters: (() => void)[] = [];
  #ended = false;
  #failure: unknown;

  constructor(pack: PackId, length: number, tools: S3PackTools) {
    this.pack = pack;
    this.#length = length;
    this.#tools = tools;
    this.#put = this.#send();
    this.#put.catch((error) => this.#fail(error));
  }

  get size(): number {
    return this.#size;
  }

  append(chunks: readonly Uint8Array[]): number {
    if (this.#failure) throw this.#failure;
    if (this.#ended) throw new Error(`append to pack ${this.pack}, which has ended`);
    const offset = this.#size;
    for (const chunk of chunks) {
      this.#size += chunk.length;
      this.#queuedBytes += chunk.length;
      if (chunk.length > 0) this.#queue.push(chunk);
    }
    if (this.#size > this.#length)
      throw this.#fail(new RangeError(`pack ${this.pack} outgrew its ${this.#length} bytes`));
    this.#wakeBody();
    return offset;
  }

  async ready(): Promise<void> {
    while (this.#queuedBytes >= queueBytesMax && !this.#failure)
      await new Promise<void>((resolve) => this.#readyWaiters.push(resolve));
    if (this.#failure) throw this.#failure;
  }

  async flush(): Promise<void> {}

  async seal(): Promise<void> {
    this.#ended = true;
    if (this.#size < this.#length && !this.#failure)
      this.#fail(new RangeError(`pack ${this.pack} has ${this.#size} of its ${this.#length} bytes`));
    this.#wakeBody();
    await this.#put.catch(() => undefined);
    if (this.#failure) throw this.#failure;
  }

  async abort(): Promise<void> {
    this.#ended = true;
    if (!this.#failure) this.#fail(abortedPack(this.#tools.settings.id));
    await this.#put.catch(() => undefined);
  }

  async #send(): Promise<void> {
    const { connection, settings, keyOf } = this.#tools;
    const headers = {
      'content-length': String(encodedLength(this.#length)),
      'content-type': 'application/octet-stream',
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': String(this.#length),
      'x-amz-trailer': trailerName,
      ...(settings.writeOnce === 'condition' ? { 'if-none-match': '*' } : {}),
    };
    try {
      await connection.ask({
        method: 'PUT',
        key: keyOf(this.pack),
        headers,
        body: this.#body(),
        payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        signal: this.#stop.signal,
      });
    } catch (error) {
      if (error instanceof S3Failure && error.status === 412)
        throw new Fault({ kind: 'pack-exists', partition: settings.id, pack: this.pack }, { cause: error });
      throw s3Fault(error, settings.id);
    }
  }

  /** Chunks of one size, whatever the appends were, because the encoded length was announced. */
  async *#body(): AsyncIterable<Uint8Array> {
    let crc = 0;
    for (let left = this.#length; left > 0; ) {
      const wanted = Math.min(left, chunkBytes);
      const pieces: Uint8Array[] = [];
      for (let missing = wanted; missing > 0; ) {
        const piece = await this.#take(missing);
        crc = crc32c(piece, crc);
        missing -= piece.length;
        pieces.push(piece);
      }
      yield Buffer.from(`${wanted.toString(16)}\r\n`);
      yield* pieces;
      yield lineEnd;
      left -= wanted;
    }
    yield Buffer.from(`0\r\n${trailerName}:${crcText(crc)}\r\n\r\n`);
  }

  async #take(bytesMax: number): Promise<Uint8Array> {
    while (this.#queue.length === 0) {
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wakeBody = resolve;
      });
    }
    const first = this.#queue[0]!;
    const piece = first.length <= bytesMax ? first : first.subarray(0, bytesMax);
    if (piece === first) this.#queue.shift();
    else this.#queue[0] = first.subarray(bytesMax);
    this.#queuedBytes -= piece.length;
    this.#wakeReady();
    return piece;
  }

  #wakeReady(): void {
    for (const resolve of this.#readyWaiters.splice(0)) resolve();
  }

  #fail(error: unknown): unknown {
    this.#failure ??= error;
    this.#queue = [];
    this.#stop.abort(this.#failure);
    this.#wakeBody();
    this.#wakeReady();
    return this.#failure;
  }
}

const lineEnd = Buffer.from('\r\n');

export function encodedLength(length: number): number {
  const full = Math.floor(length / chunkBytes);
  const rest = length % chunkBytes;
  const chunk = (bytes: number): number => bytes.toString(16).length + 2 + bytes + 2;
  return full * chunk(chunkBytes) + (rest > 0 ? chunk(rest) : 0) + 3 + trailerBytes;
}
