import { expect, test } from 'vitest';
import { Fault } from '../../../src/base/fault.ts';
import { MiB } from '../../../src/base/units.ts';
import { type ChunkOptions, createChunkDecoder } from '../../../src/gateway/aws-chunked.ts';
import { isS3Error } from '../../../src/gateway/errors.ts';
import { frame, type Signing, signingOf } from './chunking.ts';
import { createChance } from './signing.ts';

function decode(pieces: readonly Buffer[], options: ChunkOptions): { bytes: Buffer; trailers: Record<string, string> } {
  const decoder = createChunkDecoder(options);
  const bytes = Buffer.concat(pieces.flatMap((piece) => decoder.push(piece)));
  decoder.end();
  return { bytes, trailers: Object.fromEntries(decoder.trailers) };
}

const outcome = (run: () => unknown): string => {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (error instanceof Fault) return error.fault.kind;
    if (isS3Error(error)) return error.code;
    throw error;
  }
};

const a66560 = [Buffer.alloc(65_536, 'a'), Buffer.alloc(1024, 'a')];

test("the signatures of AWS's documented chunked upload", () => {
  const signing = signingOf({ seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9' });
  const signatures: string[] = [];
  const stream = frame(a66560, { signing, signatures });
  expect(signatures).toEqual([
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ]);
  expect(stream.length).toBe(66_824);
  expect(decode([stream], { decodedLength: 66_560, signing }).bytes.equals(Buffer.alloc(66_560, 'a'))).toBe(true);
});

test("the signatures of AWS's documented chunked upload with a trailer", () => {
  const signing = signingOf({
    seed: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
    trailer: true,
  });
  const signatures: string[] = [];
  const stream = frame(a66560, { signing, signatures, trailers: { 'x-amz-checksum-crc32c': 'sOO8/Q==' } });
  expect(signatures).toEqual([
    'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435',
  ]);
  const { trailers } = decode([stream], { decodedLength: 66_560, signing, trailerNames: ['x-amz-checksum-crc32c'] });
  expect(trailers).toEqual({ 'x-amz-checksum-crc32c': 'sOO8/Q==' });
});

const body = Buffer.from('The quick brown fox jumps over the lazy dog');
const parts = [body.subarray(0, 11), body.subarray(11, 12), body.subarray(12)];
const trailers = { 'x-amz-checksum-crc32': 'QU+jOQ==' };
const signed = signingOf();
const signedTrailer = signingOf({ trailer: true });
const forms: Record<string, { stream: Buffer; options: ChunkOptions }> = {
  'signed chunks': {
    stream: frame(parts, { signing: signed }),
    options: { decodedLength: body.length, signing: signed },
  },
  'signed chunks and trailer': {
    stream: frame(parts, { signing: signedTrailer, trailers }),
    options: { decodedLength: body.length, signing: signedTrailer, trailerNames: Object.keys(trailers) },
  },
  'unsigned chunks and trailer': {
    stream: frame(parts, { trailers }),
    options: { decodedLength: body.length, trailerNames: Object.keys(trailers) },
  },
  'trailer lines that end in LF': {
    stream: frame(parts, { trailers, lineEnd: '\n' }),
    options: { decodedLength: body.length, trailerNames: Object.keys(trailers) },
  },
  'empty body': { stream: frame([], { trailers }), options: { decodedLength: 0, trailerNames: Object.keys(trailers) } },
};

for (const [name, { stream, options }] of Object.entries(forms)) {
  test(`${name}: cut at every byte, at every pair of bytes, byte by byte`, () => {
    const expected = decode([stream], options);
    expect(expected.bytes.length).toBe(options.decodedLength);
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(decode([stream.subarray(0, cut), stream.subarray(cut)], options)).toEqual(expected);
    }
    const chance = createChance(7);
    for (let run = 0; run < 300; run++) {
      const [from, to] = [chance.below(stream.length), chance.below(stream.length)].sort((a, b) => a - b) as [
        number,
        number,
      ];
      expect(decode([stream.subarray(0, from), stream.subarray(from, to), stream.subarray(to)], options)).toEqual(
        expected,
      );
    }
    expect(
      decode(
        [...stream].map((byte) => Buffer.of(byte)),
        options,
      ),
    ).toEqual(expected);
  });

  test(`${name}: cut short anywhere, it is incomplete`, () => {
    for (let length = 0; length < stream.length; length++) {
      expect(
        outcome(() => decode([stream.subarray(0, length)], options)),
        `${length}`,
      ).toBe('body-incomplete');
    }
  });

  test(`${name}: bytes behind its end are refused`, () => {
    expect(outcome(() => decode([stream, Buffer.from('0\r\n\r\n')], options))).toBe('chunk-invalid');
    expect(outcome(() => decode([Buffer.concat([stream, Buffer.of(0)])], options))).toBe('chunk-invalid');
  });
}

for (const name of ['signed chunks', 'signed chunks and trailer']) {
  test(`${name}: any changed bit is refused`, () => {
    const { stream, options } = forms[name]!;
    const refused = new Map<string, number>();
    for (let at = 0; at < stream.length; at++) {
      for (const bit of [1, 2, 4, 8, 16, 64]) {
        const forged = Buffer.from(stream);
        forged[at]! ^= bit;
        const result = outcome(() => decode([forged], options));
        refused.set(result, (refused.get(result) ?? 0) + 1);
        // Hexadecimal digits of a size may change case and a header name too: the bytes stay the same.
        if (result === 'accepted') expect(decode([forged], options)).toEqual(decode([stream], options));
      }
    }
    expect(refused.get('chunk-signature-mismatch')).toBeGreaterThan(stream.length);
  });
}

test('the signature of the trailer comes last and once', () => {
  const { stream, options } = forms['signed chunks and trailer']!;
  const text = stream.toString('latin1');
  const line = /x-amz-trailer-signature:.*\r\n/.exec(text)![0];
  for (const forged of [text.replace(line, line + line), text.replace(line, `${line}x-amz-checksum-sha1:x\r\n`)]) {
    const trailerNames = ['x-amz-checksum-crc32', 'x-amz-checksum-sha1'];
    expect(outcome(() => decode([Buffer.from(forged, 'latin1')], { ...options, trailerNames }))).toBe(
      'MalformedTrailerError',
    );
  }
});

test('chunks cannot be dropped, doubled or swapped, nor data be handed on before its signature is checked', () => {
  const signatures: string[] = [];
  frame(parts, { signing: signed, signatures });
  const framed = [...parts, Buffer.alloc(0)].map((part, at) =>
    Buffer.concat([
      Buffer.from(`${part.length.toString(16)};chunk-signature=${signatures[at]}\r\n`),
      part,
      Buffer.from('\r\n'),
    ]),
  );
  const run = (order: readonly number[], length: number) =>
    outcome(() =>
      decode(
        order.map((at) => framed[at]!),
        { decodedLength: length, signing: signed },
      ),
    );
  expect(run([0, 1, 2, 3], body.length)).toBe('accepted');
  expect(run([1, 0, 2, 3], body.length)).toBe('chunk-signature-mismatch');
  expect(run([0, 2, 3], body.length - 1)).toBe('chunk-signature-mismatch');
  expect(run([0, 0, 1, 2, 3], body.length + 11)).toBe('chunk-signature-mismatch');
  expect(run([0, 1, 3], 12)).toBe('chunk-signature-mismatch');

  const decoder = createChunkDecoder({ decodedLength: body.length, signing: signed });
  expect(decoder.push(framed[0]!.subarray(0, -3))).toEqual([]);
  expect(Buffer.concat(decoder.push(framed[0]!.subarray(-3))).toString()).toBe('The quick b');
});

test('another key, date, scope or seed does not verify', () => {
  const { stream } = forms['signed chunks']!;
  const others: Signing[] = [
    signingOf({ secret: 'other' }),
    signingOf({ amzDate: '20130524T000001Z' }),
    { ...signed, scope: { ...signed.scope, region: 'eu-west-1' } },
    signingOf({ seed: 'f'.repeat(64) }),
  ];
  for (const signing of others) {
    expect(outcome(() => decode([stream], { decodedLength: body.length, signing }))).toBe('chunk-signature-mismatch');
  }
});

// Each of these crashed or fooled some other server.
const bad: Record<string, { text: string; length?: number; trailerNames?: string[] | undefined; expected: string }> = {
  'decoded length larger than the bytes': { text: '3\r\nabc\r\n0\r\n\r\n', length: 4, expected: 'body-incomplete' },
  'decoded length smaller than the bytes': { text: '3\r\nabc\r\n0\r\n\r\n', length: 2, expected: 'chunk-invalid' },
  'size beyond 64 bits': { text: 'fffffffffffffffff\r\n', expected: 'chunk-invalid' },
  'size of 16 digits': { text: 'ffffffffffffffff\r\n', expected: 'chunk-invalid' },
  'negative size': { text: '-1\r\n', expected: 'chunk-invalid' },
  'size with a prefix': { text: '0x3\r\nabc\r\n', expected: 'chunk-invalid' },
  'size with a blank': { text: ' 3\r\nabc\r\n', expected: 'chunk-invalid' },
  'no size': { text: '\r\n', expected: 'chunk-invalid' },
  'no chunk at all': { text: 'abc', expected: 'body-incomplete' },
  'header without CR': { text: '3\nabc\r\n', expected: 'chunk-invalid' },
  'header that never ends': { text: '3;'.padEnd(5000, 'x'), expected: 'chunk-invalid' },
  'data not followed by CRLF': { text: '3\r\nabcd\r\n', expected: 'chunk-invalid' },
  'data followed by LF alone': { text: '3\r\nabc\n0\r\n\r\n', expected: 'chunk-invalid' },
  'no last chunk': { text: '3\r\nabc\r\n', expected: 'body-incomplete' },
  'trailer where none may be': {
    text: '3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
    trailerNames: undefined,
    expected: 'chunk-invalid',
  },
  'trailer not announced': { text: '3\r\nabc\r\n0\r\nx-amz-meta-a:b\r\n\r\n', expected: 'MalformedTrailerError' },
  'trailer announced and missing': { text: '3\r\nabc\r\n0\r\n\r\n', expected: 'MalformedTrailerError' },
  'trailer twice': {
    text: '3\r\nabc\r\n0\r\nx-amz-checksum-crc32:a\r\nx-amz-checksum-crc32:a\r\n\r\n',
    expected: 'MalformedTrailerError',
  },
  'trailer without a colon': {
    text: '3\r\nabc\r\n0\r\nx-amz-checksum-crc32\r\n\r\n',
    expected: 'MalformedTrailerError',
  },
  'trailer without a name': { text: '3\r\nabc\r\n0\r\n:x\r\n\r\n', expected: 'MalformedTrailerError' },
  'trailer that never ends': { text: `3\r\nabc\r\n0\r\n${'x'.repeat(20_000)}`, expected: 'chunk-invalid' },
};

for (const [name, { text, length = 3, expected, ...rest }] of Object.entries(bad)) {
  test(`refused: ${name}`, () => {
    const trailerNames = 'trailerNames' in rest ? rest.trailerNames : ['x-amz-checksum-crc32'];
    // Two announced cases speak of framing alone and stop before the trailer.
    expect(
      outcome(() => decode([Buffer.from(text)], { decodedLength: length, ...(trailerNames && { trailerNames }) })),
    ).toBe(expected);
  });
}

test('signed chunks are bounded, and need exactly one signature of the right length', () => {
  const run = (text: string) =>
    outcome(() => decode([Buffer.from(text)], { decodedLength: 64 * MiB, signing: signed }));
  expect(run(`${(16 * MiB + 1).toString(16)};chunk-signature=${'0'.repeat(64)}\r\n`)).toBe('chunk-invalid');
  expect(run('3\r\nabc\r\n')).toBe('chunk-invalid');
  expect(run('3;chunk-signature=\r\nabc\r\n')).toBe('chunk-invalid');
  expect(run('3;chunk-signature=ab\r\nabc\r\n')).toBe('chunk-invalid');
  expect(run(`3;chunk-signature=${'0'.repeat(64)};chunk-signature=${'0'.repeat(64)}\r\nabc\r\n`)).toBe('chunk-invalid');
});
