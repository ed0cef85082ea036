import { describe, expect, it } from 'vitest';
import { S3Error } from '../../../../src/gateway/errors.ts';
import { compileHeadBinder } from '../../../../src/gateway/protocol/bind.ts';
import { readModel } from '../../../../src/gateway/protocol/model.ts';
import { compileSupport } from '../../../../src/gateway/protocol/support.ts';

const models = readModel();
type Pairs = readonly (readonly [string, string])[];
const bind = (name: string, query: Pairs, headers: Record<string, string> = {}) =>
  compileHeadBinder(models.get(name)!)({
    method: 'GET',
    host: 'h',
    rawPath: '/',
    bucket: 'bkt',
    key: 'k',
    query,
    headers,
  });
const refusal = (run: () => unknown): S3Error => {
  try {
    run();
  } catch (error) {
    if (error instanceof S3Error) return error;
    throw error;
  }
  throw new Error('not refused');
};

describe('the head of a request', () => {
  it('is bound by label, query, header and prefix', () => {
    const input = bind('PutObject', [['x-id', 'PutObject']], {
      'content-length': '5',
      'x-amz-meta-a': '1',
      'x-amz-meta-__proto__': '2',
      'x-amz-acl': 'private',
      'x-amz-tagging': 'a=b',
      host: 'h',
      authorization: 'AWS4…',
      'x-amz-date': 'd',
      'x-amz-checksum-crc32': 'AAAAAA==',
    });
    expect(input).toMatchObject({ Bucket: 'bkt', Key: 'k', ContentLength: 5, ACL: 'private', Tagging: 'a=b' });
    expect(Object.entries(input.Metadata as object)).toEqual([
      ['a', '1'],
      ['__proto__', '2'],
    ]);
    expect(input.ChecksumCRC32).toBe('AAAAAA==');
  });

  it('reads times in every format and passes over those that RFC 9110 wants ignored', () => {
    const at = new Date(784_111_777_000);
    for (const text of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
      '1994-11-06T08:49:37Z',
      '784111777',
    ]) {
      expect(bind('GetObject', [], { 'if-modified-since': text }).IfModifiedSince).toEqual(at);
    }
    expect(bind('GetObject', [], { 'if-modified-since': 'yesterday' })).not.toHaveProperty('IfModifiedSince');
    expect(bind('PutObject', [], { expires: '0' })).not.toHaveProperty('Expires');
    expect(refusal(() => bind('CopyObject', [], { 'x-amz-copy-source-if-modified-since': 'yesterday' })).code).toBe(
      'InvalidArgument',
    );
  });

  it.each([
    ['max-keys', 'x'],
    ['max-keys', ''],
    ['max-keys', '-1'],
    ['max-keys', '1.5'],
    ['max-keys', '0x10'],
    ['max-keys', '2147483648'],
    ['fetch-owner', 'maybe'],
  ])('refuses %s=%s', (name, value) => {
    const error = refusal(() => bind('ListObjectsV2', [[name, value]]));
    expect(error.code).toBe('InvalidArgument');
    expect(error.extra).toEqual({ ArgumentName: name, ArgumentValue: value });
  });

  it('refuses a parameter twice, and line ends wherever a header may come of them', () => {
    expect(refusal(() => bind('GetObject', [['versionId', 'a'], ['versionId', 'b']])).code).toBe('InvalidArgument'); // biome-ignore format: one line
    expect(refusal(() => bind('GetObject', [['response-content-type', 'a\r\nb']])).code).toBe('InvalidArgument');
    expect(refusal(() => bind('PutObject', [], { 'x-amz-meta-a': 'a\nb' })).code).toBe('InvalidArgument');
    expect(refusal(() => bind('PutObject', [], { 'cache-control': 'a\0b' })).code).toBe('InvalidArgument');
    expect(bind('ListObjectsV2', [['prefix', 'a\r\nb']]).Prefix).toBe('a\r\nb');
  });

  it('names an x-amz- header that nobody understands', () => {
    for (const [operation, header] of [
      ['GetObject', 'x-amz-acl'],
      ['GetObject', 'x-amz-meta-a'],
      ['GetObject', 'x-amz-checksum-crc32'],
      ['DeleteObjects', 'x-amz-checksum-md5'],
      ['PutObject', 'x-amz-new-feature'],
    ] as const) {
      const error = refusal(() => bind(operation, [], { [header]: '1' }));
      expect([error.code, error.extra.Header]).toEqual(['NotImplemented', header]);
    }
    expect(bind('DeleteObjects', [], { 'x-amz-checksum-crc32': '1', 'x-amz-mfa': '1' })).toEqual({
      Bucket: 'bkt',
      MFA: '1',
    });
  });
});

describe('support', () => {
  const check = compileSupport(models.get('PutObject')!, {
    accepts: { StorageClass: ['STANDARD'], RequestPayer: ['requester'] },
    refused: ['ServerSideEncryption', 'BucketKeyEnabled'],
  });

  it('passes what is honoured', () => {
    expect(() => check({ StorageClass: 'STANDARD', RequestPayer: 'requester', ACL: 'private' })).not.toThrow();
  });

  it('refuses the rest by the name on the wire', () => {
    for (const [input, header] of [
      [{ StorageClass: 'GLACIER' }, 'x-amz-storage-class'],
      [{ ServerSideEncryption: 'AES256' }, 'x-amz-server-side-encryption'],
      [{ BucketKeyEnabled: false }, 'x-amz-server-side-encryption-bucket-key-enabled'],
    ] as const) {
      const error = refusal(() => check(input));
      expect([error.code, error.status, error.extra.Header]).toEqual(['NotImplemented', 501, header]);
    }
  });

  it('judges each item of a list', () => {
    const list = compileSupport(models.get('ListObjectsV2')!, {
      accepts: { OptionalObjectAttributes: ['RestoreStatus'] },
    });
    expect(() => list({ OptionalObjectAttributes: ['RestoreStatus'] })).not.toThrow();
    expect(refusal(() => list({ OptionalObjectAttributes: ['RestoreStatus', 'X'] })).code).toBe('NotImplemented');
  });

  it('fails at start for a name that the model does not have', () => {
    expect(() => compileSupport(models.get('PutObject')!, { refused: ['NoSuchMember'] })).toThrow(/NoSuchMember/);
  });
});
