// A partition bench in a fresh bucket of whatever S3 server it is pointed at.
import { randomBytes } from 'node:crypto';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { S3Partition, type S3PartitionOptions } from '../../src/partition/adapters/s3-partition.ts';
import type { Partition } from '../../src/partition/partition.ts';
import type { PartitionBench } from './partition.contract.ts';

export interface S3Server {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

export async function s3Bench(
  server: S3Server,
  more: Partial<S3PartitionOptions> = {},
  wrap: (partition: Partition) => Partition = (bare) => bare,
): Promise<PartitionBench> {
  const bucket = `contract-${randomBytes(6).toString('hex')}`;
  const prefix = 'a folder/é+~/';
  const make = () =>
    new S3Partition({
      id: 'p1',
      bucket,
      prefix,
      clock: systemClock,
      random: systemRandom,
      ...server,
      ...more,
    });
  const bare = make();
  await bare.ensureBucket();
  await bare.ensureBucket();
  const partition = wrap(bare);
  const other = make();
  const { endpoint, region, accessKey: accessKeyId, secretKey: secretAccessKey } = server;
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  return {
    partition,
    other,
    cut: async (pack, bytes) => {
      const at = { Bucket: bucket, Key: `${prefix}packs/${pack}.pack` };
      const whole = await (await client.send(new GetObjectCommand(at))).Body!.transformToByteArray();
      await client.send(new PutObjectCommand({ ...at, Body: whole.subarray(0, bytes) }));
    },
    dispose: async () => {
      await partition.close();
      await other.close();
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      const Objects = Contents.map(({ Key }) => ({ Key }));
      await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
    },
  };
}
