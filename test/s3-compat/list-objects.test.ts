// Version 1 of the listing: markers, delimiters, odd keys, long prefixes.
import { DeleteObjectCommand, ListObjectsCommand, type ListObjectsCommandInput } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { etagOf } from './support/bodies.ts';
import { newBucket, newName, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { byBytes, fill, oddKeys, treeKeys } from './support/listings.ts';
import { raw, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
  await fill(Bucket, treeKeys);
});
const list = (more: Partial<ListObjectsCommandInput> = {}) => main.send(new ListObjectsCommand({ Bucket, ...more }));
const shape = async (more: Partial<ListObjectsCommandInput>) => {
  const got = await list(more);
  return [
    (got.Contents ?? []).map(({ Key }) => Key),
    (got.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
    got.IsTruncated,
    got.NextMarker,
  ];
};

test('every entry says what it is, and whose', async () => {
  const got = await list({
    RequestPayer: 'requester',
    ExpectedBucketOwner: target.main.canonicalId,
    OptionalObjectAttributes: ['RestoreStatus'],
  });
  expect(got).toMatchObject({ Name: Bucket, Prefix: '', Marker: '', MaxKeys: 1000, IsTruncated: false });
  expect(got.Delimiter ?? got.EncodingType ?? got.NextMarker).toBeUndefined();
  expect(got.Contents!.map(({ Key }) => Key)).toEqual(treeKeys);
  expect(got.Contents![0]).toMatchObject({
    Key: 'asdf',
    ETag: etagOf('asdf'),
    Size: 4,
    StorageClass: 'STANDARD',
    Owner: { ID: target.main.canonicalId, DisplayName: target.main.displayName },
  });
});

describe('delimiter, prefix, marker, page size', () => {
  test.each([
    [{ Delimiter: '/' }, [['asdf'], ['boo/', 'cquux/'], false, undefined]],
    [{ Delimiter: '/', MaxKeys: 1 }, [['asdf'], [], true, 'asdf']],
    [{ Delimiter: '/', MaxKeys: 1, Marker: 'asdf' }, [[], ['boo/'], true, 'boo/']],
    [{ Delimiter: '/', MaxKeys: 1, Marker: 'boo/' }, [[], ['cquux/'], false, undefined]],
    [{ Delimiter: '/', MaxKeys: 2 }, [['asdf'], ['boo/'], true, 'boo/']],
    [{ Delimiter: '/', Prefix: 'boo/' }, [['boo/bar'], ['boo/baz/'], false, undefined]],
    [{ Delimiter: 'oo' }, [['asdf', 'cquux/bla', 'cquux/thud'], ['boo'], false, undefined]],
    [{ Delimiter: '%%' }, [treeKeys, [], false, undefined]],
    [{ Delimiter: '' }, [treeKeys, [], false, undefined]],
    [{ Prefix: 'c' }, [['cquux/bla', 'cquux/thud'], [], false, undefined]],
    [{ Prefix: 'nothing' }, [[], [], false, undefined]],
    [{ Marker: 'boo/baz' }, [['boo/baz/xyzzy', 'cquux/bla', 'cquux/thud'], [], false, undefined]],
    [{ Marker: 'zzz' }, [[], [], false, undefined]],
    [{ MaxKeys: 2 }, [['asdf', 'boo/bar'], [], true, undefined]],
    [{ MaxKeys: 0 }, [[], [], false, undefined]],
  ])('%j', async (query, expected) => {
    expect(await shape(query)).toEqual(expected);
  });

  test('what was asked is echoed', async () => {
    expect(await list({ Delimiter: '/', Prefix: 'b', Marker: 'a', MaxKeys: 7 })).toMatchObject({
      Delimiter: '/',
      Prefix: 'b',
      Marker: 'a',
      MaxKeys: 7,
    });
    expect((await list({ MaxKeys: 5000 })).MaxKeys).toBe(1000);
  });

  test('a line feed is a delimiter like any other', async () => {
    const { body } = await raw({ target: `/${Bucket}?delimiter=%0A&prefix=` });
    expect(body).toMatch(/<Delimiter>(&#xA;|&#10;)<\/Delimiter>/i);
  });
});

test('odd keys, in the order of their bytes', async () => {
  const odd = await newBucket();
  await fill(odd, oddKeys);
  const got = await main.send(new ListObjectsCommand({ Bucket: odd }));
  expect(got.Contents!.map(({ Key }) => Key)).toEqual(byBytes(oddKeys));
});

test('encoded names', async () => {
  const odd = await newBucket();
  await fill(odd, ['asdf+b', 'foo+1/bar', 'foo/bar/baz/xyzzy', 'quux ab/thud', 'tab\tkey', 'line\nkey']);
  const got = await main.send(new ListObjectsCommand({ Bucket: odd, Delimiter: '/', EncodingType: 'url' }));
  expect(got).toMatchObject({ EncodingType: 'url', Delimiter: '/' });
  expect(got.Contents!.map(({ Key }) => Key)).toEqual(['asdf%2Bb', 'line%0Akey', 'tab%09key']);
  expect(got.CommonPrefixes!.map(({ Prefix }) => Prefix)).toEqual(['foo%2B1/', 'foo/', 'quux%20ab/']);
});

test('a prefix that collapses more than a page does not end it', async () => {
  const many = await newBucket();
  await fill(many, [...Array.from({ length: 1005 }, (_, at) => `0/${at}`), '1999', '1999#', '1999+', '2000']);
  const got = await main.send(new ListObjectsCommand({ Bucket: many, Delimiter: '/' }));
  expect(got.CommonPrefixes).toEqual([{ Prefix: '0/' }]);
  expect(got.Contents!.map(({ Key }) => Key)).toEqual(['1999', '1999#', '1999+', '2000']);
  expect(got.IsTruncated).toBe(false);
  const full = await main.send(new ListObjectsCommand({ Bucket: many }));
  expect([full.Contents!.length, full.IsTruncated]).toEqual([1000, true]);
});

test('control characters in a key do not break the document', async () => {
  const odd = await newBucket();
  await put(odd, 'bell\u0007');
  const { status, body } = await raw({ target: `/${odd}?encoding-type=url` });
  expect(status).toBe(200);
  expect(body).toContain('bell%07');
  // XML has no way to name this key, so it cannot go with the others.
  await main.send(new DeleteObjectCommand({ Bucket: odd, Key: 'bell\u0007' }));
});

test('values that make no sense', async () => {
  await refuses(main, new ListObjectsCommand({ Bucket, MaxKeys: -1 }), 'InvalidArgument');
  await refuses(main, new ListObjectsCommand({ Bucket, EncodingType: 'base64' as never }), 'InvalidArgument');
  for (const value of ['many', '1e3', '1.5', '0x10', '%20']) {
    await rawRefused('ListObjects', { target: `/${Bucket}?max-keys=${value}` }, 'InvalidArgument');
  }
  await refuses(main, new ListObjectsCommand({ Bucket: newName() }), 'NoSuchBucket');
});
