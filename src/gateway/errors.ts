// Every S3 error this gateway may answer: code → status, message. One table, one class, one constructor; the codes and texts are AWS's.
// from-fault.ts turns the faults of the lower floors into these.

const table = {
  // access
  AccessDenied: [403, 'Access Denied'],
  AccessForbidden: [403, 'CORSResponse: CORS is not enabled for this bucket.'],
  AccessControlListNotSupported: [400, 'The bucket does not allow ACLs'],
  AuthorizationHeaderMalformed: [400, 'The authorization header that you provided is not valid.'],
  AuthorizationQueryParametersError: [400, 'Error parsing the X-Amz-Credential parameter.'],
  CredentialsNotSupported: [400, 'This request does not support credentials.'],
  ExpiredToken: [400, 'The provided token has expired.'],
  InvalidAccessKeyId: [403, 'The AWS Access Key Id you provided does not exist in our records.'],
  InvalidSecurity: [403, 'The provided security credentials are not valid.'],
  InvalidToken: [400, 'The provided token is malformed or otherwise not valid.'],
  MissingSecurityHeader: [400, 'Your request is missing a required header.'],
  RequestExpired: [400, 'Request has expired.'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the current time is too large.'],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  UnresolvableGrantByEmailAddress: [400, 'The email address you provided does not match any account on record.'],
  // bodies and digests
  BadDigest: [400, 'The Content-MD5 or checksum value that you specified did not match what the server received.'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed object size.'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed object size.'],
  IncompleteBody: [400, 'You did not provide the number of bytes specified by the Content-Length HTTP header.'],
  InvalidDigest: [400, 'The Content-MD5 you specified is not valid.'],
  MalformedTrailerError: [
    400,
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  ],
  MaxMessageLengthExceeded: [400, 'Your request was too large.'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed metadata size.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  MissingRequestBodyError: [400, 'Request body is empty.'],
  RequestHeaderSectionTooLarge: [
    400,
    'Your request header section exceeds the maximum allowed request header section size.',
  ],
  RequestTimeout: [
    400,
    'Your socket connection to the server was not read from or written to within the timeout period.',
  ],
  UnexpectedContent: [400, 'This request does not support content.'],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],
  // the request itself
  BadRequest: [400, 'Bad Request'],
  IllegalVersioningConfigurationException: [400, 'The versioning configuration specified in the request is not valid.'],
  InvalidArgument: [400, 'Invalid Argument'],
  InvalidRedirectLocation: [400, "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."],
  InvalidRequest: [400, 'Invalid Request'],
  InvalidStorageClass: [400, 'The storage class you specified is not valid'],
  InvalidTag: [400, 'The tag provided was not a valid tag.'],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, 'Your key is too long'],
  MalformedACLError: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  NotImplemented: [501, 'A header you provided implies functionality that is not implemented'],
  RequestURITooLong: [414, 'The request URI is too long.'],
  // buckets
  BucketAlreadyExists: [
    409,
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
  ],
  BucketAlreadyOwnedByYou: [409, 'Your previous request to create the named bucket succeeded and you already own it.'],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty'],
  IllegalLocationConstraintException: [
    400,
    'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
  ],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidBucketState: [409, 'The request is not valid with the current state of the bucket.'],
  InvalidLocationConstraint: [400, 'The specified location-constraint is not valid'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchTagSet: [404, 'The TagSet does not exist'],
  TooManyBuckets: [400, 'You have attempted to create more buckets than allowed'],
  // objects
  ConditionalRequestConflict: [
    409,
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
  ],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  ],
  InvalidPartNumber: [416, 'The requested partnumber is not satisfiable'],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order. Parts must be ordered by part number.'],
  InvalidRange: [416, 'The requested range is not satisfiable'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  ],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NotModified: [304, 'Not Modified'],
  OperationAborted: [
    409,
    'A conflicting conditional operation is currently in progress against this resource. Please try again.',
  ],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  // the server
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  ServiceUnavailable: [503, 'Service is unable to handle request.'],
  SlowDown: [503, 'Please reduce your request rate.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type S3ErrorCode = keyof typeof table;

/** Elements that AWS puts beside Code and Message. A closed list, so that a misspelt one does not compile. */
export type S3ErrorField =
  | 'ActualObjectSize'
  | 'ActualPartCount'
  | 'Content-MD5'
  | 'ArgumentName'
  | 'ArgumentValue'
  | 'AWSAccessKeyId'
  | 'BucketName'
  | 'CanonicalRequest'
  | 'CanonicalRequestBytes'
  | 'ClientComputedContentSHA256'
  | 'Condition'
  | 'ETag'
  | 'ExpectedDigest'
  | 'CalculatedDigest'
  | 'Expires'
  | 'Header'
  | 'HeaderName'
  | 'HeadersNotSigned'
  | 'HostId'
  | 'Key'
  | 'LocationConstraint'
  | 'MaxAllowedSkewMilliseconds'
  | 'MaxMessageLengthBytes'
  | 'MaxSizeAllowed'
  | 'Method'
  | 'MetadataName'
  | 'MinSizeAllowed'
  | 'NumberBytesExpected'
  | 'NumberBytesProvided'
  | 'PartNumber'
  | 'PartNumberRequested'
  | 'ProposedSize'
  | 'RangeRequested'
  | 'Region'
  | 'RequestTime'
  | 'Resource'
  | 'ResourceType'
  | 'S3ComputedContentSHA256'
  | 'ServerTime'
  | 'SignatureProvided'
  | 'Size'
  | 'StringToSign'
  | 'StringToSignBytes'
  | 'TagKey'
  | 'TagValue'
  | 'UploadId'
  | 'VersionId'
  | 'X-Amz-Expires';

export interface S3ErrorOptions {
  readonly message?: string;
  readonly extra?: { readonly [F in S3ErrorField]?: string };
  /** Headers of the answer beside the common ones; lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: S3ErrorCode;
  readonly status: number;
  readonly extra: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: S3ErrorCode, options: S3ErrorOptions = {}) {
    super(options.message ?? table[code][1], options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = table[code][0];
    this.extra = options.extra ?? {};
    this.headers = options.headers ?? {};
  }
}

export const s3Error = (code: S3ErrorCode, options?: S3ErrorOptions): S3Error => new S3Error(code, options);

export const isS3Error = (error: unknown, code?: S3ErrorCode): error is S3Error =>
  error instanceof S3Error && (code === undefined || error.code === code);

export const s3ErrorCodes = Object.keys(table) as readonly S3ErrorCode[];

export const statusOf = (code: S3ErrorCode): number => table[code][0];
