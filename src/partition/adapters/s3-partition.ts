// A partition in a bucket of any S3 backend: one object per pack under <prefix>packs/. One batch is one pack is one PUT.
import { reached } from '../../base/crash-points.ts';
import type { ByteRange } from '../../base/range.ts';
import { emptySha256 } from '../../base/sigv4.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import { packFile, packOfFile } from '../pack-name.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../partition.ts';
import { S3Connection } from './s3-connection.ts';
import { S3Control } from './s3-control.ts';
import { S3Failure, s3Fault } from './s3-failures.ts';
import { bucketOwner, claimBucket, markerKey } from './s3-marker.ts';
import { type S3PartitionOptions, type S3Settings, s3Settings } from './s3-options.ts';
import { S3PackReader } from './s3-pack-reader.ts';
import type { S3PackTools } from './s3-pack-tools.ts';
import { S3PackWriter } from './s3-pack-writer.ts';
import { S3StreamedPackWriter } from './s3-streamed-pack-writer.ts';

export type { S3PartitionOptions } from './s3-options.ts';

const deletesAtOnce = 8;

export class S3Partition implements Partition {
  readonly id: PartitionId;
  readonly #settings: S3Settings;
  readonly #connection: S3Connection;
  readonly #control: S3Control;
  readonly #tools: S3PackTools;
  readonly #reader: S3PackReader;
  #batchDelete: boolean;

  /** Speaks to nobody yet: a gateway starts while a backend is down. */
  constructor(options: S3PartitionOptions) {
    this.id = options.id;
    this.#settings = s3Settings(options);
    this.#connection = new S3Connection(this.#settings);
    this.#control = new S3Control(this.#settings);
    this.#tools = { connection: this.#connection, settings: this.#settings, keyOf: (pack) => this.#key(pack) };
    this.#reader = new S3PackReader(this.#tools);
    this.#batchDelete = this.#settings.batchDelete;
  }

  /**
   * Makes the bucket if it is missing and `create`, and claims it: no two partitions share a bucket and prefix by mistake. Without `claim` it must
   * have been claimed before.
   */
  async ensureBucket(create = true, claim = true): Promise<void> {
    try {
      if (!(await this.#control.hasBucket())) {
        if (!create) throw new S3Failure(404, 'NoSuchBucket', `bucket ${this.#settings.bucket} does not exist`);
        await this.#control.createBucket();
      }
      await claimBucket(this.#connection, this.#settings, claim);
    } catch (error) {
      throw s3Fault(error, this.id);
    }
  }

  /** Does a bucket of this name hold this partition? */
  async isClaimed(): Promise<boolean> {
    return (await this.#control.hasBucket()) && (await bucketOwner(this.#connection, this.#settings)) === this.id;
  }

  /** Removes a bucket in which nothing is left of the partition but its marker. Undefined: it is gone; else what is in the way. */
  async removeBucket(): Promise<string | undefined> {
    const { bucket, prefix } = this.#settings;
    try {
      if (!(await this.#control.hasBucket())) return undefined;
      const owner = await bucketOwner(this.#connection, this.#settings);
      if (owner !== undefined && owner !== this.id) return `bucket ${bucket} belongs to partition ${owner}`;
      const own = [`${prefix}probe`, markerKey(prefix)];
      const { keys } = await this.#control.listPage('', '');
      const [other] = keys.filter(({ key }) => !own.includes(key));
      if (other !== undefined) return `bucket ${bucket} is not empty: it holds ${other.key}`;
      for (const key of own) await this.#removeKey(key);
      reached('bucket: marker removed');
      await this.#control.deleteBucket();
      return undefined;
    } catch (error) {
      throw s3Fault(error, this.id);
    }
  }

  async open(pack: PackId, bytesHint?: number): Promise<PackWriter> {
    this.#key(pack); // checks the id
    return bytesHint !== undefined && this.#settings.trailers
      ? new S3StreamedPackWriter(pack, bytesHint, this.#tools)
      : new S3PackWriter(pack, this.#tools);
  }

  read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    return this.#reader.read(pack, ranges, signal);
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
      await this.#connection.put(`${prefix}probe`, Buffer.from('probe\n'), {}, signal);
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
    await this.#connection.retried(remove).catch((error: unknown) => {
      if (!(error instanceof S3Failure && error.status === 404 && error.code !== 'NoSuchBucket')) throw error;
    });
  }
}
