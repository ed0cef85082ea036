// The SDK against ourselves, for every operation: what it writes we read, what we write it reads.
import { Readable } from 'node:stream';
import * as sdk from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileHeadBinder } from '../../../../src/gateway/protocol/bind.ts';
import { compileMatcher } from '../../../../src/gateway/protocol/match.ts';
import { type Member, type OperationModel, readModel } from '../../../../src/gateway/protocol/model.ts';
import { compilePayload } from '../../../../src/gateway/protocol/payload.ts';
import { compileOutputWriter } from '../../../../src/gateway/protocol/write-output.ts';
import { asRequest, capture, minimalInput } from './sdk-requests.ts';
import { message } from './values.ts';

const models = readModel();
const match = compileMatcher(models.values());
const runs = { numRuns: 4 };

/** Members that the SDK rewrites or that its own checks want in a form of their own. */
const rewritten = new Set([
  'ContentLength',
  'ContentMD5',
  'ChecksumAlgorithm',
  'ChecksumMode',
  'SSECustomerKey',
  'SSECustomerKeyMD5',
  'CopySourceSSECustomerKey',
  'CopySourceSSECustomerKeyMD5',
  'Bucket',
  'Key',
  'RequestRoute', // part of the host name
]);
const isPlain = ({ name, shape }: Member): boolean => !rewritten.has(name) && shape.kind !== 'blob';

async function bindAsSent(model: OperationModel, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const captured = await capture(model.name, input);
  const request = asRequest(captured, model.scope);
  expect(match(request).name).toBe(model.name);
  const bound = compileHeadBinder(model)(request);
  const payload = compilePayload(model);
  if (payload.kind === 'whole') await payload.bind(captured.body, bound);
  return bound;
}

describe('inputs that the SDK writes are read', () => {
  // On the wire ListDirectoryBuckets is ListBuckets.
  const names = [...models.keys()].filter((name) => name !== 'ListDirectoryBuckets');
  it.each(names)('%s', async (name) => {
    const model = models.get(name)!;
    const members = model.input.members.filter(isPlain);
    await fc.assert(
      fc.asyncProperty(message(members), async (input) => {
        expect(await bindAsSent(model, { ...minimalInput(model), ...input })).toMatchObject(input);
      }),
      runs,
    );
  });
});

const reader = (answer: { status: number; headers: Record<string, string>; body: unknown }) =>
  new sdk.S3Client({
    region: 'us-east-1',
    endpoint: 'http://s3.test',
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      handle: async () => ({
        response: {
          statusCode: answer.status,
          headers: answer.headers,
          body: Readable.from(answer.body === undefined ? [] : [Buffer.from(answer.body as string)]),
        },
      }),
    } as never,
  });

describe('outputs that we write are read by the SDK', () => {
  // Event streams are not XML; Expires is read twice under two names.
  const names = [...models.keys()].filter((name) => name !== 'SelectObjectContent');
  it.each(names)('%s', async (name) => {
    const model = models.get(name)!;
    const write = compileOutputWriter(model);
    const members = model.output.members.filter((member) => isPlain(member) && member.name !== 'Expires');
    const Command = (sdk as unknown as Record<string, new (input: unknown) => never>)[`${name}Command`]!;
    await fc.assert(
      fc.asyncProperty(message(members), async (output) => {
        const read = await reader(write(output, undefined) as never).send(new Command(minimalInput(model)));
        expect(read).toMatchObject(output);
      }),
      runs,
    );
  });
});
