// Bytes in: sizes, attributes, digests, conditions, grants, chunked bodies.
import { GetObjectAclCommand, GetObjectTaggingCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  bytesOf,
  crc32Base64,
  etagOf,
  MiB,
  md5Base64,
  random,
  sha1Base64,
  sha256Base64,
  textOf,
} from './support/bodies.ts';
import { newBucket, newName, put } from './support/buckets.ts';
import { alt, anonymous, main } from './support/clients.ts';
import { exchange, headOf, raw, rawAs, rawRefused } from './support/raw.ts';
import { noteError } from './support/recorder.ts';
import { refuses } from './support/refuses.ts';
import { sha256, sign, signedChunks } from './support/sign.ts';
import { host, port, target } from './support/target.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
});
const command = (Key: string, more: object = {}) => new PutObjectCommand({ Bucket, Key, Body: 'body', ...more });
const head = (Key: string) => main.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));

describe('bytes', () => {
  test.each([0, 1, 65_535, 65_536, 65_537, 8 * MiB, 8 * MiB + 1, 17 * MiB])('%i bytes come back', async (size) => {
    const body = random(size);
    const { ETag, $metadata } = await put(Bucket, `size-${size}`, body, { ContentLength: size });
    expect($metadata.httpStatusCode).toBe(200);
    expect(ETag).toBe(etagOf(body));
    expect((await bytesOf({ Bucket, Key: `size-${size}` })).equals(body)).toBe(true);
  });

  test('the last one wins, and all of it', async () => {
    await put(Bucket, 'over', 'a long first body');
    await put(Bucket, 'over', 'short');
    expect(await textOf({ Bucket, Key: 'over' })).toBe('short');
  });

  test('lib-storage puts 12 MiB in parts', async () => {
    const body = random(12 * MiB);
    const { ETag } = await new Upload({ client: main, params: { Bucket, Key: 'lib', Body: body } }).done();
    expect(ETag).toMatch(/-3"$/);
    expect((await bytesOf({ Bucket, Key: 'lib' })).equals(body)).toBe(true);
  });
});

describe('attributes', () => {
  test('come back as they went', async () => {
    await put(Bucket, 'attributes', 'x', {
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de, en',
      ContentType: 'text/x-odd; charset=utf-8',
      Expires: new Date('2031-02-03T04:05:06Z'),
      Metadata: { one: '1', 'two-b': 'b b', empty: '' },
      WebsiteRedirectLocation: '/elsewhere',
      StorageClass: 'STANDARD',
      RequestPayer: 'requester',
      ExpectedBucketOwner: target.main.canonicalId,
    });
    const got = await head('attributes');
    expect(got).toMatchObject({
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de, en',
      ContentType: 'text/x-odd; charset=utf-8',
      ExpiresString: 'Mon, 03 Feb 2031 04:05:06 GMT',
      Metadata: { one: '1', 'two-b': 'b b', empty: '' },
      WebsiteRedirectLocation: '/elsewhere',
      ContentLength: 1,
    });
  });

  test('have S3 defaults', async () => {
    await raw({ method: 'PUT', target: `/${Bucket}/plain`, body: 'x' });
    const got = await head('plain');
    expect(got.ContentType).toBe('binary/octet-stream');
    expect(got.Metadata).toEqual({});
    expect(got.CacheControl ?? got.ContentEncoding ?? got.ExpiresString).toBeUndefined();
  });

  test('Expires is any text', async () => {
    await rawAs('PutObject', ['Expires'], {
      method: 'PUT',
      target: `/${Bucket}/expires`,
      body: '',
      headers: { expires: 'never' },
    });
    expect((await raw({ method: 'HEAD', target: `/${Bucket}/expires` })).headers.expires).toBe('never');
  });

  test.each([
    ['aws-chunked', undefined],
    ['aws-chunked,gzip', 'gzip'],
    ['gzip, aws-chunked', 'gzip'],
    ['deflate,aws-chunked,gzip', 'deflate, gzip'],
  ])('Content-Encoding %s is kept as %s', async (sent, kept) => {
    await put(Bucket, 'encoded', 'x', { ContentEncoding: sent });
    expect((await head('encoded')).ContentEncoding).toBe(kept);
  });

  test('metadata outside of ASCII comes back byte for byte', async () => {
    const value = Buffer.from('Hëllö Wörld €', 'utf8').toString('latin1');
    const made = await raw({ method: 'PUT', target: `/${Bucket}/latin`, body: '', headers: { 'x-amz-meta-m': value } });
    expect(made.status, made.body).toBe(200);
    const got = await raw({ method: 'HEAD', target: `/${Bucket}/latin` });
    expect(got.headers['x-amz-meta-m']).toBe(value);
  });

  test('a file name outside of ASCII, too', async () => {
    const value = Buffer.from('inline; filename="é €.txt"', 'utf8').toString('latin1');
    const path = `/${Bucket}/disposition`;
    await raw({ method: 'PUT', target: path, body: 'x', headers: { 'content-disposition': value } });
    for (const method of ['HEAD', 'GET']) {
      expect((await raw({ method, target: path })).headers['content-disposition']).toBe(value);
    }
  });

  test('metadata beyond 2 KB', async () => {
    await put(Bucket, 'meta', 'x', { Metadata: { k: 'v'.repeat(2047) } });
    await refuses(main, command('meta', { Metadata: { k: 'v'.repeat(2048) } }), 'MetadataTooLarge');
  });

  test('a redirect must be a path or a URL', async () => {
    await refuses(main, command('k', { WebsiteRedirectLocation: 'javascript:alert(1)' }), 'InvalidRedirectLocation');
  });
});

describe('tags', () => {
  test('in the header, sorted, with empty values', async () => {
    await put(Bucket, 'tagged', 'x', { Tagging: 'foo=bar&bar&sp%20ace=a+b' });
    const { TagSet } = await main.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }));
    expect(TagSet).toEqual([
      { Key: 'bar', Value: '' },
      { Key: 'foo', Value: 'bar' },
      { Key: 'sp ace', Value: 'a b' },
    ]);
    expect((await head('tagged')).TagCount).toBe(3);
  });

  test('that are not tags', async () => {
    await put(Bucket, 'tagged', 'x', { Tagging: '&a=1&&' });
    const tagged = await main.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }));
    expect(tagged.TagSet).toEqual([{ Key: 'a', Value: '1' }]);
    await refuses(main, command('k', { Tagging: '=1' }), 'InvalidArgument');
    await refuses(main, command('k', { Tagging: 'a=1&a=2' }), 'InvalidArgument');
    await refuses(main, command('k', { Tagging: 'a=<>' }), 'InvalidTag');
    await refuses(main, command('k', { Tagging: 'a=%zz' }), 'InvalidArgument');
  });
});

describe('digests', () => {
  const body = 'The quick brown fox';

  test.each([
    ['ChecksumCRC32', crc32Base64(body)],
    ['ChecksumSHA1', sha1Base64(body)],
    ['ChecksumSHA256', sha256Base64(body)],
  ] as const)('%s is checked, kept and shown', async (member, value) => {
    const made = await put(Bucket, member, body, { [member]: value });
    expect(made[member]).toBe(value);
    expect(await head(member)).toMatchObject({ [member]: value, ChecksumType: 'FULL_OBJECT' });
  });

  test.each([
    ['ChecksumCRC32', crc32Base64('other')],
    ['ChecksumCRC32C', 'qIhgsQ=='],
    ['ChecksumCRC64NVME', 'AAAAAAAAAAA='],
    ['ChecksumSHA1', sha1Base64('other')],
    ['ChecksumSHA256', sha256Base64('other')],
  ] as const)('%s of another body is refused', async (member, value) => {
    await refuses(main, command('wrong', { [member]: value }), 'BadDigest');
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    '%s computed by the SDK',
    async (ChecksumAlgorithm) => {
      const made = await put(Bucket, `sdk-${ChecksumAlgorithm}`, body, { ChecksumAlgorithm });
      const member = `Checksum${ChecksumAlgorithm}` as const;
      expect(made[member]).toBeTruthy();
      expect((await head(`sdk-${ChecksumAlgorithm}`))[member]).toBe(made[member]);
      expect(await textOf({ Bucket, Key: `sdk-${ChecksumAlgorithm}`, ChecksumMode: 'ENABLED' })).toBe(body);
    },
  );

  test('a refused body leaves nothing', async () => {
    await put(Bucket, 'kept', 'old');
    await refuses(main, command('kept', { ChecksumSHA256: sha256Base64('other') }), 'BadDigest');
    expect(await textOf({ Bucket, Key: 'kept' })).toBe('old');
  });

  test('Content-MD5', async () => {
    await put(Bucket, 'md5', body, { ContentMD5: md5Base64(body) });
    await refuses(main, command('md5', { ContentMD5: md5Base64('other') }), 'BadDigest');
    await refuses(main, command('md5', { ContentMD5: 'short' }), 'InvalidDigest');
    await rawRefused(
      'PutObject',
      { method: 'PUT', target: `/${Bucket}/md5`, body, headers: { 'content-md5': '' } },
      'InvalidDigest',
    );
  });

  test('the signed hash of the body', async () => {
    const request = {
      method: 'PUT',
      target: `/${Bucket}/hash`,
      body,
      headers: { 'x-amz-content-sha256': sha256('other') },
    };
    await rawRefused('PutObject', request, 'XAmzContentSHA256Mismatch');
  });

  test('malformed and contradicting checksums', async () => {
    await refuses(main, command('k', { ChecksumCRC32: 'bad' }), 'InvalidRequest');
    const two = { ChecksumCRC32: crc32Base64('body'), ChecksumSHA1: sha1Base64('body') };
    await refuses(main, command('k', two), 'InvalidRequest');
  });
});

describe('conditions', () => {
  test('If-None-Match: * writes once', async () => {
    await put(Bucket, 'once', 'first', { IfNoneMatch: '*' });
    await refuses(main, command('once', { IfNoneMatch: '*' }), 'PreconditionFailed');
    expect(await textOf({ Bucket, Key: 'once' })).toBe('first');
  });

  test('of ten racers one wins', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, (_, at) => put(Bucket, 'race', `racer ${at}`, { IfNoneMatch: '*' })),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('If-Match writes over what was read', async () => {
    const { ETag } = await put(Bucket, 'match', 'one');
    await put(Bucket, 'match', 'two', { IfMatch: ETag! });
    await refuses(main, command('match', { IfMatch: ETag! }), 'PreconditionFailed');
    await refuses(main, command('never-there', { IfMatch: ETag! }), 'NoSuchKey');
  });

  test('an ETag in If-None-Match, or both, is not a write that S3 knows', async () => {
    await refuses(main, command('k', { IfNoneMatch: '"abc"' }), 'NotImplemented');
    await refuses(main, command('k', { IfNoneMatch: '*', IfMatch: '"abc"' }), 'NotImplemented');
  });
});

describe('access', () => {
  const permissionsOf = async (Key: string, grantee: string) => {
    const { Grants = [] } = await main.send(new GetObjectAclCommand({ Bucket, Key }));
    return Grants.filter(({ Grantee }) => Grantee?.ID === grantee || Grantee?.URI === grantee).map(
      ({ Permission }) => Permission,
    );
  };

  test('a canned ACL opens the object', async () => {
    await put(Bucket, 'open', 'hello', { ACL: 'public-read' });
    expect(await textOf({ Bucket, Key: 'open' }, anonymous)).toBe('hello');
    await refuses(main, command('k', { ACL: 'unheard' }), 'InvalidArgument');
  });

  test('grants by id, e-mail and group', async () => {
    const id = target.alt.canonicalId;
    await put(Bucket, 'granted', 'for alt', {
      GrantFullControl: `id="${target.main.canonicalId}"`,
      GrantRead: `emailAddress="${target.alt.email}"`,
      GrantReadACP: `id="${id}"`,
      GrantWriteACP: `id=${id}, uri="http://acs.amazonaws.com/groups/global/AuthenticatedUsers"`,
    });
    expect((await permissionsOf('granted', id)).sort()).toEqual(['READ', 'READ_ACP', 'WRITE_ACP']);
    expect(await textOf({ Bucket, Key: 'granted' }, alt)).toBe('for alt');
    await refuses(
      main,
      command('k', { GrantRead: 'emailAddress="who@example.org"' }),
      'UnresolvableGrantByEmailAddress',
    );
    await refuses(main, command('k', { GrantRead: 'id="nobody-of-this-id"' }), 'InvalidArgument');
    await refuses(main, command('k', { ACL: 'private', GrantRead: `id="${id}"` }), 'InvalidRequest');
  });
});

describe('the request itself', () => {
  const put3 = (more: Record<string, string>) => ({ method: 'PUT', target: `/${Bucket}/length`, headers: more });

  test('needs a length', async () => {
    const answer = await exchange(headOf({ ...put3({ connection: 'close' }) }));
    expect(answer.code).toBe('MissingContentLength');
    expect(answer.status).toBe(411);
    noteError('PutObject', 'MissingContentLength');
  });

  test('may not be larger than 5 GiB', async () => {
    const tooMuch = String(5 * 1024 ** 3 + 1);
    const answer = await exchange(
      headOf({ ...put3({ 'content-length': tooMuch, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }) }),
    );
    expect([answer.status, answer.code]).toEqual([400, 'EntityTooLarge']);
    noteError('PutObject', 'EntityTooLarge');
  });

  test('a key beyond 1,024 bytes', async () => {
    const longest = 'ü'.repeat(512);
    await put(Bucket, longest, 'fits');
    expect(await textOf({ Bucket, Key: longest })).toBe('fits');
    await refuses(main, command(`${longest}x`), 'KeyTooLongError');
  });

  test('a bucket that is not there', async () => {
    await refuses(main, new PutObjectCommand({ Bucket: newName(), Key: 'k', Body: 'x' }), 'NoSuchBucket');
  });
});

describe('aws-chunked bodies', () => {
  const body = Buffer.concat([random(70_000), random(300)]);
  const chunks = [body.subarray(0, 65_536), body.subarray(65_536)];
  const streamed = (Key: string, sha: string, more: Record<string, string> = {}) => ({
    method: 'PUT',
    target: `/${Bucket}/${Key}`,
    headers: {
      host: `${host}:${port}`,
      connection: 'close',
      'x-amz-content-sha256': sha,
      'x-amz-decoded-content-length': String(body.length),
      'content-encoding': 'aws-chunked',
      ...more,
    },
  });
  const trailer = ['x-amz-checksum-crc32', crc32Base64(body)] as const;

  async function sendSigned(
    Key: string,
    options: { trailer?: readonly [string, string]; damage?: (bytes: Buffer) => Buffer } = {},
  ) {
    const sha = options.trailer ? 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER' : 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
    // The encoded length is signed too, and does not depend on the signatures' values.
    const length = signedChunks(
      chunks,
      { signature: '', key: Buffer.alloc(32), scope: '', date: '', headers: {} },
      options.trailer,
    ).length;
    const request = streamed(Key, sha, {
      'content-length': String(length),
      ...(options.trailer && { 'x-amz-trailer': options.trailer[0] }),
    });
    const signed = sign(request, target.main);
    const encoded = signedChunks(chunks, signed, options.trailer);
    const lines = Object.entries(signed.headers).map(([name, value]) => `${name}: ${value}`);
    const start = `${[`PUT ${request.target} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
    return exchange(Buffer.concat([Buffer.from(start), options.damage?.(encoded) ?? encoded]));
  }

  test('signed chunk by chunk', async () => {
    const answer = await sendSigned('chunks');
    expect(answer.status, answer.body).toBe(200);
    expect((await bytesOf({ Bucket, Key: 'chunks' })).equals(body)).toBe(true);
    expect((await head('chunks')).ContentEncoding).toBeUndefined();
  });

  test('signed, with a signed trailer', async () => {
    const answer = await sendSigned('trailer', { trailer });
    expect(answer.status, answer.body).toBe(200);
    expect((await head('trailer')).ChecksumCRC32).toBe(trailer[1]);
  });

  test('a changed byte breaks the chain', async () => {
    const damage = (bytes: Buffer) => {
      const changed = Buffer.from(bytes);
      changed[200]! ^= 1;
      return changed;
    };
    const answer = await sendSigned('broken', { damage });
    expect([answer.status, answer.code]).toEqual([403, 'SignatureDoesNotMatch']);
    await refuses(main, new HeadObjectCommand({ Bucket, Key: 'broken' }), 'NoSuchKey');
  });

  test('a trailer that does not hold', async () => {
    const answer = await sendSigned('liar', { trailer: ['x-amz-checksum-crc32', crc32Base64('other')] });
    expect([answer.status, answer.code]).toEqual([400, 'BadDigest']);
    await refuses(main, new HeadObjectCommand({ Bucket, Key: 'liar' }), 'NoSuchKey');
  });

  const unsigned = (text: string, Key: string, decoded = 5) => {
    const request = streamed(Key, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', {
      'x-amz-decoded-content-length': String(decoded),
      'x-amz-trailer': 'x-amz-checksum-crc32',
    });
    return exchange(headOf({ ...request, body: text }) + text);
  };
  const tail = `x-amz-checksum-crc32:${crc32Base64('hello')}\r\n\r\n`;

  test('unsigned, with a trailer', async () => {
    const answer = await unsigned(`5\r\nhello\r\n0\r\n${tail}`, 'unsigned');
    expect(answer.status, answer.body).toBe(200);
    expect(await textOf({ Bucket, Key: 'unsigned' })).toBe('hello');
  });

  test.each([
    ['cut short', `5\r\nhel`],
    ['without an end', `5\r\nhello\r\n`],
    ['no size', `zz\r\nhello\r\n0\r\n${tail}`],
    ['a size beyond reason', `fffffffffffffffff\r\nhello\r\n0\r\n${tail}`],
    ['too few bytes', `4\r\nhell\r\n0\r\n${tail}`],
    ['no line end behind a chunk', `5\r\nhelloXX0\r\n${tail}`],
  ])('%s is refused and leaves nothing', async (name, text) => {
    const Key = `bad-${name}`.replaceAll(' ', '-');
    const answer = await unsigned(text, Key);
    expect(answer.status, answer.body).toBe(400);
    if (answer.code === 'IncompleteBody') noteError('PutObject', 'IncompleteBody');
    await refuses(main, new HeadObjectCommand({ Bucket, Key }), 'NoSuchKey');
  });
});
