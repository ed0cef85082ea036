// Numbered bodies of an open upload.
import { ListPartsCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import {
  crc32Base64,
  etagOf,
  md5Base64,
  partBytes,
  random,
  sha1Base64,
  sha256Base64,
  textOf,
} from './support/bodies.ts';
import { newBucket, newName } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { exchange, headOf, rawRefused } from './support/raw.ts';
import { noteError } from './support/recorder.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { complete, sendPart, startUpload } from './support/uploads.ts';

let where: { Bucket: string; Key: string; UploadId: string };
beforeAll(async () => {
  const Bucket = await newBucket();
  where = { Bucket, Key: 'k', UploadId: await startUpload(Bucket, 'k') };
});
const part = (more: object = {}) => new UploadPartCommand({ ...where, PartNumber: 1, Body: 'body', ...more });

test('a part answers with its MD5', async () => {
  const body = random(100_000);
  const options = { ContentLength: body.length, ContentMD5: md5Base64(body), RequestPayer: 'requester' as const };
  const sent = await sendPart(where, 7, body, { ...options, ExpectedBucketOwner: target.main.canonicalId });
  expect(sent.ETag).toBe(etagOf(body));
});

test('sent again, the last one counts', async () => {
  const Key = 'again';
  const here = { Bucket: where.Bucket, Key, UploadId: await startUpload(where.Bucket, Key) };
  await sendPart(here, 1, random(partBytes));
  const { ETag } = await sendPart(here, 1, 'second try');
  const { Parts } = await main.send(new ListPartsCommand(here));
  expect(Parts).toHaveLength(1);
  await complete(here, [{ PartNumber: 1, ETag }]);
  expect(await textOf({ Bucket: here.Bucket, Key })).toBe('second try');
});

test('checksums are checked and answered', async () => {
  const sums = [
    ['ChecksumCRC32', crc32Base64('body')],
    ['ChecksumSHA1', sha1Base64('body')],
    ['ChecksumSHA256', sha256Base64('body')],
  ] as const;
  for (const [member, value] of sums) expect((await main.send(part({ [member]: value })))[member]).toBe(value);
  for (const ChecksumAlgorithm of ['CRC32C', 'CRC64NVME'] as const) {
    expect((await main.send(part({ ChecksumAlgorithm })))[`Checksum${ChecksumAlgorithm}`]).toBeTruthy();
  }
  const wrong = {
    ChecksumCRC32: crc32Base64('other'),
    ChecksumCRC32C: 'qIhgsQ==',
    ChecksumCRC64NVME: 'AAAAAAAAAAA=',
    ChecksumSHA1: sha1Base64('other'),
    ChecksumSHA256: sha256Base64('other'),
  };
  for (const [member, value] of Object.entries(wrong)) await refuses(main, part({ [member]: value }), 'BadDigest');
  await refuses(main, part({ ContentMD5: md5Base64('other') }), 'BadDigest');
  await refuses(main, part({ ContentMD5: 'short' }), 'InvalidDigest');
  await refuses(main, part({ ChecksumCRC32: 'bad' }), 'InvalidRequest');
});

test('the checksum of an upload is of one kind', async () => {
  const Key = 'one-kind';
  const UploadId = await startUpload(where.Bucket, Key, { ChecksumAlgorithm: 'CRC32' });
  const other = { Key, UploadId, ChecksumSHA256: sha256Base64('body') };
  await refuses(main, part(other), 'InvalidRequest');
  const trailer = `/${where.Bucket}/${Key}?partNumber=1&uploadId=${UploadId}`;
  const headers = {
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': '4',
    'x-amz-trailer': 'x-amz-checksum-sha256',
  };
  const body = `4\r\nbody\r\n0\r\nx-amz-checksum-sha256:${sha256Base64('body')}\r\n\r\n`;
  await rawRefused('UploadPart', { method: 'PUT', target: trailer, headers, body }, 'InvalidRequest');
});

test('numbers from 1 to 10,000', async () => {
  await sendPart(where, 10_000, 'last');
  for (const PartNumber of [0, -1, 10_001]) await refuses(main, part({ PartNumber }), 'InvalidArgument');
  const target = `/${where.Bucket}/k?partNumber=one&uploadId=${where.UploadId}`;
  await rawRefused('UploadPart', { method: 'PUT', target, body: 'x' }, 'InvalidArgument');
});

test('uploads that are not there', async () => {
  await refuses(main, part({ UploadId: 'f'.repeat(32) }), 'NoSuchUpload');
  await refuses(main, part({ UploadId: 'made up' }), 'NoSuchUpload');
  await refuses(main, part({ Key: 'other' }), 'NoSuchUpload');
  await refuses(main, part({ Bucket: newName() }), 'NoSuchBucket');
});

test('lengths', async () => {
  const path = `/${where.Bucket}/k?partNumber=1&uploadId=${where.UploadId}`;
  const request = (headers: Record<string, string>) =>
    headOf({ method: 'PUT', target: path, headers: { connection: 'close', ...headers } });
  const none = await exchange(request({}));
  expect([none.status, none.code]).toEqual([411, 'MissingContentLength']);
  noteError('UploadPart', 'MissingContentLength');
  const much = await exchange(
    request({ 'content-length': String(5 * 1024 ** 3 + 1), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
  );
  expect([much.status, much.code]).toEqual([400, 'EntityTooLarge']);
  noteError('UploadPart', 'EntityTooLarge');
  const cut = headOf({
    method: 'PUT',
    target: path,
    body: '5\r\nhello\r\n',
    headers: {
      connection: 'close',
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-trailer': 'x-amz-checksum-crc32',
      'x-amz-decoded-content-length': '5',
    },
  });
  const short = await exchange(`${cut}5\r\nhello\r\n`);
  expect([short.status, short.code]).toEqual([400, 'IncompleteBody']);
  noteError('UploadPart', 'IncompleteBody');
});
