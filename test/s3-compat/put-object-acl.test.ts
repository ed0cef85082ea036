// Lists of one version; what other users’ objects in my bucket are to me.
import {
  DeleteObjectCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectAclCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { a, altUser, m, mainUser, policy, short, signedIn, toAlt, toEmail, toGroup, toMain } from './support/acls.ts';
import { md5Base64, textOf } from './support/bodies.ts';
import { newBucket, put } from './support/buckets.ts';
import { alt, anonymous, main } from './support/clients.ts';
import { rawAs, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
  await put(Bucket, 'k', 'body');
});
const set = (more: object) => new PutObjectAclCommand({ Bucket, Key: 'k', ...more });
const grants = async (more: object = {}) =>
  short((await main.send(new GetObjectAclCommand({ Bucket, Key: 'k', ...more }))).Grants);
const get = () => new GetObjectCommand({ Bucket, Key: 'k' });

test('canned lists open and close an object, and touch nothing else', async () => {
  const before = await main.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
  await main.send(set({ ACL: 'public-read', RequestPayer: 'requester', ExpectedBucketOwner: mainUser.canonicalId }));
  expect(await textOf({ Bucket, Key: 'k' }, anonymous)).toBe('body');
  const after = await main.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
  expect([after.ETag, after.LastModified]).toEqual([before.ETag, before.LastModified]);
  await main.send(set({ ACL: 'authenticated-read' }));
  await refuses(anonymous, get(), 'AccessDenied');
  expect(await textOf({ Bucket, Key: 'k' }, alt)).toBe('body');
  await main.send(set({ ACL: 'private' }));
  await refuses(alt, get(), 'AccessDenied');
});

test('the bucket owner, of an object that another user wrote', async () => {
  const open = await newBucket({ ACL: 'public-read-write' });
  const write = (Key: string, ACL: string) =>
    alt.send(new PutObjectCommand({ Bucket: open, Key, Body: 'x', ACL: ACL as never }));
  const read = async (Key: string) => short((await alt.send(new GetObjectAclCommand({ Bucket: open, Key }))).Grants);
  await write('private', 'private');
  expect(await read('private')).toEqual([`${a} FULL_CONTROL`]);
  await write('read', 'bucket-owner-read');
  expect((await read('read')).sort()).toEqual([`${a} FULL_CONTROL`, `${m} READ`].sort());
  expect(await textOf({ Bucket: open, Key: 'read' })).toBe('x');
  await write('full', 'bucket-owner-full-control');
  expect((await read('full')).sort()).toEqual([`${a} FULL_CONTROL`, `${m} FULL_CONTROL`].sort());
  const owner = await main.send(new GetObjectAclCommand({ Bucket: open, Key: 'full' }));
  expect(owner.Owner).toEqual({ ID: altUser.canonicalId, DisplayName: altUser.displayName });
});

test('grants in headers', async () => {
  await main.send(
    set({
      GrantFullControl: `id="${mainUser.canonicalId}"`,
      GrantRead: `uri="${signedIn}"`,
      GrantReadACP: `emailAddress="${altUser.email}"`,
      GrantWrite: `id="${altUser.canonicalId}"`,
      GrantWriteACP: `id="${altUser.canonicalId}"`,
    }),
  );
  expect((await grants()).sort()).toEqual(
    [`${m} FULL_CONTROL`, 'AuthenticatedUsers READ', `${a} READ_ACP`, `${a} WRITE`, `${a} WRITE_ACP`].sort(),
  );
  await alt.send(set({ ACL: 'private' }));
  expect(await grants()).toEqual([`${m} FULL_CONTROL`]);
});

test('a whole list keeps its order', async () => {
  const list = policy(
    [toGroup(signedIn), 'READ'],
    [toMain, 'FULL_CONTROL'],
    [toAlt, 'READ_ACP'],
    [toEmail(altUser.email), 'READ'],
  );
  await main.send(set({ AccessControlPolicy: list, ChecksumAlgorithm: 'CRC32' }));
  expect(await grants()).toEqual(['AuthenticatedUsers READ', `${m} FULL_CONTROL`, `${a} READ_ACP`, `${a} READ`]);
});

test('of one version', async () => {
  const versioned = await newBucket({ versioned: true });
  const { VersionId } = await put(versioned, 'k', '1');
  await put(versioned, 'k', '2');
  await main.send(set({ Bucket: versioned, VersionId, ACL: 'public-read' }));
  expect(await textOf({ Bucket: versioned, Key: 'k', VersionId }, anonymous)).toBe('1');
  await refuses(anonymous, new GetObjectCommand({ Bucket: versioned, Key: 'k' }), 'AccessDenied');
  const marker = await main.send(new DeleteObjectCommand({ Bucket: versioned, Key: 'k' }));
  await refuses(main, set({ Bucket: versioned, VersionId: marker.VersionId, ACL: 'private' }), 'MethodNotAllowed');
  await refuses(main, set({ Bucket: versioned, Key: 'other', VersionId, ACL: 'private' }), 'NoSuchVersion');
});

test('lists that are none, objects that are not there', async () => {
  await refuses(
    main,
    set({ AccessControlPolicy: policy([{ Type: 'CanonicalUser', ID: 'nobody' }, 'READ']) }),
    'InvalidArgument',
  );
  await refuses(
    main,
    set({ AccessControlPolicy: policy([toEmail('who@example.org'), 'READ']) }),
    'UnresolvableGrantByEmailAddress',
  );
  await refuses(main, set({ ACL: 'private', GrantRead: `id="${altUser.canonicalId}"` }), 'InvalidRequest');
  await refuses(main, set({ Key: 'nothing', ACL: 'private' }), 'NoSuchKey');
  const request = (body: string | undefined, headers = {}) => ({
    method: 'PUT',
    target: `/${Bucket}/k?acl`,
    headers,
    ...(body !== undefined && { body }),
  });
  await rawRefused('PutObjectAcl', request(undefined), 'MissingSecurityHeader');
  for (const body of ['text', '<Other/>', '<AccessControlPolicy>'])
    await rawRefused('PutObjectAcl', request(body), 'MalformedACLError');
  const body = `<AccessControlPolicy><Owner><ID>${mainUser.canonicalId}</ID></Owner><AccessControlList/></AccessControlPolicy>`;
  const answer = await rawAs('PutObjectAcl', ['ContentMD5'], request(body, { 'content-md5': md5Base64(body) }));
  expect(answer.status, answer.body).toBe(200);
  expect(await grants()).toEqual([]);
});
