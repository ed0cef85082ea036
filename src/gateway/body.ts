// A request's body as the stories see it: paced, unframed, counted and checked against everything that the client declared.
import type { Readable } from 'node:stream';
import { caps } from '../base/caps.ts';
import { type ChecksumName, Fault } from '../base/fault.ts';
import { KiB, MiB, secondMs } from '../base/units.ts';
import { createDigester, type Digester } from '../objects/digester.ts';
import type { Digests, UploadBody } from '../objects/upload-body.ts';
import { type ChunkDecoder, createChunkDecoder } from './aws-chunked.ts';
import { algorithmsOf, checkDigests, wantedChecksums } from './body-digests.ts';
import { readDeclared } from './declared-digests.ts';
import { s3Error } from './errors.ts';
import type { BodySource } from './exchange.ts';
import { type Pace, pacedSource } from './paced-source.ts';
import type { Payload } from './payload.ts';

export interface BodyOptions {
  /** Lower-case names; of a presigned request with its hoisted parameters merged in. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly payload: Payload;
  readonly clock: Pace['clock'];
  readonly pace?: Omit<Pace, 'clock'>;
  readonly profile?: 'aws' | 'rgw';
  /** Largest decoded body; 5 GiB unless told. */
  readonly bytesMax?: number;
  /** A body without Content-Length and Transfer-Encoding is refused (object data). */
  readonly lengthRequired?: boolean;
  /** Computed beside what is declared, so that they can be stored. */
  readonly algorithms?: readonly ChecksumName[];
  /** False where `x-amz-checksum-*` headers do not speak of this body: CompleteMultipartUpload. */
  readonly checksumHeaders?: boolean;
}

/** Up to here a body is taken in one piece: iterating over a chunk or two costs more than all that is done with them. */
const atOnceBytesMax = 64 * KiB;

/** Throws at once what can be seen in the headers, so that a client that expects 100-continue sends no byte for nothing. */
export function openBody(source: Readable | BodySource | AsyncIterable<Uint8Array>, options: BodyOptions): UploadBody {
  const { payload, profile = 'aws', bytesMax = caps.putBytesMax } = options;
  const chunked = payload.kind === 'chunk-signed' || payload.kind === 'unsigned-trailer';
  const hasTrailer = payload.kind === 'unsigned-trailer' || (payload.kind === 'chunk-signed' && payload.trailer);
  const declared = readDeclared(options.headers, {
    profile,
    trailer: hasTrailer,
    checksumHeaders: options.checksumHeaders ?? true,
  });
  const length = declaredLength(options, chunked);
  if (length !== undefined && length > bytesMax) throw tooLarge(length, bytesMax);
  const decoder = chunked
    ? createChunkDecoder({
        decodedLength: length!,
        ...(payload.kind === 'chunk-signed' && { signing: payload }),
        ...(hasTrailer && { trailerNames: declared.trailer ? [declared.trailer.name] : [] }),
      })
    : undefined;

  let opened = false;
  let digests: Digests | undefined;
  const asked = { ...options, algorithms: [...(options.algorithms ?? [])] };

  async function open(): Promise<Digester> {
    if (opened) throw new Error('a body can be read once');
    opened = true;
    return await createDigester(algorithmsOf(asked, declared));
  }

  function end(digester: Digester, size: number): void {
    if (length !== undefined && size !== length) {
      throw new Fault({ kind: 'body-incomplete', expected: length, received: size });
    }
    const computed = digester.digests();
    checkDigests(computed, declared, options, decoder);
    digests = { ...computed, checksums: wantedChecksums(computed, declared, asked) };
  }

  async function* iterate(): AsyncGenerator<Buffer> {
    const digester = await open();
    let size = 0;
    for await (const piece of decodedPieces(source, options, decoder, length)) {
      size += piece.length;
      if (size > bytesMax) throw new Fault({ kind: 'body-too-large', sizeMax: bytesMax });
      digester.update(piece);
      yield piece;
    }
    end(digester, size);
  }

  async function atOnce(collect: NonNullable<BodySource['collect']>, rawLength: number): Promise<Buffer> {
    const digester = await open();
    const { graceMs = caps.bodyGraceMs, bytesPerSecMin = caps.bodyRateBytesPerSecMin } = options.pace ?? {};
    const raw = await collect(graceMs + (rawLength / bytesPerSecMin) * secondMs).catch((error: unknown) => {
      throw incomplete(error, length ?? rawLength, 0);
    });
    const bytes = decoder === undefined ? raw : Buffer.concat(decoder.push(raw));
    decoder?.end();
    if (bytes.length > bytesMax) throw new Fault({ kind: 'body-too-large', sizeMax: bytesMax });
    digester.update(bytes);
    end(digester, bytes.length);
    return bytes;
  }

  const collect = 'collect' in source ? source.collect : undefined;
  const rawLength =
    options.headers['content-length'] === undefined ? undefined : Number(options.headers['content-length']);
  const isShort = collect !== undefined && rawLength !== undefined && rawLength <= atOnceBytesMax;

  return {
    length,
    declared: declared.checksum?.algorithm ?? declared.trailer?.algorithm,
    atOnce: isShort ? () => atOnce(collect, rawLength) : undefined,
    also(algorithm) {
      asked.algorithms.push(algorithm);
    },
    get digests() {
      if (!digests) throw new Error('the digests of a body are known when it was read to its end');
      return digests;
    },
    [Symbol.asyncIterator]: iterate,
  };
}

const sizeText = /^\d{1,15}$/;

function declaredLength({ headers, lengthRequired }: BodyOptions, chunked: boolean): number | undefined {
  if (chunked) {
    // Believed for this framing alone, and only as far as the bytes bear it out.
    const text = headers['x-amz-decoded-content-length'];
    if (text === undefined) throw s3Error('MissingContentLength');
    if (typeof text !== 'string' || !sizeText.test(text)) {
      throw s3Error('InvalidArgument', {
        message: 'x-amz-decoded-content-length must be a number of bytes.',
        extra: { ArgumentName: 'x-amz-decoded-content-length', ArgumentValue: String(text) },
      });
    }
    return Number(text);
  }
  const text = headers['content-length'];
  if (text !== undefined) {
    if (typeof text !== 'string' || !sizeText.test(text))
      throw s3Error('BadRequest', { message: 'Content-Length is not a number of bytes.' });
    return Number(text);
  }
  if (headers['transfer-encoding'] !== undefined) return undefined;
  if (lengthRequired) throw s3Error('MissingContentLength');
  return 0;
}

/** Decoded pieces of at most 1 MiB each, so that everything behind can budget in that unit. */
async function* decodedPieces(
  source: Readable | AsyncIterable<Uint8Array>,
  { clock, pace }: BodyOptions,
  decoder: ChunkDecoder | undefined,
  length: number | undefined,
): AsyncGenerator<Buffer> {
  let received = 0;
  const paced = pacedSource(source, { clock, ...pace });
  try {
    for (;;) {
      const next = await paced.next().catch((error: unknown) => {
        throw incomplete(error, length ?? received, received);
      });
      if (next.done) break;
      received += next.value.length;
      for (const piece of decoder ? decoder.push(next.value) : [next.value]) {
        for (let at = 0; at < piece.length; at += MiB) yield piece.subarray(at, at + MiB);
      }
    }
  } finally {
    // Whoever stops early, reader or error, stops the pace's timer.
    await paced.return(undefined);
  }
  decoder?.end();
}

/** Too slow; else the connection broke in the middle of the body. */
const incomplete = (error: unknown, expected: number, received: number): Fault =>
  error instanceof Fault ? error : new Fault({ kind: 'body-incomplete', expected, received }, { cause: error });

/** The whole of a small body, an XML document. */
export async function readWhole(body: UploadBody, bytesMax: number): Promise<Buffer> {
  if (body.length !== undefined && body.length > bytesMax) throw tooLong(bytesMax);
  if (body.atOnce !== undefined) return await body.atOnce();
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > bytesMax) throw tooLong(bytesMax);
    pieces.push(piece);
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, size);
}

const tooLarge = (size: number, sizeMax: number) =>
  s3Error('EntityTooLarge', { extra: { ProposedSize: `${size}`, MaxSizeAllowed: `${sizeMax}` } });

const tooLong = (bytesMax: number) =>
  s3Error('MaxMessageLengthExceeded', { extra: { MaxMessageLengthBytes: `${bytesMax}` } });
