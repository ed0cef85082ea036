// Row `finishedUpload`: lets an identical repeated Complete be answered as the first one was, for seven days.
import type { BucketId } from '../../model/ids.ts';
import type { Version } from '../../model/object.ts';
import { decodeRecord, encodeRecord, readOptional, writeOptional } from './record.ts';
import { decodeVersion, encodeVersion } from './version.ts';

const format = 1;

export interface FinishedUpload {
  readonly bucketId: BucketId;
  readonly key: string;
  /** Digest (hex) of what the Complete asked for: parts, conditions, checksums. */
  readonly requestDigest: string;
  readonly finishedMs: number;
  /** As the answer showed it: absent in unversioned and suspended buckets. */
  readonly versionId?: string;
  readonly version: Version;
}

export const encodeFinishedUpload = (finished: FinishedUpload): Buffer =>
  encodeRecord(format, (to) => {
    to.id(finished.bucketId);
    to.text(finished.key);
    to.text(finished.requestDigest);
    to.count(finished.finishedMs);
    writeOptional(to, finished.versionId, (versionId) => to.text(versionId));
    to.blob(encodeVersion(finished.version));
  });

export const decodeFinishedUpload = (value: Buffer): FinishedUpload =>
  decodeRecord('finished upload', format, value, (from) => {
    const bucketId = from.id();
    const key = from.text();
    const requestDigest = from.text();
    const finishedMs = from.count();
    const versionId = readOptional(from, () => from.text());
    const version = decodeVersion(from.blob());
    return {
      bucketId,
      key,
      requestDigest,
      finishedMs,
      version,
      ...(versionId === undefined ? undefined : { versionId }),
    };
  });
