// Preconditions of reads (RFC 9110), writes and deletes. ETag lists come as header texts; clients also send single ETags
// without quotes, and those count.
import { Fault } from '../base/fault.ts';
import { parseHttpDate } from '../base/http-date.ts';
import type { Version } from '../model/object.ts';
import type { DeleteConditions, ReadConditions, WriteConditions } from './objects.ts';

/** Does a header's ETag list name this ETag? Weak ones only match where `weak` is allowed. */
export function etagListNames(list: string, etag: string, weak: boolean): boolean {
  const text = list.trim();
  if (text === '*') return true;
  return text.split(',').some((item) => {
    const one = item.trim();
    const isWeak = one.startsWith('W/');
    return (weak || !isWeak) && etag !== '' && unquoted(isWeak ? one.slice(2) : one) === etag;
  });
}

/** ETags as the house keeps them: without quotes. */
export const unquoted = (etag: string): string => /^"(.*)"$/s.exec(etag)?.[1] ?? etag;

/** If-Range: who resumes a download must not be given the rest of another version. Weak ETags never match. */
export const isStillIn = (ifRange: string, { etag, modifiedSec }: Version): boolean => {
  const date = parseHttpDate(ifRange);
  return date === undefined ? unquoted(ifRange.trim()) === etag : date === modifiedSec * 1000;
};

/** `shownVersionId`: what a 304 says of the version; absent in unversioned buckets. */
export function checkReadConditions(conditions: ReadConditions, version: Version, shownVersionId?: string): void {
  const { ifMatch, ifNoneMatch, ifModifiedSinceSec, ifUnmodifiedSinceSec } = conditions;
  if (ifMatch !== undefined) {
    if (!etagListNames(ifMatch, version.etag, false)) throw failed('If-Match');
  } else if (ifUnmodifiedSinceSec !== undefined && version.modifiedSec > ifUnmodifiedSinceSec) {
    throw failed('If-Unmodified-Since');
  }
  const unmodified =
    ifNoneMatch !== undefined
      ? etagListNames(ifNoneMatch, version.etag, true)
      : ifModifiedSinceSec !== undefined && version.modifiedSec <= ifModifiedSinceSec;
  if (unmodified) {
    throw new Fault({
      kind: 'not-modified',
      etag: version.etag,
      modifiedSec: version.modifiedSec,
      ...(shownVersionId === undefined ? undefined : { versionId: shownVersionId }),
    });
  }
}

/** The same of a copy's source, where every failure is one kind of answer. */
export function checkSourceConditions(conditions: ReadConditions, version: Version): void {
  try {
    checkReadConditions(conditions, version);
  } catch (error) {
    if (error instanceof Fault && error.fault.kind === 'not-modified') {
      throw failed(
        conditions.ifNoneMatch !== undefined
          ? 'x-amz-copy-source-If-None-Match'
          : 'x-amz-copy-source-If-Modified-Since',
      );
    }
    if (error instanceof Fault && error.fault.kind === 'precondition-failed') {
      throw failed(`x-amz-copy-source-${error.fault.condition}`);
    }
    throw error;
  }
}

/** `head` is the current version; a delete marker counts as no object. */
export function checkWriteConditions(conditions: WriteConditions, key: string, head: Version | undefined): void {
  const current = head?.kind === 'object' ? head : undefined;
  if (conditions.ifMatch !== undefined) {
    if (current === undefined) throw new Fault({ kind: 'key-missing', key });
    if (!etagListNames(conditions.ifMatch, current.etag, false)) throw failed('If-Match');
  }
  if (conditions.ifNoneMatch !== undefined && current !== undefined) {
    if (etagListNames(conditions.ifNoneMatch, current.etag, true)) throw failed('If-None-Match');
  }
}

/** `version` is what the delete would act on, possibly a marker: that has no ETag, but it exists. */
export function checkDeleteConditions(conditions: DeleteConditions, version: Version): void {
  const { ifMatch, ifMatchSize, ifMatchModifiedSec } = conditions;
  if (ifMatch !== undefined && !etagListNames(ifMatch, version.etag, false)) throw failed('If-Match');
  if (ifMatchSize !== undefined && version.size !== ifMatchSize) throw failed('x-amz-if-match-size');
  if (ifMatchModifiedSec !== undefined && version.modifiedSec !== ifMatchModifiedSec) {
    throw failed('x-amz-if-match-last-modified-time');
  }
}

export const hasConditions = (conditions: WriteConditions | DeleteConditions | undefined): boolean =>
  conditions !== undefined && Object.values(conditions).some((value) => value !== undefined);

const failed = (condition: string): Fault => new Fault({ kind: 'precondition-failed', condition });
