// What a signed request carries, as text: the Authorization header or the X-Amz-* query parameters, taken apart but not yet believed.
import { algorithm, type Scope, terminator } from '../base/sigv4.ts';
import { type S3Error, s3Error } from './errors.ts';

export interface Credential {
  readonly accessKey: string;
  readonly scope: Scope;
}

export interface SignedMaterial {
  readonly form: 'header' | 'query';
  readonly credential: Credential;
  /** Lower-case, sorted, as the client signed them. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

export const unsupported = (): S3Error =>
  s3Error('InvalidRequest', {
    message: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  });

export function parseAuthorization(header: string): SignedMaterial {
  const value = header.trim();
  const blank = value.indexOf(' ');
  const scheme = blank < 0 ? value : value.slice(0, blank);
  if (scheme === '') throw s3Error('AccessDenied');
  if (scheme.startsWith('AWS4-') && scheme !== algorithm) throw unsupported();
  if (scheme !== algorithm) throw badArgument('Unsupported Authorization Type', header);
  const fields = new Map<string, string>();
  for (const part of value.slice(scheme.length).split(',')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals).trim();
    if (equals < 0 || fields.has(name)) throw malformed(`the authorization component "${part.trim()}" is malformed.`);
    fields.set(name, part.slice(equals + 1).trim());
  }
  const credential = fields.get('Credential');
  const signedHeaders = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  if (credential === undefined || signedHeaders === undefined || signature === undefined || fields.size !== 3) {
    throw malformed('the authorization header requires three components: Credential, SignedHeaders, and Signature.');
  }
  return {
    form: 'header',
    credential: parseCredential(credential, malformed),
    signedHeaders: parseSignedHeaders(signedHeaders, () => malformed('the SignedHeaders component is malformed.')),
    signature,
  };
}

const authNames = [
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-signedheaders',
  'x-amz-signature',
] as const;

export const isAuthName = (lowerName: string): boolean =>
  lowerName === 'x-amz-security-token' || (authNames as readonly string[]).includes(lowerName);

export interface QueryMaterial extends SignedMaterial {
  readonly form: 'query';
  readonly amzDate: string;
  readonly expires: string;
}

/** Cheap, and false for most names that clients send besides. */
export const startsWithX = (name: string): boolean => (name.charCodeAt(0) | 0x20) === 0x78;

/** Parameters of a presigned URL by lower-case name; undefined when it holds none. Whoever sends one of them must send all. */
export function queryAuth(query: readonly (readonly [string, string])[]): ReadonlyMap<string, string> | undefined {
  let found: Map<string, string> | undefined;
  for (const [name, value] of query) {
    if (!startsWithX(name)) continue;
    const lower = name.toLowerCase();
    if (!isAuthName(lower)) continue;
    found ??= new Map();
    if (found.has(lower)) throw queryError(`The parameter ${name} was given twice.`);
    found.set(lower, value);
  }
  return found;
}

export function parseQueryAuth(fields: ReadonlyMap<string, string>): QueryMaterial {
  for (const name of authNames) {
    if (fields.get(name)) continue;
    throw queryError(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  if (fields.get('x-amz-algorithm') !== algorithm) {
    throw queryError('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  }
  const badHeaders = () => queryError('X-Amz-SignedHeaders is malformed.');
  return {
    form: 'query',
    credential: parseCredential(fields.get('x-amz-credential')!, (message, extra) =>
      queryError(`Error parsing the X-Amz-Credential parameter; ${message}`, extra),
    ),
    signedHeaders: parseSignedHeaders(fields.get('x-amz-signedheaders')!, badHeaders),
    signature: fields.get('x-amz-signature')!,
    amzDate: fields.get('x-amz-date')!,
    expires: fields.get('x-amz-expires')!,
  };
}

type Complaint = (message: string, extra?: { Region?: string }) => S3Error;

export const malformed: Complaint = (message, extra) =>
  s3Error('AuthorizationHeaderMalformed', {
    message: `The authorization header is malformed; ${message}`,
    ...(extra ? { extra } : {}),
  });

export const queryError: Complaint = (message, extra) =>
  s3Error('AuthorizationQueryParametersError', { message, ...(extra ? { extra } : {}) });

const badArgument = (message: string, value: string): S3Error =>
  s3Error('InvalidArgument', { message, extra: { ArgumentName: 'Authorization', ArgumentValue: value } });

/** `key/20261122/region/service/aws4_request`; access keys may hold slashes, so it is read from its end. */
function parseCredential(text: string, complain: Complaint): Credential {
  const parts = text.split('/');
  if (parts.length < 5) {
    throw complain('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".');
  }
  const [date, region, service, end] = parts.slice(-4) as [string, string, string, string];
  const accessKey = parts.slice(0, -4).join('/');
  if (accessKey === '') throw complain('the Credential is mal-formed; the access key is missing.');
  if (!/^\d{8}$/.test(date)) {
    throw complain(`incorrect date format "${date}". This date in the credential must be in the format "yyyyMMdd".`);
  }
  if (end !== terminator) throw complain(`incorrect terminal "${end}". This endpoint uses "${terminator}".`);
  return { accessKey, scope: { date, region, service } };
}

function parseSignedHeaders(text: string, complain: () => S3Error): string[] {
  const names = text.split(';');
  const wellFormed = names.every(
    (name, at) => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) && (at === 0 || names[at - 1]! < name),
  );
  if (!wellFormed) throw complain();
  return names;
}

/** The scope must be this endpoint's: service s3, one of its regions, the day of the request. */
export function checkScope(
  material: SignedMaterial,
  amzDate: string,
  expected: { readonly region: string; readonly regions: ReadonlySet<string> },
): void {
  const { scope } = material.credential;
  const complain: Complaint =
    material.form === 'header'
      ? malformed
      : (message, extra) => queryError(`Error parsing the X-Amz-Credential parameter; ${message}`, extra);
  if (scope.service !== 's3') throw complain(`incorrect service "${scope.service}". This endpoint belongs to "s3".`);
  if (!expected.regions.has(scope.region)) {
    throw complain(`the region '${scope.region}' is wrong; expecting '${expected.region}'`, {
      Region: expected.region,
    });
  }
  if (scope.date !== amzDate.slice(0, 8)) {
    throw complain(
      `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${amzDate.slice(0, 8)}".`,
    );
  }
}
