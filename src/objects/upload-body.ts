// A client's body as the stories see it: plain bytes, decoded and checked. Who decodes stands in the gateway.
import type { ChecksumName } from '../base/fault.ts';

/**
 * Iterating yields the decoded bytes once. The iteration *throws* (digest-mismatch, body-incomplete, chunk-…) before it ends if
 * anything the client declared does not hold, so a body that was read to its end is a body that was verified.
 */
export interface UploadBody extends AsyncIterable<Buffer> {
  /** Decoded length in bytes as declared; undefined when the client did not say. */
  readonly length: number | undefined;
  /** The checksum that the client declared, in a header or for the trailer. */
  readonly declared?: ChecksumName | undefined;
  /** Of a short body: all of it in one piece, instead of iterating; throws what the iteration would. */
  readonly atOnce?: (() => Promise<Buffer>) | undefined;
  /** One more checksum to compute, said before the iteration begins (the upload that a part belongs to wants it). */
  also?(algorithm: ChecksumName): void;
  /** Of the whole body; valid after the iteration ended. */
  readonly digests: Digests;
}

export interface Digests {
  readonly size: number;
  readonly md5: Buffer;
  /** Base64 values of the algorithms that were declared or asked for. */
  readonly checksums: ReadonlyMap<ChecksumName, string>;
}
