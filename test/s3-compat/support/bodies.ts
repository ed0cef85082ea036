// Bodies and their digests.
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { GetObjectCommand, type GetObjectCommandInput, type S3Client } from '@aws-sdk/client-s3';
import { main } from './clients.ts';

export const MiB = 1024 * 1024;
/** The least size of a part that is not the last. */
export const partBytes = 5 * MiB;

export const random = (size: number): Buffer => randomBytes(size);
export const md5 = (data: string | Buffer): string => createHash('md5').update(data).digest('hex');
export const etagOf = (data: string | Buffer): string => `"${md5(data)}"`;
export const md5Base64 = (data: string | Buffer): string => createHash('md5').update(data).digest('base64');
export const sha1Base64 = (data: string | Buffer): string => createHash('sha1').update(data).digest('base64');
export const sha256Base64 = (data: string | Buffer): string => createHash('sha256').update(data).digest('base64');

export function crc32Base64(data: string | Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(data));
  return bytes.toString('base64');
}

/** ETag of a multipart object: MD5 of the parts' MD5s, and their number. */
export const multipartEtag = (parts: readonly Buffer[]): string => {
  const digests = parts.map((part) => createHash('md5').update(part).digest());
  return `"${md5(Buffer.concat(digests))}-${parts.length}"`;
};

export async function bytesOf(input: GetObjectCommandInput, client: S3Client = main): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand(input));
  return Buffer.from(await Body!.transformToByteArray());
}

export const textOf = async (input: GetObjectCommandInput, client: S3Client = main): Promise<string> =>
  (await bytesOf(input, client)).toString();
