// What a request signed with Signature Version 2 carries, taken apart but not yet believed. V2 joins its fields by line feeds, colons
// and `&` without any quoting, so whatever could be read as another field is refused here, before a signature is computed.
import { s3Error } from './errors.ts';

type Query = readonly (readonly [name: string, value: string])[];

export interface MaterialV2 {
  readonly accessKey: string;
  readonly signature: string;
}

export interface QueryMaterialV2 extends MaterialV2 {
  /** Seconds since 1970, digits. */
  readonly expires: string;
  /** Headers that travel in the query, lower-case names: `x-amz-*`, content-type, content-md5. */
  readonly hoisted: ReadonlyMap<string, string>;
}

const authNames: ReadonlySet<string> = new Set(['AWSAccessKeyId', 'Signature', 'Expires']);

/** A presigned URL of version 2, well-formed or not. `Expires` alone says nothing. */
export const isQueryV2 = (query: Query): boolean =>
  query.some(([name]) => name === 'AWSAccessKeyId' || name === 'Signature');

/** Query keys of a V2 URL that stand for headers, as boto writes them. */
export const isHeaderInQueryV2 = (lowerName: string): boolean =>
  lowerName.startsWith('x-amz-') || lowerName === 'content-type' || lowerName === 'content-md5';

export const isHeaderV2 = (authorization: string): boolean => /^\s*AWS( |$)/.test(authorization);

/** `AWS key:signature`; Base64 has no colon, so the last one parts the two. */
export function parseHeaderV2(header: string): MaterialV2 {
  const found = /^AWS +(\S+):([^\s:]+)$/.exec(header.trim());
  if (!found) {
    throw s3Error('InvalidArgument', {
      message: 'AWS authorization header is invalid.  Expected AwsAccessKeyId:signature',
      extra: { ArgumentName: 'Authorization', ArgumentValue: header },
    });
  }
  return { accessKey: found[1]!, signature: found[2]! };
}

export function parseQueryV2(query: Query): QueryMaterialV2 {
  const fields = new Map<string, string>();
  const hoisted = new Map<string, string>();
  for (const [name, value] of query) {
    const lower = name.toLowerCase();
    const isHeader = isHeaderInQueryV2(lower);
    if (!isHeader && !authNames.has(name)) continue;
    if (isHeader && !(/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(lower) && /^[^\0-\x1f\x7f]*$/.test(value))) {
      throw s3Error('AccessDenied', { message: `The parameter ${lower} cannot stand for a header.` });
    }
    const into = isHeader ? hoisted : fields;
    const key = isHeader ? lower : name;
    if (into.has(key)) throw s3Error('AccessDenied', { message: `The parameter ${key} was given twice.` });
    into.set(key, value);
  }
  const accessKey = fields.get('AWSAccessKeyId');
  const signature = fields.get('Signature');
  const expires = fields.get('Expires');
  if (!accessKey || !signature || !expires) {
    throw s3Error('AccessDenied', {
      message: 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    });
  }
  if (!/^\d{1,12}$/.test(expires)) {
    throw s3Error('AccessDenied', { message: `Invalid date (should be seconds since epoch): ${expires}` });
  }
  // Base64 has no blanks: a blank was a plus that the client left unencoded.
  return { accessKey, signature: signature.replaceAll(' ', '+'), expires, hoisted };
}
