// Reads ranges of packs: near ones in one request, in order, going on where a broken connection left off.
import { Fault } from '../../base/fault.ts';
import type { ByteRange } from '../../base/range.ts';
import { emptySha256 } from '../../base/sigv4.ts';
import type { PackId } from '../../model/ids.ts';
import { backoffMs, pause, readRetries } from '../backoff.ts';
import { mergeRanges, type RangeGroup } from './merge-ranges.ts';
import { failureOfConnection, isRetryable, S3Failure, s3Fault } from './s3-failures.ts';
import type { S3PackTools } from './s3-pack-tools.ts';

export class S3PackReader {
  readonly #tools: S3PackTools;
  /** Of all reads of this partition. */
  readonly #again = readRetries();

  constructor(tools: S3PackTools) {
    this.#tools = tools;
  }

  async *read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    const key = this.#tools.keyOf(pack);
    signal?.throwIfAborted();
    for (const group of mergeRanges(ranges, this.#tools.settings.gapBytesMax)) {
      const parts = [...group.parts];
      let at = group.start;
      for await (const bytes of this.#bytesOf(pack, key, group, signal)) {
        // the gaps between the parts are dropped
        while (parts.length > 0 && parts[0]!.start < at + bytes.length) {
          const { start, end } = parts[0]!;
          const piece = bytes.subarray(Math.max(0, start - at), Math.min(bytes.length, end - at));
          if (piece.length > 0) yield piece;
          if (end > at + bytes.length) break;
          parts.shift();
        }
        at += bytes.length;
      }
    }
  }

  /** The group's bytes without a hole; goes on where a broken connection left off. */
  async *#bytesOf(pack: PackId, key: string, group: RangeGroup, signal?: AbortSignal): AsyncIterable<Buffer> {
    const { retries, clock, random } = this.#tools.settings;
    let at = group.start;
    this.#again.earn();
    for (let retry = 0; at < group.end; ) {
      try {
        for await (const bytes of this.#fetch(pack, key, at, group, signal)) {
          at += bytes.length;
          retry = 0; // progress was made
          yield bytes;
        }
        if (at < group.end) throw new S3Failure(0, 'ShortAnswer', `answer ended at ${at} of ${group.end}`);
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (error instanceof Fault) throw error;
        const failure = failureOfConnection(error);
        if (!isRetryable(failure) || retry >= retries.retriesMax || !this.#again.spend())
          throw s3Fault(failure, this.#tools.settings.id, pack);
        await pause(clock, backoffMs(retries, retry++, random, failure.retryAfterMs), signal);
      }
    }
  }

  async *#fetch(
    pack: PackId,
    key: string,
    from: number,
    group: RangeGroup,
    signal: AbortSignal | undefined,
  ): AsyncIterable<Buffer> {
    const headers = { range: `bytes=${from}-${group.end - 1}` };
    const answer = await this.#tools.connection
      .send({ method: 'GET', key, headers, payloadHash: emptySha256, signal })
      .catch(async (error: unknown) => {
        if (error instanceof S3Failure && error.status === 416) throw await this.#short(pack, key, group, signal);
        throw error;
      });
    const partial = answer.statusCode === 206;
    const size = sizeOf(answer.headers, partial);
    try {
      if (size < group.end) throw this.#shortOf(pack, group, size);
      let skip = partial ? 0 : from; // a backend that ignores Range sends the whole
      let left = group.end - from;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        const bytes = chunk.subarray(Math.min(skip, chunk.length), Math.min(chunk.length, skip + left));
        skip -= Math.min(skip, chunk.length);
        left -= bytes.length;
        if (bytes.length > 0) yield bytes;
        if (left === 0 && !partial) break;
      }
    } finally {
      answer.body.destroy(); // nothing where the body was read to its end
      answer.body.on('error', () => undefined);
    }
  }

  async #short(pack: PackId, key: string, group: RangeGroup, signal: AbortSignal | undefined): Promise<Fault> {
    const headers = await this.#tools.connection.ask({ method: 'HEAD', key, payloadHash: emptySha256, signal });
    return this.#shortOf(pack, group, Number(headers['content-length'] ?? 0));
  }

  #shortOf(pack: PackId, group: RangeGroup, size: number): Fault {
    const wanted = group.parts.find(({ end }) => end > size)?.end ?? group.end;
    return new Fault({ kind: 'pack-short', partition: this.#tools.settings.id, pack, wanted, size });
  }
}

/** Of the whole pack. */
function sizeOf(headers: Readonly<Record<string, string | string[] | undefined>>, partial: boolean): number {
  const text = partial ? /\/(\d+)$/.exec(String(headers['content-range']))?.[1] : headers['content-length'];
  return text === undefined ? Number.POSITIVE_INFINITY : Number(text);
}
