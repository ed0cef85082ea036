// What GET would say, without a body, in success and in failure.
import { DeleteObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { etagOf, partBytes, random, sha256Base64 } from './support/bodies.ts';
import { newBucket, newName, put } from './support/buckets.ts';
import { anonymous, main } from './support/clients.ts';
import { raw, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { uploadWhole } from './support/uploads.ts';

const text = '0123456789';
const ETag = etagOf(text);
let Bucket: string;
let modified: Date;
beforeAll(async () => {
  Bucket = await newBucket();
  await put(Bucket, 'k', text, { ACL: 'public-read', ChecksumSHA256: sha256Base64(text), Metadata: { m: 'v' } });
  modified = (await main.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).LastModified!;
});
const head = (more: object = {}) => new HeadObjectCommand({ Bucket, Key: 'k', ...more });
const later = (ms: number) => new Date(modified.getTime() + ms);

test('the headers of GET, without its bytes', async () => {
  const options = { RequestPayer: 'requester', ExpectedBucketOwner: target.main.canonicalId, ChecksumMode: 'ENABLED' };
  const got = await main.send(head(options));
  expect(got).toMatchObject({
    ETag,
    ContentLength: 10,
    AcceptRanges: 'bytes',
    Metadata: { m: 'v' },
    ChecksumSHA256: sha256Base64(text),
  });
  const answer = await raw({ method: 'HEAD', target: `/${Bucket}/k` });
  expect(answer.body).toBe('');
  expect(answer.headers['content-length']).toBe('10');
  expect(answer.headers['x-amz-checksum-sha256']).toBeUndefined();
});

test('a range', async () => {
  const got = await main.send(head({ Range: 'bytes=2-4' }));
  expect(got.$metadata.httpStatusCode).toBe(206);
  expect(got).toMatchObject({ ContentLength: 3, ContentRange: 'bytes 2-4/10' });
  await refuses(main, head({ Range: 'bytes=10-' }), 'InvalidRange');
});

test('conditions', async () => {
  await main.send(head({ IfMatch: ETag }));
  await main.send(head({ IfNoneMatch: '"nope"' }));
  await refuses(main, head({ IfMatch: '"nope"' }), 'PreconditionFailed');
  await refuses(main, head({ IfNoneMatch: ETag }), 'NotModified');
  await refuses(main, head({ IfModifiedSince: later(0) }), 'NotModified');
  await refuses(main, head({ IfUnmodifiedSince: later(-60_000) }), 'PreconditionFailed');
});

test('response overrides, signed only', async () => {
  const overrides = {
    ResponseCacheControl: 'no-cache',
    ResponseContentDisposition: 'inline',
    ResponseContentEncoding: 'x-odd',
    ResponseContentLanguage: 'fr',
    ResponseContentType: 'text/x-other',
    ResponseExpires: new Date('2031-02-03T04:05:06Z'),
  };
  expect(await main.send(head(overrides))).toMatchObject({ CacheControl: 'no-cache', ContentType: 'text/x-other' });
  await refuses(anonymous, head({ ResponseContentType: 'text/html' }), 'InvalidRequest');
});

test('parts', async () => {
  await uploadWhole(Bucket, 'multi', [random(partBytes), 'tail']);
  const got = await main.send(head({ Key: 'multi', PartNumber: 2 }));
  expect(got).toMatchObject({ PartsCount: 2, ContentLength: 4 });
  expect((await main.send(head({ Key: 'multi' }))).PartsCount).toBeUndefined();
  await refuses(main, head({ Key: 'multi', PartNumber: 3 }), 'InvalidPartNumber');
  await refuses(main, head({ Key: 'multi', PartNumber: 0 }), 'InvalidArgument');
});

test('versions and markers', async () => {
  const versioned = await newBucket({ versioned: true });
  const { VersionId } = await put(versioned, 'k', text);
  const marker = await main.send(new DeleteObjectCommand({ Bucket: versioned, Key: 'k' }));
  expect((await main.send(head({ Bucket: versioned, VersionId }))).VersionId).toBe(VersionId);
  const hidden = await refuses(main, head({ Bucket: versioned }), 'NoSuchKey');
  expect(hidden.$response?.headers['x-amz-delete-marker']).toBe('true');
  const addressed = await refuses(main, head({ Bucket: versioned, VersionId: marker.VersionId }), 'MethodNotAllowed');
  expect(addressed.$response?.headers['last-modified']).toBeTruthy();
  await refuses(main, head({ Bucket: versioned, Key: 'other', VersionId }), 'NoSuchVersion');
});

test('what is not there has no body either', async () => {
  await refuses(main, head({ Key: 'nothing' }), 'NoSuchKey');
  await refuses(main, head({ Bucket: newName() }), 'NoSuchBucket');
  const answer = await rawRefused('HeadObject', { target: `/${Bucket}/nothing` }, 'NoSuchKey');
  expect(answer.headers['content-type']).toBe('application/xml');
  const bare = await raw({ method: 'HEAD', target: `/${Bucket}/nothing` });
  expect([bare.status, bare.body]).toEqual([404, '']);
});
