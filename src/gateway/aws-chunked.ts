// The aws-chunked framing, decoded piece by piece: `size[;chunk-signature=…]CRLF data CRLF … 0 CRLF [trailers] CRLF`.
// Input may be cut at any byte. Signed chunks are handed on only once their signature is checked; memory is bounded by one chunk.
import { createHash, timingSafeEqual } from 'node:crypto';
import { caps } from '../base/caps.ts';
import { Fault } from '../base/fault.ts';
import { emptySha256, scopeText, sha256Hex, signatureHex } from '../base/sigv4.ts';
import { s3Error } from './errors.ts';
import type { Payload } from './payload.ts';

export interface ChunkOptions {
  /** x-amz-decoded-content-length. */
  readonly decodedLength: number;
  /** Absent: chunks carry no signatures. */
  readonly signing?: Extract<Payload, { kind: 'chunk-signed' }>;
  /** Lower-case names that x-amz-trailer announces; undefined when this form has no trailer. */
  readonly trailerNames?: readonly string[];
}

export interface ChunkDecoder {
  /** Decoded bytes that `input` completes; views of it, not copies. */
  push(input: Buffer): Buffer[];
  /** The input has ended: throws unless the stream was whole. */
  end(): void;
  /** By lower-case name; whole after `end`. */
  readonly trailers: ReadonlyMap<string, string>;
}

const cr = 0x0d;
const lf = 0x0a;

export function createChunkDecoder(options: ChunkOptions): ChunkDecoder {
  const { decodedLength, signing, trailerNames } = options;
  const verifier = signing ? createChunkVerifier(signing) : undefined;
  const trailers = new Map<string, string>();
  let state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size';
  let line = '';
  let lineBytesMax: number = caps.chunkHeaderBytesMax;
  let left = 0; // of the current chunk
  let decoded = 0;
  let held: Buffer[] = []; // of a signed chunk that is not whole yet
  let trailerText = '';
  let trailerSignature: string | undefined;

  /** Reads up to the next LF; undefined while the line is not whole. Gives the index behind it. */
  function readLine(input: Buffer, from: number): { text: string | undefined; next: number } {
    const at = input.indexOf(lf, from);
    const to = at < 0 ? input.length : at;
    if (line.length + to - from > lineBytesMax) throw invalid('A chunk header or trailer line is too long.');
    line += input.toString('latin1', from, to);
    if (at < 0) return { text: undefined, next: to };
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (state !== 'trailer' && text.length === line.length) throw invalid('A chunk header must end in CRLF.');
    line = '';
    return { text, next: at + 1 };
  }

  function openChunk(text: string): void {
    const [sizeText = '', ...extensions] = text.split(';');
    if (!/^[0-9a-fA-F]{1,16}$/.test(sizeText)) throw invalid('A chunk size is not a hexadecimal number.');
    left = Number.parseInt(sizeText, 16);
    if (left > decodedLength - decoded) {
      throw invalid('The chunks hold more bytes than x-amz-decoded-content-length says.');
    }
    if (verifier) {
      if (left > caps.signedChunkBytesMax) {
        throw invalid(`A signed chunk may hold ${caps.signedChunkBytesMax} bytes at most.`);
      }
      verifier.open(signatureOf(extensions));
    }
    decoded += left;
    if (left > 0) {
      state = 'data';
      return;
    }
    verifier?.close();
    if (decoded !== decodedLength)
      throw new Fault({ kind: 'body-incomplete', expected: decodedLength, received: decoded });
    state = 'trailer';
    lineBytesMax = caps.trailerBytesMax;
  }

  function readTrailer(text: string): void {
    if (text === '') {
      checkTrailers();
      state = 'done';
      return;
    }
    if (trailerNames === undefined) throw invalid('This body must end after its last chunk.');
    const colon = text.indexOf(':');
    const name = text.slice(0, colon).trim().toLowerCase();
    const value = text.slice(colon + 1).trim();
    // The signature covers what stands before it, so it comes last and once.
    if (colon <= 0 || trailerSignature !== undefined || trailers.has(name)) throw s3Error('MalformedTrailerError');
    if (name === 'x-amz-trailer-signature' && signing) {
      trailerSignature = value;
      return;
    }
    if (!trailerNames.includes(name)) throw s3Error('MalformedTrailerError');
    trailers.set(name, value);
    trailerText += `${name}:${value}\n`;
  }

  function checkTrailers(): void {
    if (trailerNames?.some((name) => !trailers.has(name))) throw s3Error('MalformedTrailerError');
    if (verifier && trailerNames && (trailers.size > 0 || trailerSignature !== undefined)) {
      verifier.checkTrailer(trailerText, trailerSignature ?? '');
    }
  }

  return {
    trailers,
    push(input) {
      const out: Buffer[] = [];
      let at = 0;
      while (at < input.length) {
        if (state === 'data') {
          const piece = input.subarray(at, Math.min(input.length, at + left));
          at += piece.length;
          left -= piece.length;
          if (!verifier) out.push(piece);
          else {
            verifier.update(piece);
            held.push(piece);
          }
          if (left > 0) continue;
          state = 'data-end';
          if (verifier) {
            verifier.close();
            out.push(...held);
            held = [];
          }
        } else if (state === 'data-end') {
          const byte = input[at++];
          if (byte !== (line === '' ? cr : lf)) throw invalid('Chunk data must end in CRLF.');
          line = line === '' ? '\r' : '';
          if (line === '') state = 'size';
        } else if (state === 'done') {
          throw invalid('There are bytes behind the end of the chunks.');
        } else {
          const { text, next } = readLine(input, at);
          at = next;
          if (text === undefined) continue;
          if (state === 'size') openChunk(text);
          else readTrailer(text);
        }
      }
      return out;
    },
    end() {
      if (state === 'done') return;
      throw new Fault({ kind: 'body-incomplete', expected: decodedLength, received: decoded - left });
    },
  };
}

const invalid = (message: string): Fault => new Fault({ kind: 'chunk-invalid', message });

function signatureOf(extensions: readonly string[]): string {
  const found = extensions.map((one) => one.trim()).filter((one) => one.startsWith('chunk-signature='));
  if (found.length !== 1) throw invalid('A signed chunk needs one chunk-signature.');
  const signature = found[0]!.slice('chunk-signature='.length);
  if (!/^[0-9a-f]{64}$/.test(signature)) throw invalid('A chunk-signature has 64 hexadecimal digits.');
  return signature;
}

/** Each signature is made over the one before it, the first over the request's: chunks cannot be dropped, added or swapped. */
function createChunkVerifier({ signingKey, scope, amzDate, seedSignature }: NonNullable<ChunkOptions['signing']>) {
  const head = `${amzDate}\n${scopeText(scope)}`;
  let before = seedSignature;
  let given = '';
  let hash = createHash('sha256');

  function check(kind: 'PAYLOAD' | 'TRAILER', rest: string, signature: string): void {
    const expected = Buffer.from(
      signatureHex(signingKey, `AWS4-HMAC-SHA256-${kind}\n${head}\n${before}\n${rest}`),
      'latin1',
    );
    const provided = Buffer.from(signature, 'latin1');
    if (provided.length !== expected.length || !timingSafeEqual(provided, expected)) {
      throw new Fault({ kind: 'chunk-signature-mismatch' });
    }
    before = signature;
  }

  return {
    open(signature: string): void {
      given = signature;
      hash = createHash('sha256');
    },
    update(piece: Buffer): void {
      hash.update(piece);
    },
    close(): void {
      check('PAYLOAD', `${emptySha256}\n${hash.digest('hex')}`, given);
    },
    checkTrailer(text: string, signature: string): void {
      check('TRAILER', sha256Hex(Buffer.from(text, 'latin1')), signature);
    },
  };
}
