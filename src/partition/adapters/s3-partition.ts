// A partition in a bucket of any S3 backend: one object per pack under <prefix>packs/. One batch is one pack is one PUT.
import { Fault } from '../../base/fault.ts';
import type { ByteRange } from '../../base/range.ts';
import { emptySha256, sha256Hex, unsignedPayload } from '../../base/sigv4.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import { backoffMs, pause, withRetries } from '../backoff.ts';
import { packFile, packOfFile } from '../pack-name.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../partition.ts';
import { mergeRanges, type RangeGroup } from './merge-ranges.ts';
import { S3Connection } from './s3-connection.ts';
import { S3Control } from './s3-control.ts';
import { failureOfConnection, isRetryable, S3Failure, s3Fault } from './s3-failures.ts';
import { type S3PartitionOptions, type S3Settings, s3Settings } from './s3-options.ts';
import { S3PackWriter } from './s3-pack-writer.ts';
import { S3StreamedPackWriter } from './s3-streamed-pack-writer.ts';

export type { S3PartitionOptions } from './s3-options.ts';

const deletesAtOnce = 8;

export class S3Partition implements Partition {
  readonly id: PartitionId;
  readonly #settings: S3Settings;
  readonly #connection: S3Connection;
  readonly #control: S3Control;
  #batchDelete: boolean;

  /** Speaks to nobody yet: a gateway starts while a backend is down. */
  constructor(options: S3PartitionOptions) {
    this.id = options.id;
    this.#settings = s3Settings(options);
    this.#connection = new S3Connection(this.#settings);
    this.#control = new S3Control(this.#settings);
    this.#batchDelete = this.#settings.batchDelete;
  }

  /** Makes the bucket if it is missing and `create`, and claims it: no two partitions share a bucket and prefix by mistake. */
  async ensureBucket(create = true): Promise<void> {
    try {
      if (!(await this.#control.hasBucket())) {
        if (!create) throw new S3Failure(404, 'NoSuchBucket', `bucket ${this.#settings.bucket} does not exist`);
        await this.#control.createBucket();
      }
      const owner = (await this.#readMarker()) ?? (await this.#leaveMarker());
      if (owner !== this.id) {
        const message = `bucket ${this.#settings.bucket} belongs to partition ${JSON.stringify(owner)}, not ${JSON.stringify(this.id)}`;
        throw new Fault({ kind: 'partition-down', partition: this.id, message });
      }
    } catch (error) {
      throw s3Fault(error, this.id);
    }
  }

  async open(pack: PackId, bytesHint?: number): Promise<PackWriter> {
    this.#key(pack); // checks the id
    const tools = {
      connection: this.#connection,
      settings: this.#settings,
      keyOf: (id: PackId) => this.#key(id),
    };
    return bytesHint !== undefined && this.#settings.trailers
      ? new S3StreamedPackWriter(pack, bytesHint, tools)
      : new S3PackWriter(pack, tools);
  }

  async *read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    const key = this.#key(pack);
    signal?.throwIfAborted();
    for (const group of mergeRanges(ranges, this.#settings.gapBytesMax)) {
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

  async remove(packs: readonly PackId[]): Promise<void> {
    const keys = packs.map((pack) => this.#key(pack));
    try {
      if (keys.length > 1 && (await this.#removedTogether(keys))) return;
      for (let at = 0; at < keys.length; at += deletesAtOnce)
        await Promise.all(keys.slice(at, at + deletesAtOnce).map((key) => this.#removeKey(key)));
    } catch (error) {
      throw s3Fault(error, this.id);
    }
  }

  async *list(after?: PackId): AsyncIterable<PackInfo> {
    const prefix = `${this.#settings.prefix}packs/`;
    let behind = after === undefined ? prefix : this.#key(after);
    try {
      for (let more = true; more; ) {
        const page = await this.#control.listPage(prefix, behind);
        for (const { key, bytes, modifiedMs } of page.keys) {
          const pack = packOfFile(key.slice(prefix.length));
          if (pack !== undefined) yield { pack, bytes, modifiedMs };
        }
        behind = page.keys.at(-1)?.key ?? behind;
        more = page.more && page.keys.length > 0;
      }
    } catch (error) {
      throw s3Fault(error, this.id);
    }
  }

  /** A bucket does not say what it holds short of listing it, and what it could hold not at all. */
  async stat(): Promise<PartitionStat> {
    return { usedBytes: Number.NaN, freeBytes: Number.POSITIVE_INFINITY };
  }

  /** One small write, always of the same key. Not repeated: a probe tells how things are. */
  async probe(signal?: AbortSignal): Promise<Probe> {
    const { clock, prefix } = this.#settings;
    const startMs = clock.monotonicMs();
    try {
      await this.#putSmall(`${prefix}probe`, Buffer.from('probe\n'), {}, signal);
      return { ok: true, latencyMs: clock.monotonicMs() - startMs };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, latencyMs: clock.monotonicMs() - startMs, message };
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#connection.close(), this.#control.close()]);
  }

  #key(pack: PackId): string {
    return `${this.#settings.prefix}packs/${packFile(pack)}`;
  }

  /** The group's bytes without a hole; goes on where a broken connection left off. */
  async *#bytesOf(pack: PackId, key: string, group: RangeGroup, signal?: AbortSignal): AsyncIterable<Buffer> {
    const { retries, clock, random } = this.#settings;
    let at = group.start;
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
        if (!isRetryable(failure) || retry >= retries.retriesMax) throw s3Fault(failure, this.id, pack);
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
    const answer = await this.#connection
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
    const headers = await this.#connection.ask({ method: 'HEAD', key, payloadHash: emptySha256, signal });
    return this.#shortOf(pack, group, Number(headers['content-length'] ?? 0));
  }

  #shortOf(pack: PackId, group: RangeGroup, size: number): Fault {
    const wanted = group.parts.find(({ end }) => end > size)?.end ?? group.end;
    return new Fault({ kind: 'pack-short', partition: this.id, pack, wanted, size });
  }

  /** False where the backend does not know DeleteObjects, or not in the SDK's form (older ones insist on Content-MD5). */
  async #removedTogether(keys: readonly string[]): Promise<boolean> {
    if (!this.#batchDelete) return false;
    try {
      await this.#control.removeKeys(keys);
    } catch (error) {
      if (!(error instanceof S3Failure && [400, 405, 501].includes(error.status))) throw error;
      this.#batchDelete = false;
    }
    return this.#batchDelete;
  }

  async #removeKey(key: string): Promise<void> {
    const remove = async (): Promise<void> => {
      await this.#connection.ask({ method: 'DELETE', key, payloadHash: emptySha256 });
    };
    await this.#retried(remove).catch((error: unknown) => {
      if (!(error instanceof S3Failure && error.status === 404 && error.code !== 'NoSuchBucket')) throw error;
    });
  }

  async #putSmall(key: string, body: Buffer, more: Record<string, string>, signal?: AbortSignal): Promise<void> {
    const payloadHash = this.#settings.signPayload ? sha256Hex(body) : unsignedPayload;
    const headers = { 'content-length': String(body.length), ...more };
    await this.#connection.ask({ method: 'PUT', key, headers, body, payloadHash, signal });
  }

  async #readMarker(): Promise<string | undefined> {
    try {
      const key = `${this.#settings.prefix}partition.json`;
      const get = () => this.#connection.send({ method: 'GET', key, payloadHash: emptySha256 });
      const { body } = await this.#retried(get);
      const { partition } = JSON.parse(await body.text()) as { partition?: unknown };
      return String(partition);
    } catch (error) {
      if (error instanceof S3Failure && error.status === 404 && error.code !== 'NoSuchBucket') return undefined;
      throw error instanceof SyntaxError ? new S3Failure(0, 'BadMarker', 'partition.json cannot be read') : error;
    }
  }

  async #leaveMarker(): Promise<string | undefined> {
    const body = Buffer.from(`${JSON.stringify({ format: 1, partition: this.id })}\n`);
    const once = this.#settings.writeOnce === 'condition' ? { 'if-none-match': '*' } : undefined;
    await this.#retried(() => this.#putSmall(`${this.#settings.prefix}partition.json`, body, once ?? {})).catch(
      (error: unknown) => {
        if (!(error instanceof S3Failure && error.status === 412)) throw error; // another was quicker
      },
    );
    return await this.#readMarker();
  }

  #retried<T>(work: () => Promise<T>): Promise<T> {
    const again = (error: unknown) =>
      error instanceof S3Failure && isRetryable(error) && { afterMs: error.retryAfterMs };
    return withRetries(work, again, { ...this.#settings, policy: this.#settings.retries });
  }
}

/** Of the whole pack. */
function sizeOf(headers: Readonly<Record<string, string | string[] | undefined>>, partial: boolean): number {
  const text = partial ? /\/(\d+)$/.exec(String(headers['content-range']))?.[1] : headers['content-length'];
  return text === undefined ? Number.POSITIVE_INFINITY : Number(text);
}
