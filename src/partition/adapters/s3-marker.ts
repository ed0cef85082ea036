// A bucket (or a prefix of one) names its partition, so that no two partitions share it by a slip of the configuration.
import { Fault } from '../../base/fault.ts';
import { emptySha256 } from '../../base/sigv4.ts';
import type { S3Connection } from './s3-connection.ts';
import { failureOfConnection, S3Failure } from './s3-failures.ts';
import type { S3Settings } from './s3-options.ts';

const markerBytesMax = 4096;

/** Finds the marker, or leaves one if `claim`; a partition-down fault where another partition lives. */
export async function claimBucket(connection: S3Connection, settings: S3Settings, claim: boolean): Promise<void> {
  const { id, bucket, prefix } = settings;
  const key = markerKey(prefix);
  const owner =
    (await readMarker(connection, key)) ?? (claim ? await leaveMarker(connection, key, settings) : undefined);
  if (owner === id) return;
  if (owner === undefined)
    throw new Fault({
      kind: 'partition-down',
      partition: id,
      message: `bucket ${bucket} holds no partition: ${key} is missing`,
    });
  const message = `bucket ${bucket} belongs to partition ${JSON.stringify(owner)}, not ${JSON.stringify(id)}`;
  throw new Fault({ kind: 'partition-down', partition: id, message });
}

export const markerKey = (prefix: string): string => `${prefix}partition.json`;

/** Which partition has claimed it. */
export const bucketOwner = (connection: S3Connection, { prefix }: S3Settings): Promise<string | undefined> =>
  readMarker(connection, markerKey(prefix));

async function readMarker(connection: S3Connection, key: string): Promise<string | undefined> {
  const headers = { range: `bytes=0-${markerBytesMax - 1}` };
  let text: string;
  try {
    text = await connection.retried(async () => {
      const { body } = await connection.send({ method: 'GET', key, headers, payloadHash: emptySha256 });
      return await body.text().catch((error: unknown) => {
        throw failureOfConnection(error);
      });
    });
  } catch (error) {
    if (error instanceof S3Failure && error.status === 404 && error.code !== 'NoSuchBucket') return undefined;
    throw error;
  }
  try {
    const { format, partition } = JSON.parse(text) as { format?: unknown; partition?: unknown };
    if (format === 1 && typeof partition === 'string') return partition;
  } catch {
    // said below
  }
  throw new S3Failure(0, 'BadMarker', `${key} is not a marker that this version can read`);
}

async function leaveMarker(connection: S3Connection, key: string, settings: S3Settings): Promise<string | undefined> {
  const body = Buffer.from(`${JSON.stringify({ format: 1, partition: settings.id })}\n`);
  const once: Record<string, string> = settings.writeOnce === 'condition' ? { 'if-none-match': '*' } : {};
  try {
    await connection.retried(() => connection.put(key, body, once));
  } catch (error) {
    if (!(error instanceof S3Failure && error.status === 412)) throw error; // another was quicker
  }
  return await readMarker(connection, key);
}
