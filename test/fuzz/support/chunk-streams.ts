// Bodies in AWS's chunks, whole or forged in one point. A forged one must be refused and leave nothing; a whole one must be stored byte
// for byte, wherever the wire cuts it.
import { crc32 } from 'node:zlib';
import type { Chance } from '../../support/chance.ts';
import { type Signed, type SignedChunk, sign, signChunks, signTrailer } from '../../support/sign.ts';
import { headBytes } from './requests.ts';
import { owner } from './served.ts';

export const forms = ['signed', 'signed-trailer', 'unsigned-trailer'] as const;
export type Form = (typeof forms)[number];

const payloadOf: Readonly<Record<Form, string>> = {
  signed: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'signed-trailer': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'unsigned-trailer': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
};

export interface Chunk {
  /** Of the size line, behind which the data stands. */
  size: string;
  signature: string | undefined;
  data: Buffer;
}

/** All that goes over the wire, before it is written down: what forgers change. */
export interface Stream {
  readonly form: Form;
  readonly body: Buffer;
  readonly signed: Signed;
  chunks: Chunk[];
  trailers: [name: string, value: string][];
  trailerSignature: string | undefined;
  /** Behind the end. */
  more: string;
  newline: string;
  /** Of the head: undefined leaves it out. */
  decodedLength: string | undefined;
}

/** Nothing but printable bytes and line ends, and among them what looks like framing. */
const words = [
  'abc',
  '\r\n',
  '0\r\n\r\n',
  ';chunk-signature=',
  '5\r\nhello',
  'x-amz-checksum-crc32:AAAAAA==',
  '\n',
  'zzzz',
  '\r',
];

export function textBody(chance: Chance): Buffer {
  let text = '';
  for (let n = 1 + chance.below(8); n > 0; n--) text += chance.pick(words);
  return Buffer.from(`${text}${chance.below(1e6)}`);
}

export const checksumOf = (body: Buffer): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
};

export function makeStream(form: Form, target: string, authority: string, body: Buffer, chance: Chance): Stream {
  const headers = headersOf(form, authority, String(body.length));
  const signed = sign({ method: 'PUT', target, headers }, owner);
  const cuts = [...new Set(Array.from({ length: 1 + chance.below(3) }, () => chance.below(body.length)))].sort(
    (a, b) => a - b,
  );
  const datas = [0, ...cuts]
    .map((at, index) => body.subarray(at, cuts[index] ?? body.length))
    .filter(({ length }) => length > 0);
  const chunks = signChunks(datas, signed).map(
    ({ data, signature }: SignedChunk): Chunk => ({
      size: data.length.toString(16),
      signature: form === 'unsigned-trailer' ? undefined : signature,
      data,
    }),
  );
  const trailers: Stream['trailers'] = form === 'signed' ? [] : [['x-amz-checksum-crc32', checksumOf(body)]];
  return resigned({
    form, body, signed, chunks, trailers, trailerSignature: undefined, more: '', newline: '\r\n', decodedLength: String(body.length),
  }); // biome-ignore format: fields
}

/** With the trailer's signature made over what its trailers are now. */
export function resigned(stream: Stream): Stream {
  if (stream.form !== 'signed-trailer') return stream;
  const lines = stream.trailers.map(([name, value]) => `${name}:${value}\n`).join('');
  return { ...stream, trailerSignature: signTrailer(lines, stream.chunks.at(-1)!.signature!, stream.signed) };
}

const headersOf = (form: Form, authority: string, decodedLength: string): Record<string, string> => ({
  host: authority,
  'content-encoding': 'aws-chunked',
  'x-amz-content-sha256': payloadOf[form],
  'x-amz-decoded-content-length': decodedLength,
  ...(form === 'signed' ? {} : { 'x-amz-trailer': 'x-amz-checksum-crc32' }),
});

/** Head and framed body. The head is signed anew where the forger changed what it says of the length. */
export function wireOf(
  stream: Stream,
  target: string,
  authority: string,
  cutBytes = 0,
): { head: Buffer; body: Buffer } {
  const { newline } = stream;
  const parts = stream.chunks.flatMap(({ size, signature, data }) => [
    Buffer.from(`${size}${signature === undefined ? '' : `;chunk-signature=${signature}`}${newline}`, 'latin1'),
    data,
    Buffer.from(data.length > 0 ? newline : ''),
  ]);
  for (const [name, value] of stream.trailers) parts.push(Buffer.from(`${name}:${value}${newline}`, 'latin1'));
  if (stream.trailerSignature !== undefined) {
    parts.push(Buffer.from(`x-amz-trailer-signature:${stream.trailerSignature}${newline}`, 'latin1'));
  }
  parts.push(Buffer.from(`${newline}${stream.more}`, 'latin1'));
  const whole = Buffer.concat(parts);
  const body = whole.subarray(0, whole.length - cutBytes);
  let { headers } = stream.signed;
  if (stream.decodedLength !== String(stream.body.length)) {
    const { 'x-amz-decoded-content-length': _, ...rest } = headersOf(stream.form, authority, '');
    const said: Record<string, string> =
      stream.decodedLength === undefined ? {} : { 'x-amz-decoded-content-length': stream.decodedLength };
    headers = sign({ method: 'PUT', target, headers: { ...rest, ...said } }, owner).headers;
  }
  return { head: headBytes('PUT', target, { ...headers, 'content-length': String(body.length) }), body };
}
