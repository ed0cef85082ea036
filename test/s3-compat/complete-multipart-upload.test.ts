// Parts become one object at one moment, or not at all.
import { createHash } from 'node:crypto';
import { CompleteMultipartUploadCommand, HeadObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  bytesOf,
  crc32Base64,
  etagOf,
  multipartEtag,
  partBytes,
  random,
  sha1Base64,
  sha256Base64,
  textOf,
} from './support/bodies.ts';
import { newBucket, newName, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { raw, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { endpoint, target } from './support/target.ts';
import { complete, sendPart, startUpload, uploadWhole } from './support/uploads.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
});

async function started(Key: string, bodies: readonly (Buffer | string)[], more: object = {}, bucket = Bucket) {
  const where = { Bucket: bucket, Key, UploadId: await startUpload(bucket, Key, more) };
  const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
  for (const [at, body] of bodies.entries())
    Parts.push({ PartNumber: at + 1, ETag: (await sendPart(where, at + 1, body)).ETag });
  const command = (changed: object = {}) =>
    new CompleteMultipartUploadCommand({ ...where, MultipartUpload: { Parts }, ...changed });
  return { where, Parts, command };
}

test('parts become one object', async () => {
  const bodies = [random(partBytes), random(partBytes + 1), random(10)];
  const { command } = await started('whole', bodies);
  const options = {
    MpuObjectSize: 2 * partBytes + 11,
    RequestPayer: 'requester',
    ExpectedBucketOwner: target.main.canonicalId,
  };
  const done = await main.send(command(options));
  expect(done).toMatchObject({
    Bucket,
    Key: 'whole',
    ETag: multipartEtag(bodies),
    Location: `${endpoint}/${Bucket}/whole`,
  });
  expect((await bytesOf({ Bucket, Key: 'whole' })).equals(Buffer.concat(bodies))).toBe(true);
  expect((await main.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'whole' }))).Uploads).toBeUndefined();
});

test('done twice it answers the same', async () => {
  const { command } = await started('twice', ['once']);
  const first = await main.send(command());
  const second = await main.send(command());
  expect(second.ETag).toBe(first.ETag);
  await refuses(main, command({ Key: 'another' }), 'NoSuchUpload');
});

test('parts left out are gone, gaps are fine', async () => {
  const { where, Parts } = await started('sparse', [random(partBytes), random(partBytes), 'end']);
  const done = await complete(where, [Parts[0]!, Parts[2]!]);
  expect(done.ETag).toMatch(/-2"$/);
  expect((await main.send(new HeadObjectCommand({ Bucket, Key: 'sparse' }))).ContentLength).toBe(partBytes + 3);
});

test('in a versioned bucket it is one more version', async () => {
  const versioned = await newBucket({ versioned: true });
  await put(versioned, 'k', 'before');
  const { command } = await started('k', ['after'], {}, versioned);
  const { VersionId } = await main.send(command());
  expect(VersionId).toBeTruthy();
  expect(await textOf({ Bucket: versioned, Key: 'k', VersionId })).toBe('after');
});

describe('what does not fit', () => {
  test('order, parts, sizes', async () => {
    const { where, Parts, command } = await started('k', [random(partBytes), 'small', 'end']);
    const [one, two, three] = Parts as [object, object, object];
    const withParts = (list: object[]) => command({ MultipartUpload: { Parts: list } });
    await refuses(main, withParts([three, one]), 'InvalidPartOrder');
    await refuses(main, withParts([one, one]), 'InvalidPartOrder');
    await refuses(main, withParts([one, { ...two, ETag: etagOf('other') }]), 'InvalidPart');
    await refuses(main, withParts([one, { PartNumber: 9, ETag: etagOf('x') }]), 'InvalidPart');
    await refuses(main, command(), 'EntityTooSmall');
    await refuses(main, withParts([{ ...one, PartNumber: 0 }]), 'InvalidArgument');
    await refuses(main, withParts([]), 'MalformedXML');
    await refuses(main, command({ MultipartUpload: { Parts: [one] }, MpuObjectSize: 1 }), 'InvalidRequest');
    // Nothing of this closed the upload.
    await complete(where, [Parts[0]!, Parts[2]!]);
  });

  test('bodies', async () => {
    const { where } = await started('xml', ['x']);
    const path = `/${Bucket}/xml?uploadId=${where.UploadId}`;
    const part = `<Part><PartNumber>1</PartNumber><ETag>${etagOf('x')}</ETag></Part>`;
    for (const body of [
      '',
      'text',
      '<CompleteMultipartUpload/>',
      `<Other>${part}</Other>`,
      `<CompleteMultipartUpload>${part}`,
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>',
    ]) {
      await rawRefused('CompleteMultipartUpload', { method: 'POST', target: path, body }, 'MalformedXML');
    }
    const plain = await raw({
      method: 'POST',
      target: path,
      body: `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`,
    });
    expect(plain.status, plain.body).toBe(200);
  });

  test('uploads that are not there', async () => {
    const { command } = await started('gone', ['x']);
    await refuses(main, command({ UploadId: 'f'.repeat(32) }), 'NoSuchUpload');
    await refuses(main, command({ Bucket: newName() }), 'NoSuchBucket');
  });
});

describe('conditions', () => {
  test('If-None-Match and If-Match at the moment of completion', async () => {
    const first = await started('once', ['1']);
    const second = await started('once', ['2']);
    const { ETag } = await main.send(first.command({ IfNoneMatch: '*' }));
    await refuses(main, second.command({ IfNoneMatch: '*' }), 'PreconditionFailed');
    await refuses(main, second.command({ IfMatch: '"nope"' }), 'PreconditionFailed');
    await main.send(second.command({ IfMatch: ETag }));
    const third = await started('never', ['3']);
    await refuses(main, third.command({ IfMatch: ETag }), 'NoSuchKey');
    await refuses(main, third.command({ IfNoneMatch: '"tag"' }), 'NotImplemented');
  });
});

describe('checksums', () => {
  const bodies = [random(partBytes), random(321)];
  const whole = Buffer.concat(bodies);

  test('composite, of the parts’ digests', async () => {
    const done = await uploadWhole(Bucket, 'composite', bodies, { ChecksumAlgorithm: 'SHA256' });
    const digests = bodies.map((body) => createHash('sha256').update(body).digest());
    expect(done.ChecksumSHA256).toBe(`${sha256Base64(Buffer.concat(digests))}-2`);
    expect(done.ChecksumType).toBe('COMPOSITE');
  });

  test('of the full object', async () => {
    const done = await uploadWhole(Bucket, 'full', bodies, { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    expect(done.ChecksumCRC32).toBe(crc32Base64(whole));
    expect(done.ChecksumType).toBe('FULL_OBJECT');
    for (const ChecksumAlgorithm of ['CRC32C', 'CRC64NVME'] as const) {
      const member = `Checksum${ChecksumAlgorithm}` as const;
      const multi = await uploadWhole(Bucket, 'full', bodies, { ChecksumAlgorithm, ChecksumType: 'FULL_OBJECT' });
      const single = await put(Bucket, 'single', whole, { ChecksumAlgorithm });
      expect(multi[member]).toBe(single[member]);
    }
  });

  test('declared for the whole', async () => {
    const make = async () => {
      const where = {
        Bucket,
        Key: 'declared',
        UploadId: await startUpload(Bucket, 'declared', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' }),
      };
      const sent = await sendPart(where, 1, 'body', { ChecksumAlgorithm: 'CRC32' });
      const Parts = [{ PartNumber: 1, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 }];
      return (more: object, changed: object = {}) =>
        new CompleteMultipartUploadCommand({
          ...where,
          MultipartUpload: { Parts: Parts.map((part) => ({ ...part, ...changed })) },
          ...more,
        });
    };
    const command = await make();
    const type = { ChecksumType: 'FULL_OBJECT' };
    await refuses(main, command({ ...type, ChecksumCRC32: crc32Base64('other') }), 'BadDigest');
    await refuses(main, command({ ChecksumType: 'COMPOSITE' }), 'InvalidRequest');
    await refuses(main, command({ ChecksumType: 'PARTIAL' }), 'InvalidRequest');
    await refuses(main, command({ ...type, ChecksumCRC32: 'bad' }), 'InvalidRequest');
    await refuses(main, command(type, { ChecksumCRC32: crc32Base64('other') }), 'InvalidPart');
    await refuses(main, command(type, { ChecksumCRC32: 'bad' }), 'InvalidArgument');
    await refuses(main, command(type, { ChecksumSHA1: sha1Base64('body') }), 'InvalidArgument');
    for (const other of [
      { ChecksumSHA1: sha1Base64('body') },
      { ChecksumSHA256: sha256Base64('body') },
      { ChecksumCRC32C: 'qIhgsQ==' },
      { ChecksumCRC64NVME: 'AAAAAAAAAAA=' },
    ]) {
      await refuses(main, command({ ...type, ...other }), 'InvalidRequest');
    }
    const done = await main.send(command({ ...type, ChecksumCRC32: crc32Base64('body') }));
    expect(done.ChecksumCRC32).toBe(crc32Base64('body'));
  });
});
