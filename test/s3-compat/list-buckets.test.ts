// Own buckets, in pages.
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { adopt, newBucket, newName } from './support/buckets.ts';
import { alt, anonymous, main } from './support/clients.ts';
import { rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { region, target } from './support/target.ts';

const prefix = `${newName()}-`;
const names = ['a', 'b', 'c', 'd', 'e'].map((end) => `${prefix}${end}`);
let foreign: string;

beforeAll(async () => {
  for (const Bucket of names) {
    adopt(Bucket);
    await main.send(new CreateBucketCommand({ Bucket }));
  }
  foreign = await newBucket({}, alt);
});

test('own buckets only, by name, with owner and date', async () => {
  const { Buckets = [], Owner } = await main.send(new ListBucketsCommand({}));
  const listed = Buckets.map(({ Name }) => Name!);
  expect(listed).toEqual([...listed].sort());
  expect(listed).toEqual(expect.arrayContaining(names));
  expect(listed).not.toContain(foreign);
  expect(Owner).toEqual({ ID: target.main.canonicalId, DisplayName: target.main.displayName });
  expect(Math.abs(Date.now() - Buckets.find(({ Name }) => Name === names[0])!.CreationDate!.getTime())).toBeLessThan(
    600_000,
  );
  const others = await alt.send(new ListBucketsCommand({}));
  expect(others.Buckets!.map(({ Name }) => Name)).not.toContain(names[0]);
});

test('pages, with a token only when more remain', async () => {
  const pages: string[][] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await main.send(new ListBucketsCommand({ Prefix: prefix, MaxBuckets: 2, ContinuationToken }));
    expect(page.Prefix).toBe(prefix);
    pages.push(page.Buckets!.map(({ Name }) => Name!));
    ContinuationToken = page.ContinuationToken;
  } while (ContinuationToken);
  expect(pages).toEqual([names.slice(0, 2), names.slice(2, 4), names.slice(4)]);
  const exact = await main.send(new ListBucketsCommand({ Prefix: prefix, MaxBuckets: 5 }));
  expect(exact.ContinuationToken).toBeUndefined();
});

test('by region', async () => {
  const here = await main.send(new ListBucketsCommand({ Prefix: prefix, BucketRegion: region }));
  expect(here.Buckets).toHaveLength(5);
  const there = await main.send(new ListBucketsCommand({ Prefix: prefix, BucketRegion: 'ap-southeast-2' }));
  expect(there.Buckets ?? []).toHaveLength(0);
  expect(there.ContinuationToken).toBeUndefined();
});

test('page sizes and tokens that make no sense', async () => {
  for (const MaxBuckets of [0, -1, 10_001, 2 ** 31])
    await refuses(main, new ListBucketsCommand({ MaxBuckets }), 'InvalidArgument');
  await refuses(main, new ListBucketsCommand({ ContinuationToken: 'made-up' }), 'InvalidArgument');
  await rawRefused('ListBuckets', { target: '/?max-buckets=many' }, 'InvalidArgument');
});

test('nobody owns nothing that could be listed', async () => {
  await refuses(anonymous, new ListBucketsCommand({}), 'AccessDenied');
});
