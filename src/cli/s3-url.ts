// `s3://bucket/key` as people type it.
import { CommandError, exitCodes } from './exit-codes.ts';

export interface S3Url {
  readonly bucket: string;
  readonly key: string;
}

export function parseS3Url(text: string): S3Url {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(text);
  if (match === null) {
    throw new CommandError(`"${text}" is no S3 address`, { exitCode: exitCodes.usage, next: 'Write s3://bucket/key.' });
  }
  return { bucket: match[1]!, key: match[2] ?? '' };
}

/** Of an object: a bucket alone is a mistake. */
export function parseObjectUrl(text: string): S3Url {
  const url = parseS3Url(text);
  if (url.key !== '') return url;
  throw new CommandError(`${text} names no object`, { exitCode: exitCodes.usage, next: 'Write s3://bucket/key.' });
}
