// Tag sets: from XML or the x-amz-tagging header, checked against AWS's limits, kept sorted by key.
import { caps } from '../base/caps.ts';
import type { Tag } from '../model/bucket.ts';
import { s3Error } from './errors.ts';
import type { Context } from './operation.ts';

type Profile = Pick<Context, 'profile'>;

const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export interface TagElement {
  Key?: string | undefined;
  Value?: string | undefined;
}

export const tagSet = (tags: readonly Tag[]): { Key: string; Value: string }[] =>
  tags.map(([Key, Value]) => ({ Key, Value }));

export const objectTags = (set: readonly TagElement[], { profile }: Profile): Tag[] =>
  checked(pairs(set), caps.objectTagsMax, profile, 'Object tags');

export const bucketTags = (set: readonly TagElement[], { profile }: Profile): Tag[] =>
  checked(pairs(set), caps.bucketTagsMax, profile, 'Bucket tags');

const pairs = (set: readonly TagElement[]): Tag[] => set.map(({ Key = '', Value = '' }) => [Key, Value]);

/** `a=1&b=2`, URL-encoded; a name without `=` has an empty value. */
export function headerTags(header: string | undefined, { profile }: Profile): Tag[] {
  if (header === undefined || header === '') return [];
  const tags = header
    .split('&')
    .filter(Boolean)
    .map((pair): Tag => {
      const at = pair.indexOf('=');
      return at < 0
        ? [decoded(pair, header), '']
        : [decoded(pair.slice(0, at), header), decoded(pair.slice(at + 1), header)];
    });
  if (tags.some(([key]) => key === '')) throw malformedHeader(header);
  if (new Set(tags.map(([key]) => key)).size < tags.length) throw malformedHeader(header);
  return checked(tags, caps.objectTagsMax, profile, 'Object tags');
}

function decoded(text: string, header: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformedHeader(header);
  }
}

const malformedHeader = (header: string) =>
  s3Error('InvalidArgument', {
    message:
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    extra: { ArgumentName: 'x-amz-tagging', ArgumentValue: header },
  });

function checked(tags: readonly Tag[], countMax: number, profile: Context['profile'], what: string): Tag[] {
  if (tags.length > countMax) {
    throw s3Error(profile === 'rgw' ? 'InvalidTag' : 'BadRequest', {
      message: `${what} cannot be greater than ${countMax}`,
    });
  }
  const seen = new Set<string>();
  for (const [key, value] of tags) {
    const refuse = (message: string) => s3Error('InvalidTag', { message, extra: { TagKey: key, TagValue: value } });
    if (key === '' || length(key) > caps.tagKeyCharsMax || !allowed.test(key)) {
      throw refuse('The TagKey you have provided is invalid');
    }
    if (length(value) > caps.tagValueCharsMax || !allowed.test(value)) {
      throw refuse('The TagValue you have provided is invalid');
    }
    if (key.toLowerCase().startsWith('aws:')) throw refuse('System tags cannot be added/updated by requester');
    if (seen.has(key)) throw refuse('Cannot provide multiple Tags with the same key');
    seen.add(key);
  }
  return [...tags].sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

const length = (text: string): number => [...text].length;
