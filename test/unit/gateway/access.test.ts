import { expect, test } from 'vitest';
import { Fault, isFault } from '../../../src/base/fault.ts';
import { type AccessContext, authorise } from '../../../src/gateway/access.ts';
import { isS3Error } from '../../../src/gateway/errors.ts';
import type { RequiredAction } from '../../../src/gateway/operation.ts';
import { anonymousId } from '../../../src/gateway/who.ts';
import { type Acl, type CannedAcl, cannedAcl, type Permission } from '../../../src/model/acl.ts';
import type { Bucket } from '../../../src/model/bucket.ts';
import { anonymous, type Identity } from '../../../src/model/identity.ts';
import type { Version } from '../../../src/model/object.ts';
import { users } from './signing.ts';

const [main, alt] = users.map(({ user }) => user) as [(typeof users)[0]['user'], (typeof users)[0]['user']];
const callers: Record<string, Identity> = {
  main: { kind: 'user', user: main },
  alt: { kind: 'user', user: alt },
  nobody: anonymous,
};

interface World {
  bucketAcl: Acl;
  /** By key. */
  objects?: Record<string, { acl: Acl; kind?: 'object' | 'marker' }>;
  headers?: Record<string, string>;
  profile?: 'aws' | 'rgw';
}

function contextOf({ bucketAcl, objects = {}, headers = {}, profile = 'aws' }: World): AccessContext {
  return {
    profile,
    request: { headers },
    objects: {
      async bucket(name) {
        if (name !== 'bucket') throw new Fault({ kind: 'bucket-missing', bucket: name });
        return { id: 'b', name, acl: bucketAcl } as Bucket;
      },
      async peek(_bucket, key) {
        const found = objects[key];
        return found && ({ kind: found.kind ?? 'object', acl: found.acl } as Version);
      },
    },
  };
}

async function outcome(caller: string, required: RequiredAction | RequiredAction[], world: World): Promise<string> {
  try {
    await authorise(callers[caller]!, Array.isArray(required) ? required : [required], contextOf(world));
    return 'allowed';
  } catch (error) {
    if (isFault(error, 'bucket-missing')) return 'missing';
    if (isS3Error(error)) return error.code;
    throw error;
  }
}
/** Who of main, alt and nobody is let through. */
async function allowed(required: RequiredAction | RequiredAction[], world: World): Promise<string> {
  const through: string[] = [];
  for (const caller of Object.keys(callers)) {
    const result = await outcome(caller, required, world);
    if (result === 'allowed') through.push(caller);
    else expect(result).toBe('AccessDenied');
  }
  return through.join(' ');
}

const canned = (name: CannedAcl, owner = main.canonicalId, bucketOwner = main.canonicalId) =>
  cannedAcl(name, owner, bucketOwner);
const granting = (permission: Permission, owner = main.canonicalId): Acl => ({
  owner,
  grants: [{ grantee: { kind: 'user', id: alt.canonicalId }, permission }],
});
const onBucket = (action: RequiredAction['action']): RequiredAction => ({ action, bucket: 'bucket' });
const onKey = (action: RequiredAction['action'], key = 'key'): RequiredAction => ({ action, bucket: 'bucket', key });

const bucketActions = {
  READ: ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'],
  WRITE: ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
  READ_ACP: ['s3:GetBucketAcl'],
  WRITE_ACP: ['s3:PutBucketAcl'],
} as const;
const objectActions = {
  READ: ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectAttributes', 's3:GetObjectVersionAttributes'],
  READ_ACP: ['s3:GetObjectAcl', 's3:GetObjectVersionAcl'],
  WRITE_ACP: ['s3:PutObjectAcl', 's3:PutObjectVersionAcl'],
} as const;
const ownerActions = [
  's3:DeleteBucket',
  's3:GetBucketLocation',
  's3:PutBucketVersioning',
  's3:GetBucketVersioning',
  's3:PutBucketTagging',
  's3:GetBucketTagging',
  's3:DeleteObjectVersion',
  's3:PutBucketPolicy',
  's3:NobodyKnowsThis',
  's3:constructor',
] as const;
const permissions = ['READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'] as const;

test('every action on a bucket follows its own permission and no other', async () => {
  for (const [needed, actions] of Object.entries(bucketActions)) {
    for (const action of actions) {
      for (const given of permissions) {
        expect(await allowed(onKey(action), { bucketAcl: granting(given) }), `${action} by ${given}`).toBe(
          given === needed ? 'main alt' : 'main',
        );
      }
      expect(await allowed(onKey(action), { bucketAcl: granting('FULL_CONTROL') })).toBe('main alt');
    }
  }
});

test('every action on an object follows its own permission and no other', async () => {
  for (const [needed, actions] of Object.entries(objectActions)) {
    for (const action of actions) {
      for (const given of permissions) {
        const world = { bucketAcl: canned('public-read-write'), objects: { key: { acl: granting(given) } } };
        expect(await allowed(onKey(action), world), `${action} by ${given}`).toBe(
          given === needed ? 'main alt' : 'main',
        );
      }
    }
  }
});

test("owner's actions, and actions that nobody has heard of, are the owner's alone", async () => {
  for (const action of ownerActions) {
    for (const bucketAcl of [canned('public-read-write'), granting('FULL_CONTROL')]) {
      expect(
        await allowed(onKey(action), { bucketAcl, objects: { key: { acl: granting('FULL_CONTROL') } } }),
        action,
      ).toBe('main');
    }
  }
});

test("tagging is the object's and the bucket's owner's", async () => {
  const world = {
    bucketAcl: canned('public-read-write'),
    objects: { key: { acl: canned('public-read-write', alt.canonicalId) } },
  };
  for (const action of ['s3:GetObjectTagging', 's3:PutObjectTagging', 's3:DeleteObjectVersionTagging'] as const) {
    expect(await allowed(onKey(action), world)).toBe('main alt');
    expect(await allowed(onKey(action), { ...world, objects: { key: { acl: canned('public-read-write') } } })).toBe(
      'main',
    );
  }
});

test("a bucket's owner may delete what others wrote, but not read it without a grant", async () => {
  const world = {
    bucketAcl: canned('public-read-write'),
    objects: { key: { acl: canned('private', alt.canonicalId) } },
  };
  expect(await allowed(onKey('s3:GetObject'), world)).toBe('alt');
  expect(await allowed(onKey('s3:GetObjectAcl'), world)).toBe('alt');
  expect(await allowed(onKey('s3:DeleteObject'), world)).toBe('main alt nobody');
  expect(await outcome('main', onKey('s3:DeleteObjectVersion'), world)).toBe('allowed');
  const shared = { ...world, objects: { key: { acl: canned('bucket-owner-read', alt.canonicalId) } } };
  expect(await allowed(onKey('s3:GetObject'), shared)).toBe('main alt');
});

test("what nobody in particular wrote is the bucket's owner's", async () => {
  const world = { bucketAcl: canned('public-read-write'), objects: { key: { acl: canned('private', anonymousId) } } };
  expect(await allowed(onKey('s3:GetObject'), world)).toBe('main');
  expect(await allowed(onKey('s3:PutObjectAcl'), world)).toBe('main');
});

test('the matrix of canned ACLs', async () => {
  const read = onKey('s3:GetObject');
  const rows: [bucket: CannedAcl, object: CannedAcl, read: string, list: string, write: string][] = [
    ['private', 'private', 'main', 'main', 'main'],
    ['private', 'public-read', 'main alt nobody', 'main', 'main'],
    ['private', 'public-read-write', 'main alt nobody', 'main', 'main'],
    ['private', 'authenticated-read', 'main alt', 'main', 'main'],
    ['public-read', 'private', 'main', 'main alt nobody', 'main'],
    ['public-read-write', 'private', 'main', 'main alt nobody', 'main alt nobody'],
    ['authenticated-read', 'private', 'main', 'main alt', 'main'],
  ];
  for (const [bucket, object, readers, listers, writers] of rows) {
    const world = { bucketAcl: canned(bucket), objects: { key: { acl: canned(object) } } };
    expect(await allowed(read, world), `read ${bucket} ${object}`).toBe(readers);
    expect(await allowed(onBucket('s3:ListBucket'), world), `list ${bucket}`).toBe(listers);
    expect(await allowed(onKey('s3:PutObject'), world), `write ${bucket}`).toBe(writers);
  }
});

// MinIO CVE-2024-36107: a precondition told anonymous callers what exists. Missing, deleted and hidden look alike without ListBucket.
test('a missing key, a deleted one and a hidden one are told apart by those alone who may list', async () => {
  const objects = {
    hidden: { acl: canned('private') },
    deleted: { acl: canned('public-read'), kind: 'marker' as const },
  };
  for (const key of ['hidden', 'deleted', 'missing']) {
    for (const action of ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectAcl', 's3:GetObjectTagging'] as const) {
      expect(await allowed(onKey(action, key), { bucketAcl: canned('private'), objects }), `${action} ${key}`).toBe(
        'main',
      );
    }
  }
  expect(await allowed(onKey('s3:GetObject', 'missing'), { bucketAcl: canned('public-read'), objects })).toBe(
    'main alt nobody',
  );
  expect(await allowed(onKey('s3:GetObject', 'deleted'), { bucketAcl: canned('public-read'), objects })).toBe(
    'main alt nobody',
  );
  expect(await allowed(onKey('s3:GetObject', 'hidden'), { bucketAcl: canned('public-read'), objects })).toBe('main');
});

test('a missing bucket is told to everybody', async () => {
  for (const caller of Object.keys(callers)) {
    expect(
      await outcome(caller, { action: 's3:GetObject', bucket: 'other', key: 'k' }, { bucketAcl: canned('private') }),
    ).toBe('missing');
  }
});

test('listing and making buckets', async () => {
  const world = { bucketAcl: canned('private') };
  expect(await allowed({ action: 's3:ListAllMyBuckets' }, world)).toBe('main alt');
  expect(await allowed({ action: 's3:ListAllMyBuckets' }, { ...world, profile: 'rgw' })).toBe('main alt nobody');
  expect(await allowed({ action: 's3:CreateBucket', bucket: 'new' }, { ...world, profile: 'rgw' })).toBe('main alt');
});

// RustFS GHSA-mx42: the source of UploadPartCopy went unchecked. Every action listed must be allowed.
test('a copy needs its source and its target', async () => {
  const copy = [onKey('s3:GetObject', 'source'), onKey('s3:PutObject', 'target')];
  const open = canned('public-read-write');
  expect(await allowed(copy, { bucketAcl: open, objects: { source: { acl: canned('private') } } })).toBe('main');
  expect(await allowed(copy, { bucketAcl: open, objects: { source: { acl: canned('authenticated-read') } } })).toBe(
    'main alt',
  );
  expect(
    await allowed(copy, { bucketAcl: canned('private'), objects: { source: { acl: canned('public-read') } } }),
  ).toBe('main');
  expect(await allowed([...copy].reverse(), { bucketAcl: open, objects: { source: { acl: canned('private') } } })).toBe(
    'main',
  );
});

test('an operation that asks for nothing is refused, also one that forgot its bucket or key', async () => {
  const world = { bucketAcl: canned('public-read-write') };
  expect(await allowed([], world)).toBe('');
  expect(await allowed({ action: 's3:ListBucket' }, world)).toBe('');
  expect(await allowed({ action: 's3:GetObject', bucket: 'bucket' }, world)).toBe('');
});

test('the expected owner must be the owner, for everybody', async () => {
  const bucketAcl = canned('public-read-write');
  const world = (headers: Record<string, string>) => ({
    bucketAcl,
    headers,
    objects: { source: { acl: canned('public-read') } },
  });
  const put = onKey('s3:PutObject');
  expect(await allowed(put, world({ 'x-amz-expected-bucket-owner': main.canonicalId }))).toBe('main alt nobody');
  expect(await allowed(put, world({ 'x-amz-expected-bucket-owner': `${main.canonicalId}foo` }))).toBe('');
  expect(await allowed(put, world({ 'x-amz-expected-bucket-owner': '' }))).toBe('');
  const copy = [onKey('s3:GetObject', 'source'), onKey('s3:PutObject', 'target')];
  const source = { 'x-amz-copy-source': 'bucket/source' };
  expect(await allowed(copy, world({ ...source, 'x-amz-source-expected-bucket-owner': main.canonicalId }))).toBe(
    'main alt nobody',
  );
  expect(await allowed(copy, world({ ...source, 'x-amz-source-expected-bucket-owner': alt.canonicalId }))).toBe('');
  expect(await allowed(copy, world({ ...source, 'x-amz-expected-bucket-owner': alt.canonicalId }))).toBe('');
  // Without a copy source the source's header speaks of nothing.
  expect(await allowed(put, world({ 'x-amz-source-expected-bucket-owner': alt.canonicalId }))).toBe('main alt nobody');
});
