// Bytes: whole, ranges, parts, versions; conditions, overrides, checksums.
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { bytesOf, etagOf, MiB, partBytes, random, sha256Base64, textOf } from './support/bodies.ts';
import { newBucket, newName, put, setVersioning } from './support/buckets.ts';
import { anonymous, main } from './support/clients.ts';
import { raw, rawAs, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { uploadWhole } from './support/uploads.ts';

const text = '0123456789';
const ETag = etagOf(text);
let Bucket: string;
let modified: Date;
beforeAll(async () => {
  Bucket = await newBucket();
  await put(Bucket, 'k', text, { ContentType: 'text/plain', ACL: 'public-read' });
  modified = (await main.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).LastModified!;
});
const get = (more: object = {}) => new GetObjectCommand({ Bucket, Key: 'k', ...more });
const later = (ms: number) => new Date(modified.getTime() + ms);

test('bytes and headers', async () => {
  const got = await main.send(get({ RequestPayer: 'requester', ExpectedBucketOwner: target.main.canonicalId }));
  expect(got).toMatchObject({ ETag, ContentLength: 10, AcceptRanges: 'bytes', ContentType: 'text/plain' });
  expect(got.VersionId).toBeUndefined();
  expect(got.StorageClass).toBeUndefined();
  expect(await got.Body!.transformToString()).toBe(text);
});

describe('ranges', () => {
  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=5-99', '56789', 'bytes 5-9/10'],
    ['bytes=-99', text, 'bytes 0-9/10'],
  ])('%s', async (Range, expected, ContentRange) => {
    const got = await main.send(get({ Range }));
    expect(got.$metadata.httpStatusCode).toBe(206);
    expect(got).toMatchObject({ ContentRange, ContentLength: expected.length, ETag });
    expect(await got.Body!.transformToString()).toBe(expected);
  });

  test.each(['bytes=0-1,4-5', 'bytes=--1', 'bytes= -1', 'bytes=0 -1', 'bytes=abc', 'bytes=4-2', 'lines=1-2', 'bytes'])(
    '%s is no range, so the whole comes',
    async (Range) => {
      const got = await main.send(get({ Range }));
      expect(got.$metadata.httpStatusCode).toBe(200);
      expect(await got.Body!.transformToString()).toBe(text);
    },
  );

  test.each(['bytes=10-', 'bytes=50-60', 'bytes=-0'])('%s cannot be satisfied', async (Range) => {
    await refuses(main, get({ Range }), 'InvalidRange');
  });

  test('a download goes on only in the version that it began with', async () => {
    const since = modified.toUTCString();
    const before = new Date(modified.getTime() - 1000).toUTCString();
    for (const [ifRange, status] of [
      [ETag, 206],
      [since, 206],
      ['"other"', 200],
      [`W/${ETag}`, 200],
      [before, 200],
    ] as const) {
      const headers = { range: 'bytes=2-4', 'if-range': ifRange };
      const got = await raw({ target: `/${Bucket}/k`, headers });
      expect([got.status, got.body], ifRange).toEqual([status, status === 206 ? '234' : text]);
    }
  });

  test('of nothing there is no range', async () => {
    await put(Bucket, 'empty', '');
    for (const Range of ['bytes=0-0', 'bytes=0-', 'bytes=-1'])
      await refuses(main, get({ Key: 'empty', Range }), 'InvalidRange');
    expect(await textOf({ Bucket, Key: 'empty', PartNumber: 1 })).toBe('');
  });

  test('across blocks', async () => {
    const body = random(17 * MiB);
    await put(Bucket, 'big', body);
    for (const [from, to] of [
      [8 * MiB - 10, 8 * MiB + 10],
      [65_535, 65_536],
      [1, 17 * MiB - 1],
    ] as const) {
      const got = await bytesOf({ Bucket, Key: 'big', Range: `bytes=${from}-${to}` });
      expect(got.equals(body.subarray(from, to + 1))).toBe(true);
    }
  });
});

describe('conditions', () => {
  test('If-Match', async () => {
    expect(await textOf({ Bucket, Key: 'k', IfMatch: ETag })).toBe(text);
    expect(await textOf({ Bucket, Key: 'k', IfMatch: `"nope", ${ETag}` })).toBe(text);
    expect(await textOf({ Bucket, Key: 'k', IfMatch: '*' })).toBe(text);
    await refuses(main, get({ IfMatch: '"nope"' }), 'PreconditionFailed');
  });

  test('If-None-Match', async () => {
    expect(await textOf({ Bucket, Key: 'k', IfNoneMatch: '"nope"' })).toBe(text);
    const error = await refuses(main, get({ IfNoneMatch: ETag }), 'NotModified');
    expect(error.$response?.headers.etag).toBe(ETag);
  });

  test('If-Modified-Since', async () => {
    expect(await textOf({ Bucket, Key: 'k', IfModifiedSince: later(-60_000) })).toBe(text);
    await refuses(main, get({ IfModifiedSince: later(0) }), 'NotModified');
    // A date that is none is no condition.
    const answer = await raw({ target: `/${Bucket}/k`, headers: { 'if-modified-since': 'yesterday' } });
    expect(answer.status).toBe(200);
  });

  test('If-Unmodified-Since', async () => {
    expect(await textOf({ Bucket, Key: 'k', IfUnmodifiedSince: later(0) })).toBe(text);
    await refuses(main, get({ IfUnmodifiedSince: later(-60_000) }), 'PreconditionFailed');
  });

  test('ETags outweigh dates', async () => {
    expect(await textOf({ Bucket, Key: 'k', IfMatch: ETag, IfUnmodifiedSince: later(-60_000) })).toBe(text);
    await refuses(main, get({ IfNoneMatch: ETag, IfModifiedSince: later(-60_000) }), 'NotModified');
    expect(await textOf({ Bucket, Key: 'k', IfNoneMatch: '"nope"', IfModifiedSince: later(60_000) })).toBe(text);
  });
});

describe('response overrides', () => {
  const overrides = {
    ResponseCacheControl: 'no-cache',
    ResponseContentDisposition: 'attachment; filename="a b.txt"',
    ResponseContentEncoding: 'x-odd',
    ResponseContentLanguage: 'fr',
    ResponseContentType: 'text/x-other',
    ResponseExpires: new Date('2031-02-03T04:05:06Z'),
  };

  test('of a signed request', async () => {
    const got = await main.send(get(overrides));
    expect(got).toMatchObject({
      CacheControl: 'no-cache',
      ContentDisposition: 'attachment; filename="a b.txt"',
      ContentEncoding: 'x-odd',
      ContentLanguage: 'fr',
      ContentType: 'text/x-other',
      ExpiresString: 'Mon, 03 Feb 2031 04:05:06 GMT',
    });
  });

  test('text beyond ASCII travels as its UTF-8 bytes', async () => {
    const text = 'inline; filename="é €.txt"';
    const answer = await raw({ target: `/${Bucket}/k?response-content-disposition=${encodeURIComponent(text)}` });
    expect(Buffer.from(answer.headers['content-disposition']!, 'latin1').toString()).toBe(text);
  });

  test('never of an anonymous one', async () => {
    expect(await textOf({ Bucket, Key: 'k' }, anonymous)).toBe(text);
    for (const [name, value] of Object.entries(overrides))
      await refuses(anonymous, get({ [name]: value }), 'InvalidRequest');
  });

  test('cannot inject a header', async () => {
    const answer = await raw({ target: `/${Bucket}/k?response-content-type=a%0D%0Ax-evil%3A%201` });
    expect(answer.status).toBe(400);
    expect(answer.headers['x-evil']).toBeUndefined();
  });
});

describe('parts', () => {
  const parts = [random(partBytes), random(partBytes), random(77)];
  let multi: string | undefined;
  beforeAll(async () => {
    multi = (await uploadWhole(Bucket, 'multi', parts, { ChecksumAlgorithm: 'SHA256' })).ETag;
  });

  test('one by one', async () => {
    for (const [at, part] of parts.entries()) {
      const got = await main.send(get({ Key: 'multi', PartNumber: at + 1, ChecksumMode: 'ENABLED' }));
      expect(got.$metadata.httpStatusCode).toBe(206);
      expect(got).toMatchObject({
        PartsCount: 3,
        ContentLength: part.length,
        ETag: multi,
        ChecksumSHA256: sha256Base64(part),
      });
      expect(Buffer.from(await got.Body!.transformToByteArray()).equals(part)).toBe(true);
    }
  });

  test('numbers that are not there, or are none', async () => {
    await refuses(main, get({ Key: 'multi', PartNumber: 4 }), 'InvalidPartNumber');
    await refuses(main, get({ PartNumber: 2 }), 'InvalidPartNumber');
    for (const PartNumber of [0, 10_001]) await refuses(main, get({ Key: 'multi', PartNumber }), 'InvalidArgument');
    await rawRefused('GetObject', { target: `/${Bucket}/multi?partNumber=x` }, 'InvalidArgument');
    await refuses(main, get({ Key: 'multi', PartNumber: 1, Range: 'bytes=0-1' }), 'InvalidRequest');
  });

  test('a plain object is its own first part', async () => {
    expect(await textOf({ Bucket, Key: 'k', PartNumber: 1 })).toBe(text);
  });
});

test('checksums are told only on demand, and never of a byte range', async () => {
  await put(Bucket, 'sum', text, { ChecksumSHA256: sha256Base64(text) });
  const header = 'x-amz-checksum-sha256';
  const ask = { 'x-amz-checksum-mode': 'ENABLED' };
  expect((await raw({ target: `/${Bucket}/sum` })).headers[header]).toBeUndefined();
  expect((await rawAs('GetObject', ['ChecksumMode'], { target: `/${Bucket}/sum`, headers: ask })).headers[header]).toBe(
    sha256Base64(text),
  );
  expect(
    (await raw({ target: `/${Bucket}/sum`, headers: { ...ask, range: 'bytes=0-3' } })).headers[header],
  ).toBeUndefined();
});

describe('versions', () => {
  let versioned: string;
  let ids: (string | undefined)[];
  beforeAll(async () => {
    versioned = await newBucket();
    await put(versioned, 'k', 'null version');
    await setVersioning(versioned, 'Enabled');
    const first = await put(versioned, 'k', 'one');
    const second = await put(versioned, 'k', 'two');
    const marker = await main.send(new DeleteObjectCommand({ Bucket: versioned, Key: 'k' }));
    ids = [first.VersionId, second.VersionId, marker.VersionId];
  });

  test('each by its id', async () => {
    for (const [VersionId, expected] of [
      ['null', 'null version'],
      [ids[0], 'one'],
      [ids[1], 'two'],
    ]) {
      const got = await main.send(new GetObjectCommand({ Bucket: versioned, Key: 'k', VersionId }));
      expect(got.VersionId).toBe(VersionId);
      expect(await got.Body!.transformToString()).toBe(expected);
    }
  });

  test('a marker hides the key, and has no bytes', async () => {
    const hidden = await refuses(main, new GetObjectCommand({ Bucket: versioned, Key: 'k' }), 'NoSuchKey');
    expect(hidden.$response?.headers['x-amz-delete-marker']).toBe('true');
    expect(hidden.$response?.headers['x-amz-version-id']).toBe(ids[2]);
    const marker = new GetObjectCommand({ Bucket: versioned, Key: 'k', VersionId: ids[2] });
    const addressed = await refuses(main, marker, 'MethodNotAllowed');
    expect(addressed.$response?.headers['x-amz-delete-marker']).toBe('true');
  });

  test('ids that name nothing', async () => {
    const swapped = `${ids[0]!.slice(0, -1)}${ids[0]!.endsWith('0') ? '1' : '0'}`;
    const error = await main.send(get({ Bucket: versioned, VersionId: swapped })).catch((thrown: Error) => thrown);
    expect(['NoSuchVersion', 'InvalidArgument']).toContain((error as Error).name);
    await refuses(main, new GetObjectCommand({ Bucket: versioned, Key: 'other', VersionId: ids[0] }), 'NoSuchVersion');
    await refuses(main, get({ Bucket: versioned, VersionId: '-- not an id --' }), 'InvalidArgument');
    await rawRefused('GetObject', { target: `/${versioned}/k?versionId=` }, 'InvalidArgument');
  });
});

test('what is not there', async () => {
  await refuses(main, get({ Key: 'nothing' }), 'NoSuchKey');
  await refuses(main, get({ Bucket: newName() }), 'NoSuchBucket');
});
