import { describe, expect, it } from 'vitest';
import { Fault, type HouseFault } from '../../../src/base/fault.ts';
import { errorXml } from '../../../src/gateway/error-answer.ts';
import { s3Error, s3ErrorCodes, statusOf } from '../../../src/gateway/errors.ts';
import { asS3Error, fromFault } from '../../../src/gateway/from-fault.ts';

const aws = { profile: 'aws' } as const;
const rgw = { profile: 'rgw' } as const;

/** One of each kind: a kind that is missing here does not compile. */
const faults: { [K in HouseFault['kind']]: [fault: Omit<Extract<HouseFault, { kind: K }>, 'kind'>, code: string] } = {
  'bucket-missing': [{ bucket: 'b' }, 'NoSuchBucket'],
  'bucket-exists': [{ bucket: 'b' }, 'BucketAlreadyExists'],
  'bucket-owned': [{ bucket: 'b' }, 'BucketAlreadyOwnedByYou'],
  'bucket-not-empty': [{ bucket: 'b' }, 'BucketNotEmpty'],
  'bucket-limit': [{ limit: 1 }, 'TooManyBuckets'],
  'key-missing': [{ key: 'k' }, 'NoSuchKey'],
  'version-missing': [{ key: 'k', versionId: 'v' }, 'NoSuchVersion'],
  'marker-addressed': [{ key: 'k', versionId: 'v', modifiedSec: 0 }, 'MethodNotAllowed'],
  'precondition-failed': [{ condition: 'If-Match' }, 'PreconditionFailed'],
  'not-modified': [{ etag: 'e', modifiedSec: 0 }, 'NotModified'],
  'conditional-conflict': [{ key: 'k' }, 'ConditionalRequestConflict'],
  'range-unsatisfiable': [{ rangeText: 'bytes=9-', size: 3 }, 'InvalidRange'],
  'part-number-unsatisfiable': [{ partNumber: 3, partCount: 2 }, 'InvalidPartNumber'],
  'copy-onto-itself': [{}, 'InvalidRequest'],
  'copy-source-too-large': [{ sizeMax: 5 }, 'InvalidRequest'],
  'copy-range-invalid': [{ rangeText: 'bytes=0-9', size: 5 }, 'InvalidArgument'],
  'upload-missing': [{ uploadId: 'u' }, 'NoSuchUpload'],
  'part-invalid': [{ partNumber: 1, uploadId: 'u' }, 'InvalidPart'],
  'part-order': [{}, 'InvalidPartOrder'],
  'part-too-small': [{ partNumber: 1, size: 1, sizeMin: 5 }, 'EntityTooSmall'],
  'upload-size-mismatch': [{}, 'InvalidRequest'],
  'upload-checksum-mismatch': [{ message: 'm' }, 'InvalidRequest'],
  'digest-mismatch': [{ digest: 'CRC32' }, 'BadDigest'],
  'body-incomplete': [{ expected: 2, received: 1 }, 'IncompleteBody'],
  'body-too-large': [{ sizeMax: 1 }, 'EntityTooLarge'],
  'body-too-slow': [{}, 'RequestTimeout'],
  'chunk-invalid': [{ message: 'm' }, 'IncompleteBody'],
  'chunk-signature-mismatch': [{}, 'SignatureDoesNotMatch'],
  'argument-invalid': [{ name: 'n', value: 'v', message: 'm' }, 'InvalidArgument'],
  'request-invalid': [{ message: 'm' }, 'InvalidRequest'],
  'pack-missing': [{ partition: 'p', pack: 'x' }, 'InternalError'],
  'pack-exists': [{ partition: 'p', pack: 'x' }, 'InternalError'],
  'pack-short': [{ partition: 'p', pack: 'x', wanted: 2, size: 1 }, 'InternalError'],
  'block-corrupt': [{ partition: 'p', pack: 'x', block: 'b' }, 'InternalError'],
  'partition-busy': [{ partition: 'p' }, 'SlowDown'],
  'partition-down': [{ partition: 'p', message: 'm' }, 'ServiceUnavailable'],
  'partition-full': [{ partition: 'p' }, 'ServiceUnavailable'],
  'space-reserve-reached': [{}, 'ServiceUnavailable'],
  overloaded: [{ retryAfterMs: 1500, message: 'm' }, 'SlowDown'],
  'session-fenced': [{}, 'ServiceUnavailable'],
  'catalog-failed': [{ message: 'm' }, 'InternalError'],
};
const faultOf = (kind: string): HouseFault =>
  ({ kind, ...faults[kind as keyof typeof faults][0] }) as unknown as HouseFault;

describe('every house fault', () => {
  it.each(Object.entries(faults).map(([kind, [, code]]) => [kind, code]))('%s is answered %s', (kind, code) => {
    const thrown = new Fault(faultOf(kind));
    const error = asS3Error(thrown, aws);
    expect(error.code).toBe(code);
    expect(error.cause).toBe(thrown);
  });

  it('says to clients what AWS says', () => {
    expect(fromFault(faultOf('range-unsatisfiable'), aws)).toMatchObject({
      status: 416,
      extra: { RangeRequested: 'bytes=9-', ActualObjectSize: '3' },
      headers: { 'content-range': 'bytes */3' },
    });
    expect(fromFault(faultOf('overloaded'), aws)).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    expect(fromFault(faultOf('not-modified'), aws)).toMatchObject({ status: 304, headers: { etag: '"e"' } });
    const marker = { versionId: 'm' };
    expect(fromFault({ kind: 'key-missing', key: 'k', deleteMarker: marker }, aws).headers).toEqual({
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': 'm',
    });
  });

  it('follows the profile where s3-tests and AWS disagree', () => {
    expect(fromFault(faultOf('part-number-unsatisfiable'), aws).status).toBe(416);
    expect(fromFault(faultOf('part-number-unsatisfiable'), rgw)).toMatchObject({ code: 'InvalidPart', status: 400 });
    expect(fromFault(faultOf('key-missing'), aws).headers).toEqual({});
    expect(fromFault(faultOf('key-missing'), rgw).headers).toEqual({ 'x-amz-delete-marker': 'false' });
  });
});

it('what nobody foresaw is InternalError and tells nothing', () => {
  const error = asS3Error(new Error('/secret/path'), aws);
  expect([error.code, error.status]).toEqual(['InternalError', 500]);
  expect(errorXml(error, { requestId: 'R', hostId: 'H' })).not.toContain('secret');
  expect(asS3Error(undefined, aws).code).toBe('InternalError');
});

it('every code has a status of HTTP and a message', () => {
  for (const code of s3ErrorCodes) {
    expect(statusOf(code)).toBeGreaterThanOrEqual(304);
    expect(s3Error(code).message.length).toBeGreaterThan(5);
  }
});

it('an error is XML whatever it quotes', () => {
  const error = s3Error('InvalidArgument', { extra: { ArgumentName: '<&>', ArgumentValue: 'a\u0000\u0001\nb' } });
  expect(errorXml(error, { requestId: 'R', hostId: 'H', resource: '/b/"k"' })).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidArgument</Code><Message>Invalid Argument</Message><ArgumentName>&lt;&amp;&gt;</ArgumentName><ArgumentValue>a\ufffd\ufffd&#xA;b</ArgumentValue><Resource>/b/&quot;k&quot;</Resource><RequestId>R</RequestId><HostId>H</HostId></Error>',
  );
});
