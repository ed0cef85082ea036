// The stories of the data path as the gateway's handlers see them. Every function is one story in its own file of this folder;
// `createObjects` (stories.ts) binds them to catalog, block store, clock and random. They know nothing of HTTP or XML and raise house faults.
import type { ChecksumName } from '../base/fault.ts';
import type { ByteRange } from '../base/range.ts';
import type { Acl } from '../model/acl.ts';
import type { Bucket, Tag, Versioning } from '../model/bucket.ts';
import type {
  Checksum,
  ChecksumType,
  ObjectAttributes,
  PartRow,
  Upload,
  Version,
  VersionSummary,
} from '../model/object.ts';
import type { UploadBody } from './upload-body.ts';

/** RFC 9110 preconditions of a read; ETag lists as the header texts. */
export interface ReadConditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSinceSec?: number;
  readonly ifUnmodifiedSinceSec?: number;
}

/** Preconditions of a write, judged against the current version at the commit. */
export interface WriteConditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

/** Preconditions of a delete. */
export interface DeleteConditions {
  readonly ifMatch?: string;
  readonly ifMatchSize?: number;
  readonly ifMatchModifiedSec?: number;
}

/** What a read asks for: a Range header text as it came (a malformed one is ignored, as AWS does) or one part. */
export interface Selection {
  readonly rangeText?: string | undefined;
  /** An ETag or an HTTP date: the range counts only for just this version, else the whole comes. */
  readonly ifRange?: string;
  readonly partNumber?: number;
}

export interface FoundObject {
  readonly version: Version;
  /** Bytes selected; whole object when nothing was asked for. */
  readonly range: ByteRange;
  readonly partial: boolean;
  /** Set when a part was asked for and the object was a multipart upload. */
  readonly part?: PartRow | undefined;
}

export interface ReadObject extends FoundObject {
  readonly body: AsyncIterable<Buffer>;
  /** All bytes of the body, where they were at hand at once; the body then need not be read. */
  readonly whole: Buffer | undefined;
  /** Where the first bytes came from: `primary`, `echo:<partition>`, `hedge`; undefined where there were none. */
  readonly copy: string | undefined;
}

export interface ReadAsk {
  readonly versionId?: string | undefined;
  /** What `peek` found for just this key and version id: it is not looked up again. */
  readonly version?: Version | undefined;
  readonly conditions?: ReadConditions;
  readonly select?: Selection;
}

export interface NewObject {
  readonly attributes: ObjectAttributes;
  readonly tags: readonly Tag[];
  readonly acl: Acl;
}

export interface WriteResult {
  readonly version: Version;
  /** Absent in unversioned and suspended buckets. */
  readonly versionId?: string;
}

export interface DeleteResult {
  /** The version removed, or the marker created. Absent in unversioned buckets. */
  readonly versionId?: string;
  /** A marker was created, or the version removed was a marker. */
  readonly deleteMarker: boolean;
}

export interface ListQuery {
  readonly prefix: string;
  readonly delimiter?: string;
  /** Exclusive. v1 marker, v2 start-after or the token's key. */
  readonly after?: string;
  readonly limit: number;
}

export interface ListPage<Entry> {
  readonly entries: readonly Entry[];
  readonly commonPrefixes: readonly string[];
  readonly truncated: boolean;
  /** Last key or common prefix of this page: the next page's `after`. */
  readonly next?: string;
}

export interface ListedObject {
  readonly key: string;
  readonly version: VersionSummary;
}

export interface ListVersionsQuery extends ListQuery {
  /** With `after`: continue behind this version of that key. */
  readonly afterVersionId?: string;
}

export interface ListedVersion extends ListedObject {
  readonly latest: boolean;
}

export interface ListVersionsPage extends ListPage<ListedVersion> {
  readonly nextVersionId?: string;
}

export interface ListUploadsQuery extends ListQuery {
  readonly afterUploadId?: string;
}

export interface ListUploadsPage extends ListPage<Upload> {
  readonly nextUploadId?: string;
}

export interface CopyRequest {
  readonly source: { bucket: Bucket; key: string; versionId?: string };
  readonly sourceConditions: ReadConditions;
  readonly target: { bucket: Bucket; key: string };
  readonly conditions: WriteConditions;
  /** undefined = keep the source's (directive COPY). */
  readonly attributes?: ObjectAttributes;
  /** Never the source's. */
  readonly websiteRedirectLocation?: string;
  readonly tags?: readonly Tag[];
  readonly acl: Acl;
  /** A newly asked checksum is computed by reading. */
  readonly checksumAlgorithm?: ChecksumName;
}

export interface CopyResult extends WriteResult {
  readonly sourceVersionId?: string;
}

export interface NewUpload extends NewObject {
  readonly initiator: string;
  readonly checksumAlgorithm?: ChecksumName;
  readonly checksumType?: ChecksumType;
}

export interface CompletedPart {
  readonly partNumber: number;
  readonly etag: string;
  readonly checksums: readonly { algorithm: ChecksumName; value: string }[];
}

export interface CompleteRequest {
  readonly uploadId: string;
  readonly parts: readonly CompletedPart[];
  readonly conditions: WriteConditions;
  readonly objectSize?: number;
  /** Whole-object checksum that the client declared. */
  readonly checksum?: { algorithm: ChecksumName; value: string };
  readonly checksumType?: ChecksumType;
}

export interface Objects {
  // buckets
  createBucket(request: { name: string; acl: Acl; region: string; tags?: readonly Tag[] }): Promise<Bucket>;
  bucket(name: string): Promise<Bucket>;
  listBuckets(query: { owner: string; prefix: string; after?: string; limit: number }): Promise<ListPage<Bucket>>;
  deleteBucket(name: string): Promise<void>;
  /** Read-modify-write of the bucket's row; runs `change` again on conflict. */
  updateBucket(name: string, change: (bucket: Bucket) => Bucket): Promise<Bucket>;

  // objects. `bucket` was read by the pipeline for authorisation; every commit checks that its row is unchanged or re-reads it.
  /** Current or named version, of any kind but `gone`; undefined when there is none. For authorisation and HEAD of markers. */
  peek(bucket: Bucket, key: string, versionId?: string): Promise<Version | undefined>;
  find(bucket: Bucket, key: string, ask: ReadAsk): Promise<FoundObject>;
  /** The signal is asked for only by reads that wait. */
  read(bucket: Bucket, key: string, ask: ReadAsk, patience: { readonly signal: AbortSignal }): Promise<ReadObject>;
  write(
    bucket: Bucket,
    key: string,
    body: UploadBody,
    made: NewObject & { conditions: WriteConditions },
    patience: { readonly signal: AbortSignal },
  ): Promise<WriteResult>;
  remove(
    bucket: Bucket,
    key: string,
    ask: { versionId?: string; conditions?: DeleteConditions; owner: string },
  ): Promise<DeleteResult>;
  copy(request: CopyRequest, signal: AbortSignal): Promise<CopyResult>;
  /** Tags or ACL of one version; never touches LastModified. */
  updateVersion(
    bucket: Bucket,
    key: string,
    versionId: string | undefined,
    change: (version: Version) => Pick<Version, 'tags' | 'acl'>,
  ): Promise<Version>;
  /** Part rows of a finished multipart object; empty for single PUTs. */
  parts(
    version: Version,
    query: { after?: number; limit: number },
  ): Promise<{ parts: readonly PartRow[]; truncated: boolean }>;

  // listings
  list(bucket: Bucket, query: ListQuery): Promise<ListPage<ListedObject>>;
  listVersions(bucket: Bucket, query: ListVersionsQuery): Promise<ListVersionsPage>;

  // multipart
  createUpload(bucket: Bucket, key: string, made: NewUpload): Promise<Upload>;
  upload(bucket: Bucket, key: string, uploadId: string): Promise<Upload>;
  writePart(
    bucket: Bucket,
    key: string,
    uploadId: string,
    partNumber: number,
    body: UploadBody,
    signal: AbortSignal,
  ): Promise<PartRow>;
  copyPart(
    request: {
      source: { bucket: Bucket; key: string; versionId?: string };
      sourceConditions: ReadConditions;
      /** `bytes=a-b` as it came. */
      rangeText?: string;
      target: { bucket: Bucket; key: string; uploadId: string; partNumber: number };
    },
    signal: AbortSignal,
  ): Promise<{ part: PartRow; sourceVersionId?: string }>;
  completeUpload(bucket: Bucket, key: string, request: CompleteRequest): Promise<WriteResult>;
  abortUpload(bucket: Bucket, key: string, uploadId: string, ask?: { ifInitiatedSec?: number }): Promise<void>;
  listParts(
    bucket: Bucket,
    key: string,
    uploadId: string,
    query: { after: number; limit: number },
  ): Promise<{ upload: Upload; parts: readonly PartRow[]; truncated: boolean }>;
  listUploads(bucket: Bucket, query: ListUploadsQuery): Promise<ListUploadsPage>;
}

export type { Bucket, Checksum, Tag, Upload, Version, Versioning };
