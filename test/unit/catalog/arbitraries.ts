// Every value that a record may hold, biased towards the forms that the codecs store differently.
import fc from 'fast-check';
import type { ChecksumName } from '../../../src/base/fault.ts';
import type { DeclaredRow } from '../../../src/catalog/records/declared.ts';
import { internedTexts } from '../../../src/catalog/records/interned.ts';
import type { ManifestEntry } from '../../../src/catalog/records/manifest.ts';
import { type Acl, type Grant, groups, privateAcl } from '../../../src/model/acl.ts';
import type { BlockRef, BlockRow } from '../../../src/model/block.ts';
import type { Bucket, Tag } from '../../../src/model/bucket.ts';
import { type Calendar, type DeclaredJob, type HotSpotHint, weekdays } from '../../../src/model/metadata.ts';
import type { Checksum, ChecksumType, ObjectAttributes, PartRow, Upload, Version } from '../../../src/model/object.ts';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'));

export const id = hex(16);
export const whole = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.constantFrom(0, 127, 128, 2 ** 32, 2 ** 53 - 1));
export const signed = fc.oneof(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), fc.integer({ min: -300, max: 300 }));

export const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('\x7f', '\x80', 'ÿ', 'Ā', 'ǿ', 'Ȁ'), maxLength: 4 }),
  fc.constantFrom(...internedTexts, '', '-', '0', '0'.repeat(15), '0'.repeat(16), '0'.repeat(17), 'A'.repeat(32)),
  hex(32),
  hex(8),
);

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Drops the fields that are undefined: a decoder leaves absent fields out. */
function shape<T>(fields: { [Name in keyof T]-?: fc.Arbitrary<T[Name]> }): fc.Arbitrary<T> {
  return fc
    .record(fields)
    .map((value) => Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T);
}

const permission = fc.constantFrom('FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP');

export const acl: fc.Arbitrary<Acl> = fc.oneof(hex(32), text).chain((owner) =>
  fc.oneof(
    fc.constant(privateAcl(owner)),
    fc.record({
      owner: fc.constant(owner),
      grants: fc.array(
        fc.record({
          grantee: fc.oneof(
            fc.record({ kind: fc.constant('user' as const), id: fc.oneof(fc.constant(owner), text) }),
            fc.record({
              kind: fc.constant('group' as const),
              uri: fc.oneof(fc.constantFrom(...Object.values(groups)), text),
            }),
          ),
          permission,
        }) as fc.Arbitrary<Grant>,
        { maxLength: 5 },
      ),
    }),
  ),
);

export const blocks: fc.Arbitrary<BlockRef[]> = fc.array(fc.record({ id, length: whole }), { maxLength: 16 });
export const tags: fc.Arbitrary<Tag[]> = fc.array(fc.tuple(text, text), { maxLength: 4 });

const algorithm = fc.constantFrom<ChecksumName>('CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256');
const checksumType = fc.constantFrom<ChecksumType>('FULL_OBJECT', 'COMPOSITE');
const base64 = fc.uint8Array({ maxLength: 32 }).map((value) => Buffer.from(value).toString('base64'));

export const checksums: fc.Arbitrary<Checksum[]> = fc.array(
  fc.record({
    algorithm,
    type: checksumType,
    value: fc.oneof(
      base64,
      fc.tuple(base64, whole).map(([value, parts]) => `${value}-${parts}`),
      fc.constantFrom('AA', 'AA==-', 'AA==-01', 'AA==-1-1', 'AA==--1', 'AA==-1e3', '-', '-5', 'AA==-0x1'),
      text,
    ),
  }),
  { maxLength: 3 },
);

export const attributes: fc.Arbitrary<ObjectAttributes> = shape<ObjectAttributes>({
  contentType: optional(text),
  cacheControl: optional(text),
  contentDisposition: optional(text),
  contentEncoding: optional(text),
  contentLanguage: optional(text),
  expires: optional(text),
  websiteRedirectLocation: optional(text),
  metadata: fc.array(fc.tuple(text, text), { maxLength: 4 }),
});

export const etag = fc.oneof(
  hex(16),
  fc.tuple(hex(16), whole).map(([md5, parts]) => `${md5}-${parts}`),
  fc.constantFrom('', 'x', `${'0'.repeat(32)}-`, `${'0'.repeat(32)}-01`, `${'a'.repeat(32)}-1x`, 'A'.repeat(32)),
  fc.constant(`${'f'.repeat(32)}-9999999999999999`),
  text,
);

export const version: fc.Arbitrary<Version> = shape<Version>({
  kind: fc.constantFrom('object', 'marker', 'gone'),
  sequence: whole,
  versionId: fc.oneof(fc.constant('null'), text),
  size: whole,
  modifiedSec: whole,
  etag,
  attributes,
  tags,
  acl,
  checksums,
  manifest: optional(id),
  blocks: optional(blocks),
  partCount: optional(whole),
});

export const part: fc.Arbitrary<PartRow> = shape<PartRow>({
  partNumber: whole,
  size: whole,
  etag,
  modifiedMs: whole,
  checksums,
  manifest: optional(id),
  blocks: optional(blocks),
});

export const upload: fc.Arbitrary<Upload> = shape<Upload>({
  id,
  key: text,
  initiatedMs: whole,
  owner: text,
  initiator: text,
  attributes,
  tags,
  acl,
  checksumAlgorithm: optional(algorithm),
  checksumType: optional(checksumType),
  state: fc.constantFrom('open', 'completing'),
  closedBy: optional(id),
});

export const bucket: fc.Arbitrary<Bucket> = fc.record({
  id,
  name: text,
  createdMs: whole,
  state: fc.constantFrom('active', 'deleting'),
  acl,
  versioning: fc.constantFrom('unversioned', 'enabled', 'suspended'),
  tags,
  region: text,
});

export const block: fc.Arbitrary<BlockRow> = fc.record({
  partition: text,
  pack: id,
  offset: whole,
  length: whole,
  sliceCrcs: fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 200 }),
  area: fc.oneof(id, text),
  generation: whole,
});

export const manifestEntry: fc.Arbitrary<ManifestEntry> = fc.oneof(
  fc.record({ kind: fc.constant('block' as const), block: fc.record({ id, length: whole }) }),
  fc.record({ kind: fc.constant('manifest' as const), manifest: id, length: whole }),
  fc.record({ kind: fc.constant('inline' as const), blocks }),
  fc.record({ kind: fc.constant('inline' as const), manifest: id, blocks }),
);

export { optional, shape };

const amount = fc.double({ min: 0, max: 1000, noNaN: true }).map((value) => value + 0);

export const declared: fc.Arbitrary<DeclaredRow> = fc.oneof(
  fc.record({
    kind: fc.constant('jobs' as const),
    value: shape<DeclaredJob>({
      name: text,
      cron: text,
      timeZone: text,
      bucket: optional(text),
      prefix: optional(text),
      requests: whole,
      readBytes: optional(whole),
      writeBytes: optional(whole),
      reads: optional(amount),
      durationSec: whole,
    }),
  }),
  fc.record({
    kind: fc.constant('hints' as const),
    value: shape<HotSpotHint>({
      name: text,
      bucket: text,
      prefix: optional(text),
      fromSec: whole,
      toSec: whole,
      factor: amount,
    }),
  }),
  fc.record({
    kind: fc.constant('calendars' as const),
    value: shape<Calendar>({
      name: text,
      timeZone: text,
      bucket: optional(text),
      days: fc.array(text, { maxLength: 4 }),
      like: optional(fc.constantFrom(...weekdays)),
      factor: optional(amount),
    }),
  }),
);
