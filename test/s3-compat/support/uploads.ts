// Multipart uploads in few words.
import {
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  UploadPartCommand,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3';
import { main } from './clients.ts';

export async function startUpload(
  Bucket: string,
  Key: string,
  more: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<string> {
  const { UploadId } = await main.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return UploadId!;
}

export const sendPart = (
  where: { Bucket: string; Key: string; UploadId: string },
  PartNumber: number,
  Body: Buffer | string,
  more: Partial<UploadPartCommandInput> = {},
) => main.send(new UploadPartCommand({ ...where, PartNumber, Body, ...more }));

export const complete = (
  where: { Bucket: string; Key: string; UploadId: string },
  Parts: NonNullable<CompleteMultipartUploadCommandInput['MultipartUpload']>['Parts'],
  more: Partial<CompleteMultipartUploadCommandInput> = {},
) => main.send(new CompleteMultipartUploadCommand({ ...where, MultipartUpload: { Parts }, ...more }));

/** A whole multipart object of these parts. */
export async function uploadWhole(
  Bucket: string,
  Key: string,
  parts: readonly (Buffer | string)[],
  more: Partial<CreateMultipartUploadCommandInput> = {},
) {
  const where = { Bucket, Key, UploadId: await startUpload(Bucket, Key, more) };
  const Parts = [];
  for (const [at, part] of parts.entries()) {
    const sent = await sendPart(
      where,
      at + 1,
      part,
      more.ChecksumAlgorithm ? { ChecksumAlgorithm: more.ChecksumAlgorithm } : {},
    );
    Parts.push({
      PartNumber: at + 1,
      ETag: sent.ETag,
      ChecksumCRC32: sent.ChecksumCRC32,
      ChecksumCRC32C: sent.ChecksumCRC32C,
      ChecksumCRC64NVME: sent.ChecksumCRC64NVME,
      ChecksumSHA1: sent.ChecksumSHA1,
      ChecksumSHA256: sent.ChecksumSHA256,
    });
  }
  return complete(where, Parts, more.ChecksumType ? { ChecksumType: more.ChecksumType } : {});
}
