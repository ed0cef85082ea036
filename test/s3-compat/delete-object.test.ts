// Objects, versions, markers and null versions go, each in its own way.
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { etagOf, textOf } from './support/bodies.ts';
import { newBucket, put, setVersioning } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { raw, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

const remove = (Bucket: string, Key: string, more: object = {}) =>
  main.send(new DeleteObjectCommand({ Bucket, Key, ...more }));

describe('in an unversioned bucket', () => {
  let Bucket: string;
  beforeAll(async () => {
    Bucket = await newBucket();
  });

  test('the object goes, and a second delete is fine', async () => {
    await put(Bucket, 'k');
    const options = {
      RequestPayer: 'requester',
      BypassGovernanceRetention: true,
      ExpectedBucketOwner: target.main.canonicalId,
    };
    const gone = await remove(Bucket, 'k', options);
    expect(gone.$metadata.httpStatusCode).toBe(204);
    expect([gone.DeleteMarker, gone.VersionId]).toEqual([undefined, undefined]);
    await refuses(main, new GetObjectCommand({ Bucket, Key: 'k' }), 'NoSuchKey');
    expect((await remove(Bucket, 'k')).$metadata.httpStatusCode).toBe(204);
  });

  test('If-Match', async () => {
    await put(Bucket, 'match', 'body');
    await refuses(main, new DeleteObjectCommand({ Bucket, Key: 'match', IfMatch: '"nope"' }), 'PreconditionFailed');
    await remove(Bucket, 'match', { IfMatch: etagOf('body') });
    await refuses(main, new HeadObjectCommand({ Bucket, Key: 'match' }), 'NoSuchKey');
  });

  test('size and time', async () => {
    await put(Bucket, 'sized', 'four');
    const { LastModified } = await main.send(new HeadObjectCommand({ Bucket, Key: 'sized' }));
    await refuses(main, new DeleteObjectCommand({ Bucket, Key: 'sized', IfMatchSize: 5 }), 'PreconditionFailed');
    const earlier = new Date(LastModified!.getTime() - 60_000);
    await refuses(
      main,
      new DeleteObjectCommand({ Bucket, Key: 'sized', IfMatchLastModifiedTime: earlier }),
      'PreconditionFailed',
    );
    await remove(Bucket, 'sized', { IfMatchSize: 4, IfMatchLastModifiedTime: LastModified });
    await refuses(main, new HeadObjectCommand({ Bucket, Key: 'sized' }), 'NoSuchKey');
  });
});

describe('in a versioned bucket', () => {
  let Bucket: string;
  beforeAll(async () => {
    Bucket = await newBucket({ versioned: true });
  });

  test('a marker covers, its removal uncovers', async () => {
    await put(Bucket, 'k', 'there');
    const marker = await remove(Bucket, 'k');
    expect(marker.DeleteMarker).toBe(true);
    expect(marker.VersionId).toBeTruthy();
    await refuses(main, new GetObjectCommand({ Bucket, Key: 'k' }), 'NoSuchKey');
    const removed = await remove(Bucket, 'k', { VersionId: marker.VersionId });
    expect(removed).toMatchObject({ DeleteMarker: true, VersionId: marker.VersionId });
    expect(await textOf({ Bucket, Key: 'k' })).toBe('there');
  });

  test('the newest version goes, the one before is current', async () => {
    await put(Bucket, 'two', 'one');
    const { VersionId } = await put(Bucket, 'two', 'two');
    const gone = await remove(Bucket, 'two', { VersionId });
    expect(gone.VersionId).toBe(VersionId);
    expect(gone.DeleteMarker).toBeUndefined();
    expect(await textOf({ Bucket, Key: 'two' })).toBe('one');
  });

  test('markers stack', async () => {
    for (let at = 0; at < 3; at++) await remove(Bucket, 'stack');
    const { DeleteMarkers } = await main.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'stack' }));
    expect(DeleteMarkers).toHaveLength(3);
    expect(new Set(DeleteMarkers!.map(({ VersionId }) => VersionId)).size).toBe(3);
  });

  test('suspended, the null version is replaced by a null marker', async () => {
    const suspended = await newBucket();
    await put(suspended, 'k', 'null');
    await setVersioning(suspended, 'Suspended');
    const marker = await remove(suspended, 'k');
    expect(marker).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
    const { Versions = [], DeleteMarkers = [] } = await main.send(new ListObjectVersionsCommand({ Bucket: suspended }));
    expect([Versions.length, DeleteMarkers.length]).toEqual([0, 1]);
    await remove(suspended, 'k', { VersionId: 'null' });
    const after = await main.send(new ListObjectVersionsCommand({ Bucket: suspended }));
    expect([after.Versions, after.DeleteMarkers]).toEqual([undefined, undefined]);
  });

  test('ids that are none', async () => {
    await refuses(main, new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: '-- not an id --' }), 'InvalidArgument');
    await rawRefused('DeleteObject', { method: 'DELETE', target: `/${Bucket}/k?versionId=` }, 'InvalidArgument');
  });
});

test('an answer without content says so', async () => {
  const Bucket = await newBucket();
  const answer = await raw({ method: 'DELETE', target: `/${Bucket}/k` });
  expect([answer.status, answer.body, answer.headers['content-type']]).toEqual([204, '', undefined]);
});
