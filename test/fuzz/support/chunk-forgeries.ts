// One point of a chunk stream made false, by name. undefined: does not fit this stream, or would change nothing.
import type { Chance } from '../../support/chance.ts';
import { signChunks } from '../../support/sign.ts';
import { checksumOf, resigned, type Stream } from './chunk-streams.ts';

export type Forge = (stream: Stream, chance: Chance) => Stream | undefined;

const flipBit = (bytes: Buffer, chance: Chance): Buffer => {
  const made = Buffer.from(bytes);
  const at = chance.below(made.length);
  made[at] = made[at]! ^ (1 << chance.below(8));
  return made;
};
const flipHex = (hex: string, chance: Chance): string => {
  const at = chance.below(hex.length);
  const digit = ((Number.parseInt(hex[at]!, 16) ^ (1 << chance.below(4))) & 15).toString(16);
  return hex.slice(0, at) + digit + hex.slice(at + 1);
};
/** The chunk at hand replaced by what `edit` makes of it. */
const editChunk =
  (
    edit: (chunk: Stream['chunks'][number], chance: Chance) => Partial<Stream['chunks'][number]>,
    withLast = true,
  ): Forge =>
  (stream, chance) => {
    const at = chance.below(stream.chunks.length - (withLast ? 0 : 1));
    const chunk = stream.chunks[at]!;
    return { ...stream, chunks: stream.chunks.with(at, { ...chunk, ...edit(chunk, chance) }) };
  };
const editSignature =
  (edit: (signature: string, chance: Chance) => string | undefined): Forge =>
  (stream, chance) =>
    stream.form === 'unsigned-trailer'
      ? undefined
      : editChunk(({ signature }) => ({ signature: edit(signature!, chance) }))(stream, chance);
const trailerOnly =
  (forge: Forge): Forge =>
  (stream, chance) =>
    stream.form === 'signed' ? undefined : forge(stream, chance);
const signedTrailerOnly =
  (forge: Forge): Forge =>
  (stream, chance) =>
    stream.form === 'signed-trailer' ? forge(stream, chance) : undefined;
const said =
  (edit: (length: number, chance: Chance) => string | undefined): Forge =>
  (stream, chance) => ({ ...stream, decodedLength: edit(stream.body.length, chance) });
const size = (of: number): string => of.toString(16);

export const forgeries: Readonly<Record<string, Forge>> = {
  'a byte of data': editChunk(({ data }, chance) => ({ data: flipBit(data, chance) }), false),
  'a byte more, counted': editChunk(
    ({ data }) => ({ data: Buffer.concat([data, Buffer.from('x')]), size: size(data.length + 1) }),
    false,
  ),
  'a byte less, counted': editChunk(({ data }) => ({ data: data.subarray(1), size: size(data.length - 1) }), false),
  'size too large': editChunk(({ data }) => ({ size: size(data.length + 1) }), false),
  'size too small': editChunk(({ data }) => ({ size: size(data.length - 1) }), false),
  'size that is none': editChunk((_, chance) => ({
    size: chance.pick(['', 'zz', '-1', '0x1', '+1', ' ', 'g', '1 ', '1_0']),
  })),
  'size beyond all': editChunk((_, chance) => ({
    size: chance.pick(['fffffffffffffffff', '7fffffffffffffff', 'ffffffff', '10000000000000000']),
  })),
  'last chunk not empty': (stream) => {
    const last = stream.chunks.at(-1)!;
    return { ...stream, chunks: stream.chunks.with(-1, { ...last, size: '1', data: Buffer.from('x') }) };
  },
  'no last chunk': (stream) => ({ ...stream, chunks: stream.chunks.slice(0, -1) }),
  'a chunk lost': (stream, chance) => ({
    ...stream,
    chunks: stream.chunks.toSpliced(chance.below(stream.chunks.length - 1), 1),
  }),
  'a chunk lost, length told': (stream, chance) => {
    const at = chance.below(stream.chunks.length - 1);
    const length = stream.body.length - stream.chunks[at]!.data.length;
    return { ...stream, chunks: stream.chunks.toSpliced(at, 1), decodedLength: String(length) };
  },
  'a chunk twice': (stream, chance) => {
    const at = chance.below(stream.chunks.length - 1);
    return { ...stream, chunks: stream.chunks.toSpliced(at, 0, stream.chunks[at]!) };
  },
  'two chunks swapped': (stream) => {
    const [one, two, ...rest] = stream.chunks;
    if (rest.length === 0 || one!.data.equals(two!.data)) return undefined;
    return { ...stream, chunks: [two!, one!, ...rest] };
  },
  'signature bit': editSignature(flipHex),
  'signature short': editSignature((one, chance) => one.slice(0, chance.below(64))),
  'signature long': editSignature((one) => `${one}0`),
  'signature in capitals': (stream, chance) =>
    editSignature((one) => one.toUpperCase())(
      { ...stream, chunks: stream.chunks.filter(({ signature }) => /[a-f]/.test(signature ?? '')) },
      chance,
    ),
  'signature twice': editSignature((one) => `${one};chunk-signature=${one}`),
  'signature of zeros': editSignature(() => '0'.repeat(64)),
  'signature of its neighbour': (stream) => {
    if (stream.form === 'unsigned-trailer') return undefined;
    const [first, ...rest] = stream.chunks;
    return { ...stream, chunks: [{ ...first!, signature: rest[0]!.signature }, ...rest] };
  },
  'no signature': editSignature(() => undefined),
  "another request's chunks": (stream) => {
    if (stream.form === 'unsigned-trailer') return undefined;
    const other = signChunks(
      stream.chunks.slice(0, -1).map(({ data }) => data),
      { ...stream.signed, signature: 'f'.repeat(64) },
    );
    return { ...stream, chunks: stream.chunks.map((chunk, at) => ({ ...chunk, signature: other[at]!.signature })) };
  },
  'bytes behind the end': (stream, chance) => ({
    ...stream,
    more: chance.pick(['x', '\r\n', '0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n']),
  }),
  'bare line feeds': (stream) => ({ ...stream, newline: '\n' }),
  'length one more': said((length) => String(length + 1)),
  'length one less': said((length) => String(length - 1)),
  'length that is none': said((_, chance) => chance.pick(['-1', '1e3', 'x', '0x10', '99999999999999999999'])),
  'no length': said(() => undefined),
  'wrong checksum': trailerOnly((stream, chance) =>
    resigned({ ...stream, trailers: [['x-amz-checksum-crc32', checksumOf(Buffer.from(`${chance.below(1e9)}`))]] }),
  ),
  'checksum that is none': trailerOnly((stream, chance) =>
    resigned({ ...stream, trailers: [['x-amz-checksum-crc32', chance.pick(['', 'x', '====', 'AAAAAAAA'])]] }),
  ),
  'no checksum': trailerOnly((stream) => resigned({ ...stream, trailers: [] })),
  'checksum twice': trailerOnly((stream) =>
    resigned({ ...stream, trailers: [...stream.trailers, ...stream.trailers] }),
  ),
  'a trailer nobody announced': trailerOnly((stream, chance) =>
    resigned({
      ...stream,
      trailers: [...stream.trailers, [chance.pick(['x-amz-meta-a', 'x-amz-checksum-sha1', 'x-amz-acl']), 'x']],
    }),
  ),
  'trailers where none may be': (stream) =>
    stream.form === 'signed' ? { ...stream, trailers: [['x-amz-checksum-crc32', checksumOf(stream.body)]] } : undefined,
  'trailer signature bit': signedTrailerOnly((stream, chance) => ({
    ...stream,
    trailerSignature: flipHex(stream.trailerSignature!, chance),
  })),
  'no trailer signature': signedTrailerOnly((stream) => ({ ...stream, trailerSignature: undefined })),
  'trailer signature of other trailers': signedTrailerOnly((stream) => ({
    ...resigned({ ...stream, trailers: [['x-amz-checksum-crc32', 'AAAAAA==']] }),
    trailers: stream.trailers,
  })),
};
