// One version of one key, as the catalog keeps it. Bytes, ETag and metadata never change once committed; tags and ACL may.
import type { ChecksumName } from '../base/fault.ts';
import type { Acl } from './acl.ts';
import type { BlockRef } from './block.ts';
import type { Tag } from './bucket.ts';
import type { ManifestId } from './ids.ts';

export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT';

export interface Checksum {
  readonly algorithm: ChecksumName;
  readonly type: ChecksumType;
  /** Base64; composite values end in `-N`. */
  readonly value: string;
}

/** What a client may attach to an object besides bytes. Header values are latin-1 as they came. */
export interface ObjectAttributes {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly expires?: string;
  readonly websiteRedirectLocation?: string;
  /** User metadata, names lower-case without `x-amz-meta-`. */
  readonly metadata: readonly (readonly [name: string, value: string])[];
}

/**
 * `object` has bytes; `marker` is a delete marker; `gone` is the head that a delete in an unversioned bucket leaves
 * until the watermark has passed it, so that no clock step reorders a key. `gone` is never shown to a client.
 */
export type VersionKind = 'object' | 'marker' | 'gone';

export interface Version {
  readonly kind: VersionKind;
  /** Commit order inside a key: max(head + 1, hybrid clock). A safe integer. */
  readonly sequence: number;
  /** `null` for the null version. */
  readonly versionId: string;
  readonly size: number;
  readonly modifiedSec: number;
  /** Without quotes; empty for markers. */
  readonly etag: string;
  readonly attributes: ObjectAttributes;
  readonly tags: readonly Tag[];
  readonly acl: Acl;
  readonly checksums: readonly Checksum[];
  /** Names the bytes; shared by copies. Absent on markers, gone heads and empty objects. */
  readonly manifest?: ManifestId;
  /** Blocks in order when there are at most 16; otherwise the manifest rows hold them. */
  readonly blocks?: readonly BlockRef[];
  /** Number of parts if it was a multipart upload; their rows stand under the manifest id. */
  readonly partCount?: number;
}

/** What a listing shows of a version; a whole Version is one too. */
export interface VersionSummary
  extends Pick<Version, 'kind' | 'sequence' | 'versionId' | 'size' | 'modifiedSec' | 'etag'> {
  readonly acl: Pick<Acl, 'owner'>;
  readonly checksums: readonly Pick<Checksum, 'algorithm' | 'type'>[];
}

/** A part of a finished or running multipart upload. */
export interface PartRow {
  readonly partNumber: number;
  readonly size: number;
  readonly etag: string;
  readonly modifiedMs: number;
  readonly checksums: readonly Checksum[];
  readonly manifest?: ManifestId;
  readonly blocks?: readonly BlockRef[];
}

/** A running multipart upload. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly initiatedMs: number;
  readonly owner: string;
  readonly initiator: string;
  readonly attributes: ObjectAttributes;
  readonly tags: readonly Tag[];
  readonly acl: Acl;
  readonly checksumAlgorithm?: ChecksumName;
  readonly checksumType?: ChecksumType;
  readonly state: 'open' | 'completing';
  /** Token of the Complete or Abort that closed it: only that one may go on with its parts. */
  readonly closedBy?: string;
}
