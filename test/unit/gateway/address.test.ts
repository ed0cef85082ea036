import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uriEncode } from '../../../src/base/sigv4.ts';
import { bucketOfHost, isValidBucketName, parseAddress, parseCopySource } from '../../../src/gateway/address.ts';
import { isS3Error } from '../../../src/gateway/errors.ts';

const parse = (url: string, host = 'localhost:9000', domains: string[] = []) => parseAddress(url, host, { domains });
const named = (url: string, host?: string, domains?: string[]) => {
  const { bucket, key } = parse(url, host, domains);
  return [bucket, key];
};
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (isS3Error(error)) return error.code;
    throw error;
  }
};

test('service, bucket and object', () => {
  expect(named('/')).toEqual([undefined, undefined]);
  expect(named('/?x=1')).toEqual([undefined, undefined]);
  expect(named('/bucket')).toEqual(['bucket', undefined]);
  expect(named('/bucket/')).toEqual(['bucket', undefined]);
  expect(named('/bucket/key')).toEqual(['bucket', 'key']);
  expect(parse('/bucket/a%20b?versionId=%41')).toMatchObject({
    rawPath: '/bucket/a%20b',
    path: '/bucket/a b',
    rawQuery: 'versionId=%41',
    query: [['versionId', 'A']],
    virtualHost: false,
  });
});

// Path traversal of MinIO (backslash), SeaweedFS (`/a/../b`), Supabase, RustFS: nothing of a key means anything to us.
for (const [raw, key] of [
  ['//', '/'],
  ['/', undefined],
  ['//a', '/a'],
  ['/a//b', 'a//b'],
  ['/a/', 'a/'],
  ['/.', '.'],
  ['/..', '..'],
  ['/../other/secret', '../other/secret'],
  ['/a/../b', 'a/../b'],
  ['/a/./b', 'a/./b'],
  ['/%2e%2e/x', '../x'],
  ['/%2e%2e%2fx', '../x'],
  ['/a%2fb', 'a/b'],
  ['/..\\..\\x', '..\\..\\x'],
  ['/%5c..%5cx', '\\..\\x'],
  ['/a+b', 'a+b'],
  ['/a%2Bb', 'a+b'],
  ['/a%20b', 'a b'],
  ['/a%25b', 'a%b'],
  ['/a%2525b', 'a%25b'],
  ['/a;b=c', 'a;b=c'],
  ['/a%3Fb%23c', 'a?b#c'],
  ['/a%0Ab%0D', 'a\nb\r'],
  ['/%7F', '\x7f'],
  ['/%C3%A9', 'é'],
  ['/%F0%9F%98%80', '😀'],
  ['/%EF%BB%BFa', '\ufeffa'],
  ['/\xc3\xa9', 'é'],
  ['/http://x/y', 'http://x/y'],
] as const) {
  test(`key of /bucket${raw}`, () => expect(named(`/bucket${raw}`)).toEqual(['bucket', key]));
}

for (const raw of [
  '/b%zz',
  '/buc/%',
  '/buc/%4',
  '/buc/%g1',
  '/buc/%1g',
  '/buc/%-1',
  '/buc/%ff',
  '/buc/%C3',
  '/buc/%C3%28',
  '/buc/%ED%A0%80',
  '/buc/%C0%AF',
  '/buc/%00',
  '/buc/\x00',
  '/buc/\xff',
  '/buc/λ',
  '/buc?a=%zz',
  '/buc?%ff',
  '/buc?a=%00',
  '*',
  'buc/key',
  '',
  '?x',
  'http:/x',
  'ftp://localhost:9000/b',
]) {
  test(`refused: ${JSON.stringify(raw)}`, () => expect(codeOf(() => parse(raw))).toBe('InvalidURI'));
}

test('bucket names that cannot exist', () => {
  for (const name of [
    '//',
    '//key',
    '/%2Fa',
    '/bucket%2Fkey',
    '/ab',
    '/.a.',
    '/_x',
    '/b b',
    '/b%20b',
    `/${'a'.repeat(256)}`,
    '/b%0Aa',
    '/..',
  ]) {
    expect(
      codeOf(() => parse(name)),
      name,
    ).toBe('InvalidBucketName');
  }
});

test('keys of 1,024 bytes pass, of 1,025 do not', () => {
  for (const [text, count] of [
    ['a', 1024],
    ['é', 512],
    ['😀', 256],
  ] as const) {
    expect(parse(`/bucket/${uriEncode(text).repeat(count)}`).key).toBe(text.repeat(count));
    expect(codeOf(() => parse(`/bucket/${uriEncode(text).repeat(count)}a`))).toBe('KeyTooLongError');
  }
  expect(codeOf(() => parse(`/${'a'.repeat(1025)}`, 'bucket.localhost', ['localhost']))).toBe('KeyTooLongError');
});

test('query: order, doubles, blanks, no value', () => {
  expect(parse('/b0b?b=2&a=1&b=3&c&d=&=e&&f=a+b%2B%26').query).toEqual([
    ['b', '2'],
    ['a', '1'],
    ['b', '3'],
    ['c', ''],
    ['d', ''],
    ['', 'e'],
    ['f', 'a b+&'],
  ]);
  expect(parse('/b0b?').query).toEqual([]);
  expect(parse('/b0b?a=b?c=d').query).toEqual([['a', 'b?c=d']]);
});

test('any key survives its encoding, path style and virtual host', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (key) => {
      fc.pre(!key.includes('\0') && key.isWellFormed());
      expect(parse(`/bucket/${uriEncode(key, true)}`).key).toBe(key);
      expect(parse(`/bucket/${uriEncode(key)}`).key).toBe(key);
      expect(parse(`/${uriEncode(key)}`, 'bucket.localhost', ['localhost'])).toMatchObject({ bucket: 'bucket', key });
      expect(parseCopySource(`bucket/${uriEncode(key)}?versionId=v`)).toEqual({
        bucket: 'bucket',
        key,
        versionId: 'v',
      });
    }),
    { numRuns: 300 },
  );
});

test('no target makes it throw anything but an S3 error', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'/%2fF.?&=+:\\\0\xff\xc3a'), maxLength: 40 }), (target) => {
      codeOf(() => parse(target));
      codeOf(() => parse(`/${target}`, target, ['localhost']));
      codeOf(() => parseCopySource(target));
    }),
    { numRuns: 2000 },
  );
});

test('virtual hosts', () => {
  const domains = ['localhost', 's3.example.com', 'example.com'];
  const of = (host: string | undefined) => bucketOfHost(host, domains);
  expect(of('localhost:8000')).toBeUndefined();
  expect(of('bucket.localhost')).toBe('bucket');
  expect(of('bucket.localhost:8000')).toBe('bucket');
  expect(of('BUCKET.LocalHost')).toBe('bucket');
  expect(of('a.dotted.bucket.localhost')).toBe('a.dotted.bucket');
  expect(of('bucket.s3.example.com')).toBe('bucket');
  expect(of('s3.example.com.')).toBeUndefined();
  expect(of('bucket.localhost.')).toBe('bucket');
  expect(of('notlocalhost')).toBeUndefined();
  expect(of('127.0.0.1:9000')).toBeUndefined();
  expect(of('[::1]:9000')).toBeUndefined();
  expect(of('elsewhere.org')).toBeUndefined();
  expect(of(undefined)).toBeUndefined();
  expect(bucketOfHost('1.2.3.4', ['4'])).toBeUndefined();
  expect(named('/a/b', 'bucket.localhost', domains)).toEqual(['bucket', 'a/b']);
  expect(named('/', 'bucket.localhost', domains)).toEqual(['bucket', undefined]);
  expect(named('//', 'bucket.localhost', domains)).toEqual(['bucket', '/']);
  expect(codeOf(() => parse('/', 'b_.localhost_', ['localhost_']))).toBe('InvalidBucketName');
});

test('absolute form: its authority must be the Host', () => {
  expect(named('http://localhost:9000/bucket/key?x')).toEqual(['bucket', 'key']);
  expect(named('HTTP://LOCALHOST:9000')).toEqual([undefined, undefined]);
  expect(named('https://localhost:9000?x')).toEqual([undefined, undefined]);
  expect(codeOf(() => parse('http://elsewhere/bucket/key'))).toBe('InvalidURI');
  expect(codeOf(() => parse('http://user@localhost:9000/bucket'))).toBe('InvalidURI');
});

test('copy source', () => {
  expect(parseCopySource('bucket/key')).toEqual({ bucket: 'bucket', key: 'key' });
  expect(parseCopySource('/bucket/a/b')).toEqual({ bucket: 'bucket', key: 'a/b' });
  expect(parseCopySource('bucket%2Fkey')).toEqual({ bucket: 'bucket', key: 'key' });
  expect(parseCopySource('bucket//')).toEqual({ bucket: 'bucket', key: '/' });
  expect(parseCopySource('bucket/a%25.txt')).toEqual({ bucket: 'bucket', key: 'a%.txt' });
  expect(parseCopySource('bucket/foo%3Fbar?versionId=v')).toEqual({ bucket: 'bucket', key: 'foo?bar', versionId: 'v' });
  expect(parseCopySource('bucket/foo?bar')).toEqual({ bucket: 'bucket', key: 'foo?bar' });
  expect(parseCopySource('bucket/foo?bar?versionId=v')).toEqual({ bucket: 'bucket', key: 'foo?bar', versionId: 'v' });
  // SeaweedFS and versitygw were fooled by a source that validator and store read differently.
  expect(parseCopySource('bucket/a/../../other/b')).toEqual({ bucket: 'bucket', key: 'a/../../other/b' });
  expect(parseCopySource('bucket/%3FversionId=v')).toEqual({ bucket: 'bucket', key: '?versionId=v' });
  expect(parseCopySource('bucket/a+b')).toEqual({ bucket: 'bucket', key: 'a+b' });
  // RGW and versitygw crashed on some of these.
  for (const bad of [
    '',
    '/',
    '//',
    'bucket',
    'bucket/',
    '/bucket/',
    '//key',
    'bucket/key?versionId=',
    '?versionId=v',
    'bucket?versionId=v',
  ]) {
    expect(
      codeOf(() => parseCopySource(bad)),
      bad,
    ).toBe('InvalidArgument');
  }
  expect(codeOf(() => parseCopySource('bucket/%zz'))).toBe('InvalidArgument');
  expect(codeOf(() => parseCopySource('bucket/%00'))).toBe('InvalidArgument');
  expect(codeOf(() => parseCopySource('b_/key'))).toBe('InvalidArgument');
  expect(codeOf(() => parseCopySource('arn:aws:s3:us-east-1:1:accesspoint/x/object/y'))).toBe('InvalidArgument');
  expect(codeOf(() => parseCopySource(`bucket/${'a'.repeat(1025)}`))).toBe('KeyTooLongError');
});

test('names under which a bucket may be created', () => {
  for (const good of ['abc', '123', 'a-b', 'a.b.c', 'a'.repeat(63), '1.2.3', '1.2.3.4.5', 'a1-2.b3'])
    expect(isValidBucketName(good), good).toBe(true);
  for (const bad of [
    '',
    'ab',
    'a'.repeat(64),
    'Abc',
    'a_b',
    '-ab',
    'ab-',
    '.ab',
    'ab.',
    'a..b',
    'a.-b',
    'a-.b',
    '1.2.3.4',
    'xn--a',
    'sthree-a',
    'a-s3alias',
    'a--ol-s3',
    'a.mrap',
    'a--x-s3',
    'a b',
    'a/b',
    'ab\n',
    'é12',
    'amzn-s3-demo-x',
  ]) {
    expect(isValidBucketName(bad), bad).toBe(false);
  }
});
