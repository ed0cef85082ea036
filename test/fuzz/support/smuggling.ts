// Ways to hide one request in another: whoever stands before the gateway reads one request, and the gateway must not read two.
// Each form is given the hidden request's bytes and says what goes over the wire.

export interface Smuggle {
  readonly name: string;
  /** `host` is the Host that both name. */
  readonly bytes: (hidden: Buffer, host: string) => Buffer;
}

const join = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

const end = '0\r\n\r\n';
const hex = (size: number): string => size.toString(16);

/** `lines` stand in a request whose body, as another reader frames it, is `body`. */
const hide = (
  name: string,
  lines: (size: number) => readonly string[],
  body: (hidden: Buffer) => Buffer,
  { method = 'PUT', target = '/nobody/k', version = 'HTTP/1.1' } = {},
): Smuggle => ({
  name,
  bytes(hidden, host) {
    const inside = body(hidden);
    const head = [`${method} ${target} ${version}`, `Host: ${host}`, ...lines(inside.length), ''].join('\r\n');
    return join(head, '\r\n', inside);
  },
});

const afterEnd = (hidden: Buffer): Buffer => join(end, hidden);
const plain = (hidden: Buffer): Buffer => hidden;

/** A Transfer-Encoding that somebody may understand beside a Content-Length that covers all. */
const twoFramings = [
  'Transfer-Encoding: chunked', 'Transfer-Encoding : chunked', 'Transfer-Encoding:\tchunked', 'Transfer-Encoding:chunked',
  'Transfer-Encoding: xchunked', 'Transfer-Encoding: chunked, identity', 'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: "chunked"', 'Transfer-Encoding: chunked;q=1', 'Transfer-Encoding: CHUNKED',
  'Transfer-Encoding: \x0bchunked', 'Transfer-Encoding: chunked\x00', 'Transfer-Encoding\x00: chunked', 'Transfer-Encoding:\r\n chunked',
  ' Transfer-Encoding: chunked', 'X: y\r\n Transfer-Encoding: chunked', 'X: y\rTransfer-Encoding: chunked', 'X: y\nTransfer-Encoding: chunked',
  'Transfer_Encoding: chunked', 'Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
  'Transfer-Encoding: \r\nTransfer-Encoding: chunked', 'TE: trailers\r\nTransfer-encoding: chunked', 'Content-Encoding: chunked',
].flatMap((line) => [
  hide(`length, then ${line}`, (size) => [`Content-Length: ${size}`, line], afterEnd),
  hide(`${line}, then length`, (size) => [line, `Content-Length: ${size}`], afterEnd),
]); // biome-ignore format: a table

/** Lengths that one reader takes for nothing and another for all. */
const twoLengths = [
  (size: number) => ['Content-Length: 0', `Content-Length: ${size}`],
  (size: number) => [`Content-Length: ${size}`, 'Content-Length: 0'],
  (size: number) => [`Content-Length: 0, ${size}`],
  (size: number) => [`Content-Length: ${size}, ${size}`],
  (size: number) => [`Content-Length: +${size}`],
  (size: number) => [`Content-Length: 0x${hex(size)}`],
  (size: number) => [`Content-Length: ${size}.0`],
  (size: number) => [`Content-Length: ${size}e0`],
  (size: number) => [`Content-Length:\r\n ${size}`],
  (size: number) => [`Content-Length : ${size}`],
  (size: number) => [` Content-Length: ${size}`],
  (size: number) => [`X: y\r\n Content-Length: ${size}`],
  (size: number) => [`X: y\nContent-Length: ${size}`],
  (size: number) => [`X: y\rContent-Length: ${size}`],
  (size: number) => [`Content-Length: 00${size}`],
  (size: number) => [`Content-Length: ${size} 0`],
  () => ['Content-Length: -0'],
  () => ['Content-Length:'],
].map((lines) => hide(`lengths ${JSON.stringify(lines(7))}`, lines, plain));

/** Ends of chunks that one reader sees and another does not. */
const chunks: readonly (readonly [name: string, body: (hidden: Buffer) => Buffer])[] = [
  ['size line with a bare LF', (hidden) => join(`${hex(hidden.length)}\n`, hidden, '\r\n', end)],
  ['LF in an extension', (hidden) => join(`1;a\nx\r\n${end}`, hidden)],
  ['CR in an extension', (hidden) => join(`1;a\rx\r\n${end}`, hidden)],
  ['end hidden in an extension', (hidden) => join('1;\n\r\nx\r\n0\r\n\r\n', hidden)],
  ['quoted extension', (hidden) => join(`1;a="\r\n0\r\n\r\n`, hidden, '"\r\nx\r\n0\r\n\r\n')],
  ['size 0x0', (hidden) => join('0x0\r\n\r\n', hidden)],
  ['size with a sign', (hidden) => join('+0\r\n\r\n', hidden)],
  ['size that wraps', (hidden) => join(`10000000000000000\r\n\r\n`, hidden)],
  ['size that wraps 32 bits', (hidden) => join(`100000000\r\n\r\n`, hidden)],
  ['negative size', (hidden) => join('-1\r\n', hidden)],
  ['blank before the size', (hidden) => join(` 0\r\n\r\n`, hidden)],
  ['underscore in the size', (hidden) => join(`0_0\r\n\r\n`, hidden)],
  ['chunk longer than its size', (hidden) => join('1\r\nxx\r\n0\r\n\r\n', hidden)],
  ['chunk without an end of its own', (hidden) => join('1\r\nx0\r\n\r\n', hidden)],
  ['chunk end that is a bare LF', (hidden) => join('1\r\nx\n0\r\n\r\n', hidden)],
  ['no end of trailers', (hidden) => join('0\r\n', hidden)],
  ['trailer that is a request', (hidden) => join('0\r\nX: y\r\n', hidden)],
  ['trailer with a length', (hidden) => join(`0\r\nContent-Length: ${hidden.length}\r\nX:`, hidden)],
]; // a chunk that never ends well takes what follows into its own request

/** Headers that end early for whoever takes a bare LF or CR for the end of a line. */
const lineEnds: readonly (readonly [name: string, tear: string])[] = [
  ['two bare LF', '\n\n'],
  ['LF CR LF', '\n\r\n'],
  ['CR CR LF', '\r\r\n'],
  ['two bare CR', '\r\r'],
  ['CR LF CR', '\r\n\r'],
  ['NUL', '\0\r\n\0\r\n'],
  ['vertical tab', '\v\v'],
  ['line separator', '\xe2\x80\xa8\xe2\x80\xa8'],
];

/** Requests with a body, and nobody's permission to have one: what is left of it is no request. */
const refusedBodies = [
  ['GET', '/nobody/k'],
  ['HEAD', '/nobody/k'],
  ['DELETE', '/nobody/k'],
  ['OPTIONS', '/nobody/k'],
  ['POST', '/'],
  ['PATCH', '/nobody/k'],
  ['PUT', '/%zz/k'],
  ['PUT', `/nobody/${'k'.repeat(2000)}`],
  ['GET', '/nobody?torrent'],
  ['PUT', '/nobody?policy'],
].flatMap(([method, target]) => [
  hide(`body of ${method} ${target!.slice(0, 20)}`, (size) => [`Content-Length: ${size}`], plain, { method, target }),
  hide(
    `chunked body of ${method} ${target!.slice(0, 20)}`,
    () => ['Transfer-Encoding: chunked'],
    (hidden) => join(`${hex(hidden.length)}\r\n`, hidden, `\r\n${end}`),
    { method, target },
  ),
  hide(`body not waited for, ${method}`, (size) => [`Content-Length: ${size}`, 'Expect: 100-continue'], plain, {
    method,
    target,
  }),
]);

export const smuggles: readonly Smuggle[] = [
  ...twoFramings,
  ...twoLengths,
  ...chunks.map(([name, body]) => hide(`chunks: ${name}`, () => ['Transfer-Encoding: chunked'], body)),
  ...lineEnds.map(
    ([name, tear]): Smuggle => ({
      name: `head torn by ${name}`,
      bytes: (hidden, host) => join(`GET /nobody/k HTTP/1.1\r\nHost: ${host}\r\nX: y${tear}`, hidden),
    }),
  ),
  ...lineEnds.map(
    ([name, tear]): Smuggle => ({
      name: `target torn by ${name}`,
      bytes: (hidden, host) => join(`GET /nobody/k${tear}`, hidden, ` HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
    }),
  ),
  ...refusedBodies,
  hide('1.0 with chunks', (size) => ['Transfer-Encoding: chunked', `Content-Length: ${size}`], afterEnd, {
    version: 'HTTP/1.0',
  }),
  hide('behind CONNECT', () => [], plain, { method: 'CONNECT', target: 'nobody:443' }),
  hide('behind HTTP/2', () => [], plain, { version: 'HTTP/2.0' }),
  { name: 'behind HTTP/0.9', bytes: (hidden) => join('GET /nobody/k\r\n\r\n', hidden) },
  {
    name: 'behind a header without a colon',
    bytes: (hidden, host) => join(`GET / HTTP/1.1\r\nHost: ${host}\r\nbad\r\n\r\n`, hidden),
  },
  {
    name: 'behind a blank header name',
    bytes: (hidden, host) => join(`GET / HTTP/1.1\r\nHost: ${host}\r\n: x\r\n\r\n`, hidden),
  },
];
