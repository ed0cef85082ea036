// Parts made of bytes that are here already.
import { HeadObjectCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { bytesOf, etagOf, MiB, partBytes, random } from './support/bodies.ts';
import { newBucket, newName, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { complete, startUpload } from './support/uploads.ts';

const source = random(12 * MiB);
let where: { Bucket: string; Key: string; UploadId: string };
let modified: Date;
beforeAll(async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'source', source);
  modified = (await main.send(new HeadObjectCommand({ Bucket, Key: 'source' }))).LastModified!;
  where = { Bucket, Key: 'k', UploadId: await startUpload(Bucket, 'k') };
});
const part = (more: object = {}) =>
  new UploadPartCopyCommand({ ...where, PartNumber: 1, CopySource: `${where.Bucket}/source`, ...more });
const later = (ms: number) => new Date(modified.getTime() + ms);

test('ranges and wholes make an object', async () => {
  const Key = 'assembled';
  const here = { Bucket: where.Bucket, Key, UploadId: await startUpload(where.Bucket, Key) };
  const ranges = [`bytes=0-${partBytes - 1}`, `bytes=${partBytes + 3}-${2 * partBytes + 9}`, undefined];
  const slices = [source.subarray(0, partBytes), source.subarray(partBytes + 3, 2 * partBytes + 10), source];
  const Parts = [];
  for (const [at, CopySourceRange] of ranges.entries()) {
    const owners = { ExpectedBucketOwner: target.main.canonicalId, ExpectedSourceBucketOwner: target.main.canonicalId };
    const { CopyPartResult } = await main.send(
      part({ ...here, PartNumber: at + 1, CopySourceRange, RequestPayer: 'requester', ...owners }),
    );
    expect(CopyPartResult!.ETag).toBe(etagOf(slices[at]!));
    expect(CopyPartResult!.LastModified).toBeInstanceOf(Date);
    Parts.push({ PartNumber: at + 1, ETag: CopyPartResult!.ETag });
  }
  await complete(here, Parts);
  expect((await bytesOf({ Bucket: here.Bucket, Key })).equals(Buffer.concat(slices))).toBe(true);
});

test.each(['0-2', 'bytes=0', 'bytes=hello-world', 'bytes=0-2,3-5', 'bytes=2-0', 'bytes=-5', 'bytes=5-', 'bytes=0-bar'])(
  'the range %s is malformed',
  async (CopySourceRange) => {
    await refuses(main, part({ CopySourceRange }), 'InvalidArgument');
  },
);

test('a range past the end', async () => {
  await refuses(main, part({ CopySourceRange: `bytes=0-${12 * MiB}` }), 'InvalidArgument');
  await refuses(main, part({ CopySourceRange: `bytes=${12 * MiB}-${12 * MiB + 5}` }), 'InvalidArgument');
});

test('conditions', async () => {
  const ETag = etagOf(source);
  const range = { CopySourceRange: 'bytes=0-9' };
  await main.send(part({ ...range, CopySourceIfMatch: ETag, CopySourceIfModifiedSince: later(-60_000) }));
  await main.send(part({ ...range, CopySourceIfNoneMatch: '"nope"', CopySourceIfUnmodifiedSince: later(0) }));
  await refuses(main, part({ CopySourceIfMatch: '"nope"' }), 'PreconditionFailed');
  await refuses(main, part({ CopySourceIfNoneMatch: ETag }), 'PreconditionFailed');
  await refuses(main, part({ CopySourceIfModifiedSince: later(0) }), 'PreconditionFailed');
  await refuses(main, part({ CopySourceIfUnmodifiedSince: later(-60_000) }), 'PreconditionFailed');
});

test('a version of the source', async () => {
  const versioned = await newBucket({ versioned: true });
  const { VersionId } = await put(versioned, 'v', 'old');
  await put(versioned, 'v', 'newer');
  const made = await main.send(part({ CopySource: `${versioned}/v?versionId=${VersionId}` }));
  expect(made.CopySourceVersionId).toBe(VersionId);
  expect(made.CopyPartResult!.ETag).toBe(etagOf('old'));
  await refuses(main, part({ CopySource: `${versioned}/other?versionId=${VersionId}` }), 'NoSuchVersion');
});

test('what is not there', async () => {
  await refuses(main, part({ CopySource: `${where.Bucket}/nothing` }), 'NoSuchKey');
  await refuses(main, part({ CopySource: `${newName()}/k` }), 'NoSuchBucket');
  await refuses(main, part({ UploadId: 'f'.repeat(32) }), 'NoSuchUpload');
  await refuses(main, part({ PartNumber: 0 }), 'InvalidArgument');
});
