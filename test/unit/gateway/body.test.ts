import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { Fault } from '../../../src/base/fault.ts';
import { MiB } from '../../../src/base/units.ts';
import { type BodyOptions, openBody, readWhole } from '../../../src/gateway/body.ts';
import { isS3Error } from '../../../src/gateway/errors.ts';
import type { UploadBody } from '../../../src/objects/upload-body.ts';
import { frame, signingOf } from './chunking.ts';

const text = Buffer.from('hello, body');
const md5 = createHash('md5').update(text).digest('base64');
const sha256 = createHash('sha256').update(text).digest('base64');
const sha1 = createHash('sha1').update(text).digest('base64');
const crc = (of: Buffer): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(of));
  return bytes.toString('base64');
};

const open = (options: Partial<BodyOptions> = {}, source: Buffer | Readable = text): UploadBody =>
  openBody(Buffer.isBuffer(source) ? Readable.from(source.length ? [source] : [], { objectMode: false }) : source, {
    payload: { kind: 'unsigned' },
    clock: systemClock,
    ...options,
    headers: { 'content-length': `${text.length}`, ...options.headers },
  });

/** Error code or fault kind, or the bytes. */
async function outcome(run: () => UploadBody, seen?: (body: UploadBody) => void): Promise<string> {
  try {
    const body = run();
    const bytes: Buffer[] = [];
    for await (const piece of body) bytes.push(piece);
    seen?.(body);
    return Buffer.concat(bytes).toString();
  } catch (error) {
    if (error instanceof Fault)
      return error.fault.kind === 'digest-mismatch' ? `mismatch ${error.fault.digest}` : error.fault.kind;
    if (isS3Error(error)) return error.code;
    throw error;
  }
}
const withHeaders = (headers: Record<string, string>, options: Partial<BodyOptions> = {}) =>
  outcome(() => open({ ...options, headers }));

test('a plain body: bytes, length, MD5, and no checksum that nobody asked for', async () => {
  const seen = await outcome(
    () => open({ payload: { kind: 'sha256', hex: createHash('sha256').update(text).digest('hex') } }),
    (body) => {
      expect(body.length).toBe(text.length);
      expect(body.digests.md5.toString('base64')).toBe(md5);
      expect(body.digests.size).toBe(text.length);
      expect([...body.digests.checksums]).toEqual([]);
    },
  );
  expect(seen).toBe(text.toString());
});

test('asked and declared checksums are given back', async () => {
  await outcome(
    () =>
      open({
        algorithms: ['SHA1'],
        headers: { 'x-amz-checksum-sha256': sha256, 'x-amz-sdk-checksum-algorithm': 'SHA256' },
      }),
    (body) => expect(Object.fromEntries(body.digests.checksums)).toEqual({ SHA1: sha1, SHA256: sha256 }),
  );
});

test('digests are not to be had before the end', () => {
  expect(() => open().digests).toThrow('read to its end');
});

test('a declared hash of the payload is checked', async () => {
  expect(await outcome(() => open({ payload: { kind: 'sha256', hex: '0'.repeat(64) } }))).toBe(
    'mismatch x-amz-content-sha256',
  );
});

test('Content-MD5', async () => {
  expect(await withHeaders({ 'content-md5': md5 })).toBe(text.toString());
  expect(await withHeaders({ 'content-md5': createHash('md5').update('x').digest('base64') })).toBe(
    'mismatch content-md5',
  );
  for (const bad of ['', 'YWJyYWNhZGFicmE=', 'AWS HAHAHA', md5.slice(0, -2), `${md5}AA==`, '!!']) {
    expect(await withHeaders({ 'content-md5': bad }), bad).toBe('InvalidDigest');
  }
});

const wrong: [name: string, value: string][] = [
  ['crc32', crc(Buffer.from('x'))],
  ['crc32c', 'AAAAAA=='],
  ['crc64nvme', 'AAAAAAAAAAA='],
  ['sha1', createHash('sha1').update('x').digest('base64')],
  ['sha256', createHash('sha256').update('x').digest('base64')],
];
for (const [name, other] of wrong) {
  test(`x-amz-checksum-${name}: right, wrong, malformed; in the header and in the trailer`, async () => {
    const header = `x-amz-checksum-${name}`;
    const algorithm = name.toUpperCase() as 'CRC32';
    let value = '';
    await outcome(
      () => open({ algorithms: [algorithm] }),
      (body) => {
        value = body.digests.checksums.get(algorithm)!;
      },
    );
    expect(await withHeaders({ [header]: value })).toBe(text.toString());
    expect(await withHeaders({ [header]: other })).toBe(`mismatch ${algorithm}`);
    for (const bad of [
      '',
      'bad',
      value.slice(1),
      `${value}=`,
      value.replace(/=+$/, '*'),
      'A'.repeat(value.length + 4),
    ]) {
      expect(await withHeaders({ [header]: bad }), bad).toBe('InvalidRequest');
      expect(await withHeaders({ [header]: bad }, { profile: 'rgw' }), bad).toBe('BadDigest');
    }
    const inTrailer = (sent: string, announced = header) =>
      outcome(() =>
        open(
          {
            payload: { kind: 'unsigned-trailer' },
            headers: { 'x-amz-trailer': announced, 'x-amz-decoded-content-length': `${text.length}` },
          },
          frame([text], { trailers: { [header]: sent } }),
        ),
      );
    expect(await inTrailer(value)).toBe(text.toString());
    expect(await inTrailer(other)).toBe(`mismatch ${algorithm}`);
    expect(await inTrailer('bad')).toBe('InvalidRequest');
    expect(
      await inTrailer(value, header === 'x-amz-checksum-sha1' ? 'x-amz-checksum-crc32' : 'x-amz-checksum-sha1'),
    ).toBe('MalformedTrailerError');
  });
}

test('declarations that contradict each other or that we do not build', async () => {
  const one = { 'x-amz-checksum-sha1': sha1 };
  expect(await withHeaders({ ...one, 'x-amz-checksum-sha256': sha256 })).toBe('InvalidRequest');
  expect(await withHeaders({ ...one, 'x-amz-sdk-checksum-algorithm': 'CRC32' })).toBe('InvalidRequest');
  expect(await withHeaders({ ...one, 'x-amz-sdk-checksum-algorithm': 'sha1' })).toBe(text.toString());
  expect(await withHeaders({ ...one, 'x-amz-sdk-checksum-algorithm': 'ROT13' })).toBe('InvalidRequest');
  expect(await withHeaders({ 'x-amz-sdk-checksum-algorithm': 'CRC32' })).toBe('InvalidRequest');
  expect(await withHeaders({ 'x-amz-sdk-checksum-algorithm': 'constructor' })).toBe('InvalidRequest');
  for (const name of ['sha512', 'md5', 'xxhash64', 'xxhash3', 'xxhash128']) {
    expect(await withHeaders({ [`x-amz-checksum-${name}`]: 'AAAA' })).toBe('NotImplemented');
    expect(await withHeaders({ 'x-amz-sdk-checksum-algorithm': name })).toBe('NotImplemented');
    expect(await withHeaders({ 'x-amz-trailer': `x-amz-checksum-${name}` })).toBe('NotImplemented');
  }
  // These name no value.
  expect(
    await withHeaders({
      'x-amz-checksum-type': 'COMPOSITE',
      'x-amz-checksum-mode': 'ENABLED',
      'x-amz-checksum-algorithm': 'SHA1',
    }),
  ).toBe(text.toString());
  expect(await withHeaders({ 'x-amz-trailer': 'x-amz-checksum-crc32' })).toBe('InvalidRequest');
  expect(await withHeaders({ 'x-amz-trailer': 'x-amz-meta-a' }, { payload: { kind: 'unsigned-trailer' } })).toBe(
    'InvalidRequest',
  );
  expect(
    await withHeaders(
      { 'x-amz-trailer': 'x-amz-checksum-crc32,x-amz-checksum-sha1' },
      { payload: { kind: 'unsigned-trailer' } },
    ),
  ).toBe('InvalidRequest');
  expect(
    await withHeaders({ ...one, 'x-amz-trailer': 'x-amz-checksum-crc32' }, { payload: { kind: 'unsigned-trailer' } }),
  ).toBe('InvalidRequest');
});

test('checksum headers of CompleteMultipartUpload speak of the object', async () => {
  expect(await withHeaders({ 'x-amz-checksum-sha256': `${sha256}-2` }, { checksumHeaders: false })).toBe(
    text.toString(),
  );
});

test('lengths: short, long, absent, malformed, too large', async () => {
  expect(await withHeaders({ 'content-length': '12' })).toBe('body-incomplete');
  expect(await withHeaders({ 'content-length': '10' })).toBe('body-incomplete');
  for (const bad of ['', '-1', '1e1', '0x9', '9'.repeat(20)])
    expect(await withHeaders({ 'content-length': bad }), bad).toBe('BadRequest');
  expect(await withHeaders({ 'content-length': `${5 * 1024 * MiB + 1}` })).toBe('EntityTooLarge');
  expect(await withHeaders({}, { bytesMax: 10 })).toBe('EntityTooLarge');
  const none = { 'content-length': undefined as unknown as string };
  expect(await withHeaders(none, { lengthRequired: true })).toBe('MissingContentLength');
  expect(await outcome(() => open({ headers: none }, Buffer.alloc(0)))).toBe('');
  // Sent in HTTP chunks: the length is not known, the cap holds all the same.
  expect(await withHeaders({ ...none, 'transfer-encoding': 'chunked' }, { lengthRequired: true })).toBe(
    text.toString(),
  );
  expect(await withHeaders({ ...none, 'transfer-encoding': 'chunked' }, { bytesMax: 10 })).toBe('body-too-large');
});

test('x-amz-decoded-content-length counts for aws-chunked bodies alone, and must hold', async () => {
  const chunked = (headers: Record<string, string>) =>
    outcome(() => open({ payload: { kind: 'unsigned-trailer' }, headers }, frame([text], { trailers: {} })));
  expect(await chunked({ 'x-amz-decoded-content-length': `${text.length}` })).toBe(text.toString());
  expect(await chunked({})).toBe('MissingContentLength');
  expect(await chunked({ 'x-amz-decoded-content-length': 'x' })).toBe('InvalidArgument');
  expect(await chunked({ 'x-amz-decoded-content-length': '-1' })).toBe('InvalidArgument');
  expect(await chunked({ 'x-amz-decoded-content-length': `${text.length + 1}` })).toBe('body-incomplete');
  expect(await chunked({ 'x-amz-decoded-content-length': `${text.length - 1}` })).toBe('chunk-invalid');
  expect(await withHeaders({ 'x-amz-decoded-content-length': '3' })).toBe(text.toString());
});

test('signed chunks with a signed trailer, checked to the last', async () => {
  const signing = signingOf({ trailer: true });
  const headers = { 'x-amz-decoded-content-length': `${text.length}`, 'x-amz-trailer': 'x-amz-checksum-crc32' };
  const trailers = { 'x-amz-checksum-crc32': crc(text) };
  const stream = frame([text], { signing, trailers });
  expect(await outcome(() => open({ payload: signing, headers }, stream))).toBe(text.toString());
  const unsigned = Buffer.from(stream.toString('latin1').replace(/x-amz-trailer-signature:.*\r\n/, ''), 'latin1');
  expect(await outcome(() => open({ payload: signing, headers }, unsigned))).toBe('chunk-signature-mismatch');
});

test('large pieces are cut to 1 MiB', async () => {
  const sizes: number[] = [];
  const large = Buffer.alloc(2 * MiB + 5, 1);
  for await (const piece of open({ headers: { 'content-length': `${large.length}` } }, large)) sizes.push(piece.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MiB);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(large.length);
});

test('a broken connection is an incomplete body; the source is never destroyed by us', async () => {
  const broken = new Readable({ read() {} });
  broken.push(text.subarray(0, 4));
  setImmediate(() => broken.destroy(new Error('aborted')));
  expect(await outcome(() => open({}, broken))).toBe('body-incomplete');

  const source = new Readable({ read() {} });
  source.push(text);
  for await (const _ of open({}, source)) break;
  await new Promise((resolve) => setImmediate(resolve));
  expect(source.destroyed).toBe(false);
  // Nor is it held: whoever answers the error can drain the rest.
  expect(source.listenerCount('readable')).toBe(0);
});

/** A clock that moves when told. */
function createHandClock() {
  let nowMs = 0;
  const sleepers = new Set<{ atMs: number; wake: () => void }>();
  return {
    monotonicMs: () => nowMs,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const sleeper = { atMs: nowMs + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    async advance(ms: number) {
      nowMs += ms;
      for (const sleeper of [...sleepers]) {
        if (sleeper.atMs > nowMs) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
    get sleepers() {
      return sleepers.size;
    },
  };
}

test('a sender that is too slow is cut after the grace; our own slowness is not held against it', async () => {
  const clock = createHandClock();
  const source = new Readable({ read() {} });
  const pace = { graceMs: 1000, bytesPerSecMin: 10 };
  const body = open({ clock, pace, headers: { 'content-length': '100' } }, source);
  const pieces = body[Symbol.asyncIterator]();

  source.push(Buffer.alloc(10));
  expect((await pieces.next()).value.length).toBe(10);
  // The storage takes an hour: nobody waits for the client.
  await clock.advance(3_600_000);
  source.push(Buffer.alloc(10));
  expect((await pieces.next()).value.length).toBe(10);
  // 1 s of grace and 2 s for 20 bytes have been earned.
  const late = pieces.next().then(
    () => 'came',
    (error: Fault) => error.fault.kind,
  );
  for (let ms = 0; ms < 2900; ms += 100) await clock.advance(100);
  expect(await Promise.race([late, Promise.resolve('waiting')])).toBe('waiting');
  for (let ms = 0; ms < 1200; ms += 100) await clock.advance(100);
  expect(await late).toBe('body-too-slow');
  expect(source.destroyed).toBe(false);
});

test('waits add up: a trickle is as slow as a silence', async () => {
  const clock = createHandClock();
  const source = new Readable({ read() {} });
  const body = open(
    { clock, pace: { graceMs: 1000, bytesPerSecMin: 10 }, headers: { 'content-length': '100' } },
    source,
  );
  const read = (async () => {
    for await (const _ of body);
  })().then(
    () => 'came',
    (error: Fault) => error.fault.kind,
  );
  // One byte in half a second earns a tenth of one.
  for (let second = 0; second < 3; second += 0.5) {
    await clock.advance(500);
    source.push(Buffer.alloc(1));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await Promise.race([read, Promise.resolve('waiting')])).toBe('body-too-slow');
});

test('a finished or abandoned body leaves no timer behind', async () => {
  const clock = createHandClock();
  for await (const _ of open({ clock })) expect(clock.sleepers).toBe(1);
  expect(clock.sleepers).toBe(0);
  for await (const _ of open({ clock })) break;
  expect(clock.sleepers).toBe(0);
  await outcome(() =>
    open(
      { clock, payload: { kind: 'unsigned-trailer' }, headers: { 'x-amz-decoded-content-length': '11' } },
      Buffer.from('zzz'),
    ),
  );
  expect(clock.sleepers).toBe(0);
});

test('readWhole', async () => {
  expect((await readWhole(open(), 11)).toString()).toBe(text.toString());
  await expect(readWhole(open(), 10)).rejects.toMatchObject({ code: 'MaxMessageLengthExceeded' });
  const unknown = { 'content-length': undefined as unknown as string, 'transfer-encoding': 'chunked' };
  await expect(readWhole(open({ headers: unknown }), 10)).rejects.toMatchObject({ code: 'MaxMessageLengthExceeded' });
});

test('a checksum that the story asks for is computed beside the declared one', async () => {
  const body = open({ headers: { 'x-amz-checksum-crc32': crc(text) } });
  body.also?.('SHA256');
  await readWhole(body, MiB);
  expect(Object.fromEntries(body.digests.checksums)).toEqual({ CRC32: crc(text), SHA256: sha256 });
});
