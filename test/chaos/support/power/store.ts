// An S3 store as writers and verifiers use it, whether through stories in this process or over HTTP.

export interface Where {
  readonly bucket: string;
  readonly key: string;
}

export interface Acked {
  /** In versioned buckets. */
  readonly versionId?: string;
}

export interface Store {
  put(where: Where, bytes: Buffer): Promise<Acked>;
  remove(where: Where, versionId?: string): Promise<Acked>;
  copy(from: Where, to: Where): Promise<Acked>;
  createUpload(where: Where): Promise<string>;
  /** Resolves with the part's ETag. */
  uploadPart(where: Where, uploadId: string, part: number, bytes: Buffer): Promise<string>;
  completeUpload(where: Where, uploadId: string, etags: readonly (readonly [number, string])[]): Promise<Acked>;
  abortUpload(where: Where, uploadId: string): Promise<void>;
  /** undefined: there is nothing, or a delete marker. */
  get(where: Where, versionId?: string): Promise<Buffer | undefined>;
}

/** The store said no: nothing may have changed. Any other error leaves it open. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
