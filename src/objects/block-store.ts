// Port between the stories and the bytes: cut a body into blocks and make them durable; read blocks back wherever they now lie.
import type { ByteRange } from '../base/range.ts';
import type { Check, Write } from '../catalog/catalog.ts';
import type { BlockRef } from '../model/block.ts';
import type { BucketId } from '../model/ids.ts';
import type { Origin } from './shared-reads.ts';

/** Durable blocks that nobody references yet. The story puts `checks` and `writes` into the one commit that publishes them. */
export interface WrittenBlocks {
  readonly size: number;
  readonly blocks: readonly BlockRef[];
  /** This worker's session row, so that a fenced worker cannot publish. */
  readonly checks: readonly Check[];
  /** Block rows and the delta row of live bytes (≤ 700 rows for 5 GiB). */
  readonly writes: readonly Write[];
  /**
   * Call once the fate of the rows is known: committed, or never to be. Until then the packs that hold the bytes are not
   * marked sealed, and so not collected.
   */
  settle(): void;
}

/** Bytes to store; short ones may be had in one piece. */
export interface UploadBytes extends AsyncIterable<Uint8Array> {
  readonly atOnce?: (() => Promise<Uint8Array>) | undefined;
}

/** Of one read: whom it serves, and, once its first bytes are there, which copy they came from. */
export interface ReadAbout extends Origin {
  /** Name of the bucket. */
  readonly bucket: string;
  readonly key: string;
}

export interface BlockStore {
  /**
   * Streams `body` to packs on the homes of the area that `key` lies in; resolves when every byte is durable.
   * On any rejection nothing is visible and the bytes are collected later. `part` is the part number when the body is a part
   * of a multipart upload: parts behind the first 64 MiB are spread over all partitions.
   */
  write(
    where: { bucket: BucketId; key: string; part?: number },
    body: UploadBytes,
    options: { length?: number; signal?: AbortSignal },
  ): Promise<WrittenBlocks>;

  /**
   * Bytes of `range` of the concatenated blocks, each slice's CRC verified. Locations are resolved afresh per block; a missing
   * pack or bad CRC is resolved once more before block-corrupt / pack-missing / partition-down is thrown.
   */
  read(blocks: readonly BlockRef[], range: ByteRange, signal?: AbortSignal, about?: ReadAbout): AsyncIterable<Buffer>;

  /** Small whole-range synchronous read from page cache (≤ 64 KiB span); undefined = use `read`. */
  readSmall?(blocks: readonly BlockRef[], range: ByteRange): Buffer | undefined;

  /**
   * Marks a read as running, from before its version is looked up until the returned function is called, so that what is
   * dropped meanwhile outlives it. A read of a long manifest is several calls of `read` inside one such span.
   */
  beginRead?(): () => void;

  /** This worker's session check alone, for commits without new blocks (delete, copy, tags). */
  sessionCheck(): Check;
}
