// House faults: the closed union of what may go wrong on the floors below the gateway.
// They know nothing of HTTP; gateway/errors.ts translates each into an S3 error in one exhaustive switch.

export type HouseFault =
  // buckets
  | { kind: 'bucket-missing'; bucket: string }
  | { kind: 'bucket-exists'; bucket: string } // someone else's
  | { kind: 'bucket-owned'; bucket: string } // already the caller's own
  | { kind: 'bucket-not-empty'; bucket: string }
  | { kind: 'bucket-limit'; limit: number }
  // objects and versions
  | { kind: 'key-missing'; key: string; deleteMarker?: { versionId: string } }
  | { kind: 'version-missing'; key: string; versionId: string }
  | { kind: 'marker-addressed'; key: string; versionId: string; modifiedSec: number } // a version id that names a delete marker
  | { kind: 'precondition-failed'; condition: string }
  | { kind: 'not-modified'; etag: string; modifiedSec: number; versionId?: string }
  | { kind: 'conditional-conflict'; key: string } // a concurrent conditional write won
  | { kind: 'range-unsatisfiable'; rangeText: string; size: number }
  | { kind: 'part-number-unsatisfiable'; partNumber: number; partCount: number }
  | { kind: 'copy-onto-itself' }
  | { kind: 'copy-source-too-large'; sizeMax: number }
  | { kind: 'copy-range-invalid'; rangeText: string; size: number }
  // multipart
  | { kind: 'upload-missing'; uploadId: string }
  | { kind: 'part-invalid'; partNumber: number; uploadId: string } // unknown part, or its ETag or checksum differs
  | { kind: 'part-order' }
  | { kind: 'part-too-small'; partNumber: number; size: number; sizeMin: number }
  | { kind: 'upload-size-mismatch' }
  | { kind: 'upload-checksum-mismatch'; message: string } // asked-for algorithm or type does not fit the upload
  // bodies
  | { kind: 'digest-mismatch'; digest: 'content-md5' | 'x-amz-content-sha256' | ChecksumName }
  | { kind: 'body-incomplete'; expected: number; received: number }
  | { kind: 'body-too-large'; sizeMax: number }
  | { kind: 'body-too-slow' }
  | { kind: 'chunk-invalid'; message: string } // malformed aws-chunked stream
  | { kind: 'chunk-signature-mismatch' }
  // requests that a story must refuse
  | { kind: 'argument-invalid'; name: string; value: string; message: string }
  | { kind: 'request-invalid'; message: string }
  // storage
  | { kind: 'pack-missing'; partition: string; pack: string }
  | { kind: 'pack-exists'; partition: string; pack: string }
  | { kind: 'pack-short'; partition: string; pack: string; wanted: number; size: number } // read past the end or cut pack
  | { kind: 'block-corrupt'; partition: string; pack: string; block: string }
  | { kind: 'partition-busy'; partition: string; retryAfterMs?: number }
  | { kind: 'partition-down'; partition: string; message: string }
  | { kind: 'partition-full'; partition: string }
  | { kind: 'space-reserve-reached' } // writes stop before the reserve; deletes never do
  | { kind: 'overloaded'; retryAfterMs: number; message: string }
  | { kind: 'session-fenced' } // this worker's session is no longer its own: it must exit
  | { kind: 'catalog-failed'; message: string };

export type ChecksumName = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

export type FaultKind = HouseFault['kind'];

/** The error that carries a house fault. */
export class Fault<F extends HouseFault = HouseFault> extends Error {
  override readonly name = 'Fault';
  readonly fault: F;
  constructor(fault: F, options?: ErrorOptions) {
    super(`${fault.kind} ${JSON.stringify(fault)}`, options);
    this.fault = fault;
  }
}

export const isFault = <K extends FaultKind>(
  error: unknown,
  kind: K,
): error is Fault<Extract<HouseFault, { kind: K }>> => error instanceof Fault && error.fault.kind === kind;
