// SDK clients of the two users and of nobody, which write down what they send.
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { noteMembers } from './recorder.ts';
import { type Credentials, endpoint, region, target } from './target.ts';

export function clientFor(user: Credentials | undefined, options: S3ClientConfig = {}): S3Client {
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    maxAttempts: 1,
    ...(user
      ? { credentials: { accessKeyId: user.accessKey, secretAccessKey: user.secretKey } }
      : { signer: { sign: async (request) => request }, credentials: { accessKeyId: '-', secretAccessKey: '-' } }),
    ...options,
  });
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const sent = Object.entries(args.input as object).filter(([, value]) => value !== undefined);
      noteMembers(
        String(context.commandName).replace(/Command$/, ''),
        sent.map(([name]) => name),
      );
      return next(args);
    },
    { step: 'initialize', name: 'note' },
  );
  return client;
}

export const main = clientFor(target.main);
export const alt = clientFor(target.alt);
export const anonymous = clientFor(undefined);
