// The SDK's client towards our own endpoint, for `put` and `get`.
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { CommandError, exitCodes } from './exit-codes.ts';
import { s3Access, type WhereOptions } from './server-access.ts';

export function openClient(options: WhereOptions): S3Client {
  // The version is pinned to one that runs on every Node we support; its announcement is for those who upgrade it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { endpoint, region, accessKey, secretKey } = s3Access(options);
  return new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  });
}

/** An error of the SDK as one sentence and what to do. */
export function clientError(error: unknown, what: string): Error {
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? 0;
    const next =
      error.name === 'NoSuchBucket'
        ? 'Make it with: echogate bucket create NAME   (echogate bucket list shows all)'
        : undefined;
    return new CommandError(`${what}: ${error.name}: ${error.message || `status ${status}`}`, {
      exitCode: status === 503 ? exitCodes.temporary : exitCodes.failed,
      cause: error,
      ...(next === undefined ? {} : { next }),
    });
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') {
    return new CommandError(`${what}: the server does not answer (${code})`, {
      exitCode: exitCodes.unreachable,
      next: 'Is it running? Start it with: echogate up',
    });
  }
  return error as Error;
}
