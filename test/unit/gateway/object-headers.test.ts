import { describe, expect, it } from 'vitest';
import { attributesOf, checkOverrides, foundReply } from '../../../src/gateway/object-headers.ts';
import type { RequestFacts } from '../../../src/gateway/operation.ts';
import type { Bucket } from '../../../src/model/bucket.ts';
import type { Version } from '../../../src/model/object.ts';

const request = { headers: {}, query: [], signed: true } as unknown as RequestFacts;
const bucket = { versioning: 'unversioned' } as Bucket;
const version: Version = {
  kind: 'object',
  sequence: 1,
  versionId: 'null',
  size: 10,
  modifiedSec: 1_000,
  etag: 'e',
  attributes: { metadata: [['m', 'v']] },
  tags: [],
  acl: { owner: 'o', grants: [] },
  checksums: [{ algorithm: 'CRC32', type: 'FULL_OBJECT', value: 'AAAAAA==' }],
};
const found = { version, range: { start: 0, end: 10 }, partial: false };

describe('attributes', () => {
  it.each([
    ['aws-chunked', undefined],
    ['AWS-Chunked , gzip', 'gzip'],
    ['gzip,aws-chunked,br', 'gzip, br'],
    ['gzip,br', 'gzip,br'],
    ['identity', 'identity'],
  ])('of Content-Encoding %j keep %j', (ContentEncoding, kept) => {
    expect(attributesOf({ ContentEncoding }, request).contentEncoding).toBe(kept);
  });

  it('measure metadata by names and values together', () => {
    const exact = { Metadata: { abcd: 'v'.repeat(2044) } };
    expect(attributesOf(exact, request).metadata).toHaveLength(1);
    expect(() => attributesOf({ Metadata: { ...exact.Metadata, x: '' } }, request)).toThrow('metadata');
  });

  it('take Expires as text', () => {
    expect(attributesOf({}, { headers: { expires: 'soon' } }).expires).toBe('soon');
  });
});

describe('answers', () => {
  const ask = { ChecksumMode: 'ENABLED' };

  it('show a checksum of the whole or of a part, never of a range', () => {
    expect(foundReply(found, bucket, ask, request).output.ChecksumCRC32).toBe('AAAAAA==');
    expect(foundReply(found, bucket, {}, request).output.ChecksumCRC32).toBeUndefined();
    const range = { ...found, range: { start: 0, end: 5 }, partial: true };
    expect(foundReply(range, bucket, ask, request)).toMatchObject({
      status: 206,
      output: { ContentRange: 'bytes 0-4/10' },
    });
    expect(foundReply(range, bucket, ask, request).output.ChecksumCRC32).toBeUndefined();
  });

  it('name the version only where there are versions', () => {
    expect(foundReply(found, bucket, {}, request).output.VersionId).toBeUndefined();
    expect(foundReply(found, { versioning: 'suspended' } as Bucket, {}, request).output.VersionId).toBe('null');
  });

  it('may be overridden by those who signed', () => {
    const override = { ResponseContentType: 'text/html' };
    expect(() => checkOverrides(override, { signed: false, query: [] })).toThrow('anonymous');
    expect(() => checkOverrides(override, { signed: true, query: [] })).not.toThrow();
    expect(() => checkOverrides({}, { signed: false, query: [['a', 'response-expires']] })).not.toThrow();
    // Not a date, so it was not bound; it would become a header all the same.
    expect(() =>
      checkOverrides(
        {},
        {
          signed: false,
          query: [
            ['a', '1'],
            ['response-expires', 'x'],
          ],
        },
      ),
    ).toThrow('anonymous');
    const query = [
      ['x', '1'],
      ['response-expires', 'in a while'],
    ] as const;
    const asked: RequestFacts = { ...request, query };
    expect(foundReply(found, bucket, override, asked).output).toMatchObject({
      ContentType: 'text/html',
      ExpiresString: 'in a while',
    });
  });
});
