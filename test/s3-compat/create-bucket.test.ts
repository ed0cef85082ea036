// Names, regions, owners, ACLs and tags of new buckets.
import {
  CreateBucketCommand,
  GetBucketAclCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { adopt, newBucket, newName } from './support/buckets.ts';
import { alt, anonymous, main } from './support/clients.ts';
import { rawAs, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { region, target } from './support/target.ts';

const create = (Bucket: string, more: object = {}) => new CreateBucketCommand({ Bucket, ...more });
const grantsOf = async (Bucket: string) => (await main.send(new GetBucketAclCommand({ Bucket }))).Grants ?? [];

test('a new bucket is there, and names itself', async () => {
  const name = newName();
  adopt(name);
  const made = await main.send(create(name));
  expect(made.Location).toBe(`/${name}`);
  await main.send(new HeadBucketCommand({ Bucket: name }));
});

test('names of 3 and of 63 characters, with dots and digits', async () => {
  for (const name of [`a${Date.now().toString(36).slice(-2)}`, newName().padEnd(63, 'x'), `${newName()}.dots.0`]) {
    adopt(name);
    await main.send(create(name));
  }
});

test.each([
  'aa',
  'x'.repeat(64),
  'Upper',
  'under_score',
  '-dash',
  'dash-',
  'two..dots',
  'dot.-dash',
  '192.168.5.123',
  'xn--a',
])('refuses the name %s', async (name) => {
  await rawRefused('CreateBucket', { method: 'PUT', target: `/${name}` }, 'InvalidBucketName');
});

test('its own bucket again', async () => {
  const name = await newBucket();
  await refuses(main, create(name), 'BucketAlreadyOwnedByYou');
});

test("another user's bucket", async () => {
  const name = await newBucket();
  await refuses(alt, create(name), 'BucketAlreadyExists');
});

test('nobody makes no buckets', async () => {
  await refuses(anonymous, create(newName()), 'AccessDenied');
});

test('the location constraint must be this region', async () => {
  const right = newName();
  adopt(right);
  await main.send(create(right, { CreateBucketConfiguration: { LocationConstraint: region } }));
  const wrong = (LocationConstraint: string) =>
    create(newName(), { CreateBucketConfiguration: { LocationConstraint } });
  await refuses(main, wrong('ap-southeast-2'), 'IllegalLocationConstraintException');
  await refuses(main, wrong('nowhere'), 'InvalidLocationConstraint');
});

test('canned ACLs and grants', async () => {
  const read = await newBucket({ ACL: 'public-read' });
  expect(await grantsOf(read)).toContainEqual(
    expect.objectContaining({
      Grantee: expect.objectContaining({ URI: 'http://acs.amazonaws.com/groups/global/AllUsers' }),
      Permission: 'READ',
    }),
  );
  const toAlt = `id="${target.alt.canonicalId}"`;
  const granted = await newBucket({
    GrantFullControl: `id="${target.main.canonicalId}"`,
    GrantRead: toAlt,
    GrantReadACP: toAlt,
    GrantWrite: toAlt,
    GrantWriteACP: toAlt,
  });
  const permissions = (await grantsOf(granted))
    .filter(({ Grantee }) => Grantee?.ID === target.alt.canonicalId)
    .map(({ Permission }) => Permission);
  expect(permissions.sort()).toEqual(['READ', 'READ_ACP', 'WRITE', 'WRITE_ACP']);
  await alt.send(new PutObjectCommand({ Bucket: granted, Key: 'from-alt', Body: 'x' }));
  await refuses(main, create(newName(), { ACL: 'unheard' }), 'InvalidArgument');
  await refuses(main, create(newName(), { ACL: 'private', GrantRead: toAlt }), 'InvalidRequest');
});

test('tags may come with the bucket', async () => {
  const name = newName();
  adopt(name);
  await main.send(create(name, { CreateBucketConfiguration: { Tags: [{ Key: 'team', Value: 'blue' }] } }));
  const { TagSet } = await main.send(new GetBucketTaggingCommand({ Bucket: name }));
  expect(TagSet).toEqual([{ Key: 'team', Value: 'blue' }]);
  const twice = [
    { Key: 'a', Value: '1' },
    { Key: 'a', Value: '2' },
  ];
  const late = newName();
  await refuses(main, create(late, { CreateBucketConfiguration: { Tags: twice } }), 'InvalidTag');
  await refuses(main, new GetBucketTaggingCommand({ Bucket: late }), 'NoSuchBucket');
});

test('what is not built is refused, its vacuous values are not', async () => {
  await newBucket({ ObjectLockEnabledForBucket: false, ObjectOwnership: 'ObjectWriter', BucketNamespace: 'global' });
  await refuses(main, create(newName(), { ObjectLockEnabledForBucket: true }), 'NotImplemented');
  await refuses(main, create(newName(), { ObjectOwnership: 'BucketOwnerEnforced' }), 'NotImplemented');
  await refuses(main, create(newName(), { BucketNamespace: 'account-regional' }), 'NotImplemented');
  const directory = { Location: { Type: 'AvailabilityZone', Name: 'az1' }, Bucket: { Type: 'Directory' } };
  await refuses(main, create(newName(), { CreateBucketConfiguration: directory }), 'NotImplemented');
});

test('bodies that are not a configuration', async () => {
  for (const body of ['not xml', '<Unheard/>', '<CreateBucketConfiguration><LocationConstraint>']) {
    await rawRefused('CreateBucket', { method: 'PUT', target: `/${newName()}`, body }, 'MalformedXML');
  }
  const name = newName();
  adopt(name);
  const answer = await rawAs('CreateBucket', ['Bucket'], { method: 'PUT', target: `/${name}` });
  expect(answer.status).toBe(200);
});
