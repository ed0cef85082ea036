// Preconditions of a request, from bound members to what the stories judge.
import type { DeleteConditions, ReadConditions, WriteConditions } from '../objects/objects.ts';
import { s3Error } from './errors.ts';
import type { Context } from './operation.ts';

const seconds = (date: Date | undefined): number | undefined => date && Math.floor(date.getTime() / 1000);

export const readConditions = (input: {
  IfMatch?: string;
  IfNoneMatch?: string;
  IfModifiedSince?: Date;
  IfUnmodifiedSince?: Date;
}): ReadConditions => ({
  ifMatch: input.IfMatch,
  ifNoneMatch: input.IfNoneMatch,
  ifModifiedSinceSec: seconds(input.IfModifiedSince),
  ifUnmodifiedSinceSec: seconds(input.IfUnmodifiedSince),
});

export const sourceConditions = (input: {
  CopySourceIfMatch?: string;
  CopySourceIfNoneMatch?: string;
  CopySourceIfModifiedSince?: Date;
  CopySourceIfUnmodifiedSince?: Date;
}): ReadConditions =>
  readConditions({
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  });

const notImplemented = (header: string, message: string) =>
  s3Error('NotImplemented', { message, extra: { Header: header } });

/** AWS takes If-None-Match only as `*`, and never both; RGW takes any ETag. */
export function writeConditions(
  input: { IfMatch?: string; IfNoneMatch?: string },
  { profile }: Pick<Context, 'profile'>,
): WriteConditions {
  const { IfMatch: ifMatch, IfNoneMatch: ifNoneMatch } = input;
  if (profile === 'aws') {
    if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*') {
      throw notImplemented(
        'If-None-Match',
        'A header you provided implies functionality that is not implemented: a write takes only * in If-None-Match',
      );
    }
    if (ifMatch !== undefined && ifNoneMatch !== undefined) {
      throw notImplemented('If-Match', 'If-Match and If-None-Match cannot be used together on a write');
    }
  }
  return { ifMatch, ifNoneMatch };
}

export const deleteConditions = (input: {
  IfMatch?: string;
  IfMatchSize?: number;
  IfMatchLastModifiedTime?: Date;
}): DeleteConditions => ({
  ifMatch: input.IfMatch,
  ifMatchSize: input.IfMatchSize,
  ifMatchModifiedSec: seconds(input.IfMatchLastModifiedTime),
});
