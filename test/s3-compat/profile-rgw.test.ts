// Where Ceph and AWS disagree, `compat.profile: rgw` takes Ceph's side. One small server of our own, so not with S3_ENDPOINT.
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { etagOf } from './support/bodies.ts';
import { newName } from './support/buckets.ts';
import { clientFor } from './support/clients.ts';
import { type OwnServer, startOwnServer } from './support/own-server.ts';
import { users } from './support/server-config.ts';
import { target } from './support/target.ts';

// biome-ignore lint/suspicious/noExplicitAny: any command
type AnyCommand = any;

describe.runIf(target.coverageDirectory !== undefined)('profile rgw', () => {
  let own: OwnServer;
  let main: ReturnType<typeof clientFor>;
  const Bucket = newName();
  const refused = async (command: AnyCommand) => {
    const error = await main.send(command).then(
      () => undefined,
      (thrown) => thrown,
    );
    return [error?.$metadata?.httpStatusCode, error?.name, error];
  };

  beforeAll(async () => {
    own = await startOwnServer('rgw');
    main = clientFor(users.main, { endpoint: own.endpoint });
    await main.send(new CreateBucketCommand({ Bucket }));
    await main.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'body' }));
  });
  afterAll(() => own?.stop());

  test('its own bucket again is fine, but not with another ACL', async () => {
    await main.send(new CreateBucketCommand({ Bucket }));
    expect((await refused(new CreateBucketCommand({ Bucket, ACL: 'public-read' }))).slice(0, 2)).toEqual([
      409,
      'BucketAlreadyExists',
    ]);
  });

  test('the region has its name', async () => {
    expect((await main.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('us-east-1');
  });

  test('If-None-Match takes an ETag', async () => {
    const write = (IfNoneMatch: string) => new PutObjectCommand({ Bucket, Key: 'k', Body: 'body', IfNoneMatch });
    await main.send(write('"other"'));
    expect((await refused(write(etagOf('body')))).slice(0, 2)).toEqual([412, 'PreconditionFailed']);
  });

  test('parts beyond the last, tags beyond ten, checksums that are none', async () => {
    expect((await refused(new GetObjectCommand({ Bucket, Key: 'k', PartNumber: 2 }))).slice(0, 2)).toEqual([
      400,
      'InvalidPart',
    ]);
    const TagSet = Array.from({ length: 11 }, (_, at) => ({ Key: `k${at}`, Value: '' }));
    expect((await refused(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet } }))).slice(0, 2)).toEqual(
      [400, 'InvalidTag'],
    );
    const bad = new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ChecksumSHA256: 'bad' });
    expect((await refused(bad)).slice(0, 2)).toEqual([400, 'BadDigest']);
  });

  test('a part that is listed twice counts once', async () => {
    const where = { Bucket, Key: 'multi' };
    const { UploadId } = await main.send(new CreateMultipartUploadCommand(where));
    const { ETag } = await main.send(new UploadPartCommand({ ...where, UploadId, PartNumber: 1, Body: 'part' }));
    const Parts = [
      { PartNumber: 1, ETag: etagOf('gone') },
      { PartNumber: 1, ETag },
    ];
    await main.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }));
    expect((await main.send(new HeadObjectCommand(where))).ContentLength).toBe(4);
  });

  test('a miss says that no marker hides it', async () => {
    const [, , error] = await refused(new HeadObjectCommand({ Bucket, Key: 'missing' }));
    expect(error.$response.headers['x-amz-delete-marker']).toBe('false');
  });

  test('nobody has no buckets', async () => {
    const { Buckets } = await clientFor(undefined, { endpoint: own.endpoint }).send(new ListBucketsCommand({}));
    expect(Buckets).toEqual([]);
  });
});
