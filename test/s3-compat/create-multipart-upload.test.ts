// What an upload promises about the object that it will be.
import {
  CreateMultipartUploadCommand,
  GetObjectAclCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { textOf } from './support/bodies.ts';
import { newBucket, newName } from './support/buckets.ts';
import { alt, main } from './support/clients.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { uploadWhole } from './support/uploads.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
});
const create = (Key: string, more: object = {}) => new CreateMultipartUploadCommand({ Bucket, Key, ...more });

test('names bucket, key and upload; the key stays empty until the upload is complete', async () => {
  const made = await main.send(
    create('new', { RequestPayer: 'requester', ExpectedBucketOwner: target.main.canonicalId }),
  );
  expect(made).toMatchObject({ Bucket, Key: 'new' });
  expect(made.UploadId).toBeTruthy();
  const again = await main.send(create('new'));
  expect(again.UploadId).not.toBe(made.UploadId);
  await refuses(main, new HeadObjectCommand({ Bucket, Key: 'new' }), 'NoSuchKey');
  const { Uploads } = await main.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'new' }));
  expect(Uploads).toHaveLength(2);
});

test('attributes, tags and grants are of the object', async () => {
  const id = `id="${target.alt.canonicalId}"`;
  await uploadWhole(Bucket, 'whole', ['only part'], {
    CacheControl: 'no-cache',
    ContentDisposition: 'inline',
    ContentEncoding: 'gzip',
    ContentLanguage: 'de',
    ContentType: 'text/plain',
    Expires: new Date('2031-02-03T04:05:06Z'),
    Metadata: { m: 'v' },
    StorageClass: 'STANDARD',
    Tagging: 'a=1',
    WebsiteRedirectLocation: '/there',
    GrantFullControl: `id="${target.main.canonicalId}"`,
    GrantRead: id,
    GrantReadACP: id,
    GrantWriteACP: id,
  });
  expect(await main.send(new HeadObjectCommand({ Bucket, Key: 'whole' }))).toMatchObject({
    CacheControl: 'no-cache',
    ContentDisposition: 'inline',
    ContentEncoding: 'gzip',
    ContentLanguage: 'de',
    ContentType: 'text/plain',
    ExpiresString: 'Mon, 03 Feb 2031 04:05:06 GMT',
    Metadata: { m: 'v' },
    WebsiteRedirectLocation: '/there',
  });
  const { TagSet } = await main.send(new GetObjectTaggingCommand({ Bucket, Key: 'whole' }));
  expect(TagSet).toEqual([{ Key: 'a', Value: '1' }]);
  expect(await textOf({ Bucket, Key: 'whole' }, alt)).toBe('only part');
  expect((await alt.send(new GetObjectAclCommand({ Bucket, Key: 'whole' }))).Grants).toHaveLength(4);
});

test('a redirect must be a path or a URL', async () => {
  await refuses(main, create('k', { WebsiteRedirectLocation: 'there' }), 'InvalidRedirectLocation');
});

test('a canned ACL', async () => {
  await uploadWhole(Bucket, 'canned', ['x'], { ACL: 'authenticated-read' });
  expect(await textOf({ Bucket, Key: 'canned' }, alt)).toBe('x');
});

test('checksum algorithm and type', async () => {
  const typed = async (ChecksumAlgorithm: string, ChecksumType?: string) => {
    const made = await main.send(create('sums', { ChecksumAlgorithm, ChecksumType }));
    return [made.ChecksumAlgorithm, made.ChecksumType];
  };
  expect(await typed('SHA256')).toEqual(['SHA256', 'COMPOSITE']);
  expect(await typed('CRC64NVME')).toEqual(['CRC64NVME', 'FULL_OBJECT']);
  expect(await typed('crc32', 'Full_Object')).toEqual(['CRC32', 'FULL_OBJECT']);
  expect(await typed('CRC32', 'FULL_OBJECT')).toEqual(['CRC32', 'FULL_OBJECT']);
  await refuses(main, create('k', { ChecksumAlgorithm: 'SHA1', ChecksumType: 'FULL_OBJECT' }), 'InvalidRequest');
  await refuses(main, create('k', { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }), 'InvalidRequest');
  await refuses(main, create('k', { ChecksumAlgorithm: 'CRC7' }), 'InvalidRequest');
  await refuses(main, create('k', { ChecksumType: 'COMPOSITE' }), 'InvalidRequest');
});

test('what no object may be', async () => {
  await refuses(main, create('k', { Metadata: { k: 'v'.repeat(2048) } }), 'MetadataTooLarge');
  await refuses(main, create('k', { Tagging: 'a=1&a=2' }), 'InvalidArgument');
  await refuses(main, create('k', { Tagging: 'a=<' }), 'InvalidTag');
  await refuses(main, create('k', { ACL: 'unheard' }), 'InvalidArgument');
  await refuses(main, create('k', { Bucket: newName() }), 'NoSuchBucket');
});
