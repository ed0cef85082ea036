// Asserts that a request is refused with an S3 error, and writes the error down for the coverage table.
import type { S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { noteError } from './recorder.ts';
import { type Code, statuses } from './statuses.ts';

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers: Record<string, string> };
  readonly [field: string]: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: any command of any client
type AnyCommand = any;

/** The error, for more to be asked of it. Answers to HEAD and 304 have no body, so only their status can be compared. */
export async function refuses(client: S3Client, command: AnyCommand, code: Code): Promise<SdkError> {
  const operation = command.constructor.name.replace(/Command$/, '') as string;
  const error = await client.send(command).then(
    () => undefined,
    (thrown: SdkError) => thrown,
  );
  if (!error) throw new Error(`${operation} was accepted instead of being refused with ${code}`);
  if (!error.$metadata?.httpStatusCode) throw error;
  const bodiless = operation.startsWith('Head') || code === 'NotModified';
  const got = { status: error.$metadata.httpStatusCode, code: bodiless ? code : error.name };
  expect(got, `${operation}: ${error.message}`).toEqual({ status: statuses[code], code });
  noteError(operation, code);
  return error;
}
