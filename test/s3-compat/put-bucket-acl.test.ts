// Lists in all three forms, and what each permission gives.
import {
  GetBucketAclCommand,
  GetBucketVersioningCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  a,
  altUser,
  everyone,
  m,
  mainUser,
  policy,
  short,
  signedIn,
  toAlt,
  toEmail,
  toGroup,
  toMain,
} from './support/acls.ts';
import { md5Base64 } from './support/bodies.ts';
import { newBucket } from './support/buckets.ts';
import { alt, anonymous, main } from './support/clients.ts';
import { rawAs, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
});
const set = (more: object) => new PutBucketAclCommand({ Bucket, ...more });
const grants = async () => short((await main.send(new GetBucketAclCommand({ Bucket }))).Grants);

describe('canned', () => {
  test.each([
    ['private', []],
    ['public-read', ['AllUsers READ']],
    ['public-read-write', ['AllUsers READ', 'AllUsers WRITE']],
    ['authenticated-read', ['AuthenticatedUsers READ']],
    ['log-delivery-write', ['LogDelivery WRITE', 'LogDelivery READ_ACP']],
  ])('%s', async (ACL, others) => {
    await main.send(set({ ACL, ExpectedBucketOwner: mainUser.canonicalId }));
    expect((await grants()).sort()).toEqual([...others, `${m} FULL_CONTROL`].sort());
  });

  test('are evaluated', async () => {
    const list = () => new ListObjectsV2Command({ Bucket });
    await main.send(set({ ACL: 'authenticated-read' }));
    await alt.send(list());
    await refuses(anonymous, list(), 'AccessDenied');
    await main.send(set({ ACL: 'public-read-write' }));
    await anonymous.send(list());
    await anonymous.send(new PutObjectCommand({ Bucket, Key: 'by-nobody', Body: '' }));
    await main.send(set({ ACL: 'private' }));
    await refuses(alt, list(), 'AccessDenied');
  });
});

test('grants in headers', async () => {
  await main.send(
    set({
      GrantFullControl: `id="${mainUser.canonicalId}"`,
      GrantRead: `uri="${everyone}", id="${altUser.canonicalId}"`,
      GrantReadACP: `emailAddress="${altUser.email}"`,
      GrantWrite: `uri="${signedIn}"`,
      GrantWriteACP: `id=${altUser.canonicalId}`,
    }),
  );
  expect((await grants()).sort()).toEqual(
    [
      `${m} FULL_CONTROL`,
      'AllUsers READ',
      `${a} READ`,
      `${a} READ_ACP`,
      'AuthenticatedUsers WRITE',
      `${a} WRITE_ACP`,
    ].sort(),
  );
  // Who may write the list may write it.
  await alt.send(set({ ACL: 'private' }));
  expect(await grants()).toEqual([`${m} FULL_CONTROL`]);
});

describe('a whole list', () => {
  test('keeps its order', async () => {
    await main.send(
      set({
        AccessControlPolicy: policy(
          [toAlt, 'READ'],
          [toMain, 'FULL_CONTROL'],
          [toGroup(signedIn), 'WRITE'],
          [toEmail(altUser.email), 'READ_ACP'],
        ),
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    expect(await grants()).toEqual([`${a} READ`, `${m} FULL_CONTROL`, 'AuthenticatedUsers WRITE', `${a} READ_ACP`]);
  });

  test('may be empty, and the owner can still repair it', async () => {
    await main.send(set({ AccessControlPolicy: policy() }));
    expect(await grants()).toEqual([]);
    await main.send(set({ ACL: 'private' }));
  });

  test('each permission gives that and no more', async () => {
    const give = (permission: string) =>
      main.send(set({ AccessControlPolicy: policy([toMain, 'FULL_CONTROL'], [toAlt, permission]) }));
    const list = () => new ListObjectsV2Command({ Bucket });
    const write = () => new PutObjectCommand({ Bucket, Key: 'alt', Body: '' });
    const acl = () => new GetBucketAclCommand({ Bucket });
    await give('READ');
    await alt.send(list());
    for (const command of [write(), acl()]) await refuses(alt, command, 'AccessDenied');
    await give('WRITE');
    await alt.send(write());
    for (const command of [list(), acl()]) await refuses(alt, command, 'AccessDenied');
    await give('READ_ACP');
    await alt.send(acl());
    for (const command of [list(), write()]) await refuses(alt, command, 'AccessDenied');
    await give('FULL_CONTROL');
    for (const command of [list(), write(), acl()]) await alt.send(command as never);
    // Not even full control makes an owner.
    await refuses(alt, new GetBucketVersioningCommand({ Bucket }), 'AccessDenied');
  });
});

describe('lists that are none', () => {
  test('grantees', async () => {
    await refuses(
      main,
      set({ AccessControlPolicy: policy([{ Type: 'CanonicalUser', ID: 'nobody' }, 'READ']) }),
      'InvalidArgument',
    );
    await refuses(
      main,
      set({ AccessControlPolicy: policy([toGroup('http://example.org/group'), 'READ']) }),
      'InvalidArgument',
    );
    await refuses(
      main,
      set({ AccessControlPolicy: policy([toEmail('who@example.org'), 'READ']) }),
      'UnresolvableGrantByEmailAddress',
    );
    await refuses(main, set({ AccessControlPolicy: policy([toAlt, 'EVERYTHING']) }), 'MalformedACLError');
    await refuses(main, set({ GrantRead: 'alt' }), 'InvalidArgument');
    await refuses(main, set({ ACL: 'unheard' }), 'InvalidArgument');
  });

  test('two kinds at once, or nothing at all', async () => {
    await refuses(main, set({ ACL: 'private', GrantRead: `id="${altUser.canonicalId}"` }), 'InvalidRequest');
    await rawRefused('PutBucketAcl', { method: 'PUT', target: `/${Bucket}?acl` }, 'MissingSecurityHeader');
  });

  test('bodies', async () => {
    const request = (body: string, headers = {}) => ({ method: 'PUT', target: `/${Bucket}?acl`, body, headers });
    for (const body of ['text', '<Other/>', '<AccessControlPolicy>']) {
      await rawRefused('PutBucketAcl', request(body), 'MalformedACLError');
    }
    const body = `<AccessControlPolicy><Owner><ID>${mainUser.canonicalId}</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>${mainUser.canonicalId}</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>`;
    const answer = await rawAs('PutBucketAcl', ['ContentMD5'], request(body, { 'content-md5': md5Base64(body) }));
    expect(answer.status, answer.body).toBe(200);
  });
});

test("a bucket of another user's making is theirs", async () => {
  const name = await newBucket({}, alt);
  await refuses(main, new PutBucketAclCommand({ Bucket: name, ACL: 'public-read' }), 'AccessDenied');
});
