// Row `bucket`: the bucket whole. Every PUT checks this row's version.
import type { Bucket, Versioning } from '../../model/bucket.ts';
import { readAcl, writeAcl } from './acl-fields.ts';
import { readTags, writeTags } from './object-fields.ts';
import { atPlace, decodeRecord, encodeRecord, placeOf } from './record.ts';

const format = 1;
const states: readonly Bucket['state'][] = ['active', 'deleting'];
const versionings: readonly Versioning[] = ['unversioned', 'enabled', 'suspended'];

export const encodeBucket = (bucket: Bucket): Buffer =>
  encodeRecord(format, (to) => {
    to.id(bucket.id);
    to.byte(placeOf(states, bucket.state));
    to.byte(placeOf(versionings, bucket.versioning));
    to.count(bucket.createdMs);
    to.text(bucket.name);
    to.text(bucket.region);
    writeAcl(to, bucket.acl);
    writeTags(to, bucket.tags);
  });

export const decodeBucket = (value: Buffer): Bucket =>
  decodeRecord('bucket', format, value, (from) => ({
    id: from.id(),
    state: atPlace(states, from.byte()),
    versioning: atPlace(versionings, from.byte()),
    createdMs: from.count(),
    name: from.text(),
    region: from.text(),
    acl: readAcl(from),
    tags: readTags(from),
  }));
