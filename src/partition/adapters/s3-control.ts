// The rarer calls to a backend bucket, through the SDK, loaded when first needed: it costs half a second to import.
import type { S3Client } from '@aws-sdk/client-s3';
import { S3Failure } from './s3-failures.ts';
import type { S3Settings } from './s3-options.ts';

type Sdk = typeof import('@aws-sdk/client-s3');

export interface ListedKey {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

const deleteKeysMax = 1000;

export class S3Control {
  readonly #settings: S3Settings;
  #loading: Promise<{ sdk: Sdk; client: S3Client }> | undefined;

  constructor(settings: S3Settings) {
    this.#settings = settings;
  }

  /** One page of keys behind `after`, in order. */
  async listPage(prefix: string, after: string): Promise<{ keys: ListedKey[]; more: boolean }> {
    return await this.#ask(async ({ sdk, client }) => {
      const { bucket } = this.#settings;
      const command = new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, StartAfter: after });
      const { Contents = [], IsTruncated = false } = await client.send(command);
      const keys = Contents.flatMap(({ Key, Size = 0, LastModified }) =>
        Key === undefined ? [] : [{ key: Key, bytes: Size, modifiedMs: LastModified?.getTime() ?? 0 }],
      );
      return { keys, more: IsTruncated };
    });
  }

  /** Missing keys are no error. */
  async removeKeys(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += deleteKeysMax) {
      const Objects = keys.slice(at, at + deleteKeysMax).map((Key) => ({ Key }));
      await this.#ask(async ({ sdk, client }) => {
        const Delete = { Objects, Quiet: true };
        const { Errors = [] } = await client.send(
          new sdk.DeleteObjectsCommand({ Bucket: this.#settings.bucket, Delete }),
        );
        const refused = Errors.find(({ Code }) => Code !== 'NoSuchKey');
        if (refused) throw new S3Failure(500, refused.Code ?? 'DeleteFailed', refused.Message ?? `${refused.Key}`);
      });
    }
  }

  async hasBucket(): Promise<boolean> {
    try {
      await this.#ask(({ sdk, client }) => client.send(new sdk.HeadBucketCommand({ Bucket: this.#settings.bucket })));
      return true;
    } catch (error) {
      if (error instanceof S3Failure && error.status === 404) return false;
      throw error;
    }
  }

  /** One that is ours already is fine. */
  async createBucket(): Promise<void> {
    const { bucket, region } = this.#settings;
    try {
      await this.#ask(({ sdk, client }) => {
        const LocationConstraint = region as import('@aws-sdk/client-s3').BucketLocationConstraint;
        const CreateBucketConfiguration = region === 'us-east-1' ? undefined : { LocationConstraint };
        return client.send(new sdk.CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }));
      });
    } catch (error) {
      if (!(error instanceof S3Failure && error.code === 'BucketAlreadyOwnedByYou')) throw error;
    }
  }

  /** Refused by the backend where it holds anything. */
  async deleteBucket(): Promise<void> {
    await this.#ask(({ sdk, client }) => client.send(new sdk.DeleteBucketCommand({ Bucket: this.#settings.bucket })));
  }

  async close(): Promise<void> {
    const loaded = await this.#loading?.catch(() => undefined);
    loaded?.client.destroy();
  }

  async #ask<T>(call: (tools: { sdk: Sdk; client: S3Client }) => Promise<T>): Promise<T> {
    this.#loading ??= this.#load();
    try {
      return await call(await this.#loading);
    } catch (error) {
      throw failureOfSdk(error);
    }
  }

  async #load(): Promise<{ sdk: Sdk; client: S3Client }> {
    const sdk = await import('@aws-sdk/client-s3');
    const { endpoint, region, accessKey, secretKey, sessionToken, pathStyle, retries, ca } = this.#settings;
    const { connectTimeoutMs, headersTimeoutMs } = this.#settings;
    const client = new sdk.S3Client({
      endpoint,
      region,
      forcePathStyle: pathStyle,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey, ...(sessionToken ? { sessionToken } : {}) },
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 1 + retries.retriesMax,
      requestHandler: {
        connectionTimeout: connectTimeoutMs,
        requestTimeout: headersTimeoutMs,
        throwOnRequestTimeout: true,
        ...(ca === undefined ? {} : { httpsAgent: { ca } }),
      },
    });
    return { sdk, client };
  }
}

function failureOfSdk(error: unknown): S3Failure {
  if (error instanceof S3Failure) return error;
  const { name, message, code, $metadata } = error as NodeJS.ErrnoException & {
    $metadata?: { httpStatusCode?: number };
  };
  return new S3Failure($metadata?.httpStatusCode ?? 0, code ?? name, message, 0, { cause: error });
}
