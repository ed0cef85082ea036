// What holds for every operation: a missing bucket is said to be missing, and whatever is not built is refused by name instead of being
// ignored. Who may ask at all: authorization-matrix.test.ts.
import * as sdk from '@aws-sdk/client-s3';
import { NormalizedSchema } from '@smithy/core/schema';
import { beforeAll, describe, expect, test } from 'vitest';
import { newBucket, newName, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { declaredOperations } from './support/coverage.ts';
import { refuses } from './support/refuses.ts';
import { type Fixture, sampleCommand, sampleNames } from './support/samples.ts';

const operations = await declaredOperations();
const ownerless = ['CreateBucket', 'ListBuckets'];
let fixture: Fixture;

beforeAll(async () => {
  const bucket = await newBucket();
  await put(bucket, 'mine');
  const { UploadId } = await main.send(new sdk.CreateMultipartUploadCommand({ Bucket: bucket, Key: 'mine' }));
  fixture = { bucket, key: 'mine', uploadId: UploadId! };
});

test('there is a sample of every operation that is built', () => {
  expect([...sampleNames, ...ownerless].sort()).toEqual(operations.map(({ name }) => name).sort());
});

describe.each(sampleNames)('%s', (name) => {
  test('says that the bucket is missing', async () => {
    await refuses(main, sampleCommand(name, { ...fixture, bucket: newName() }), 'NoSuchBucket');
  });

  test("is denied when the bucket is not the expected owner's", async () => {
    const wrong = { ExpectedBucketOwner: 'f'.repeat(64) };
    await refuses(main, sampleCommand(name, fixture, wrong), 'AccessDenied');
  });
});

interface MemberCase {
  readonly operation: string;
  readonly member: string;
  readonly values: readonly unknown[];
}

/** Some value of the member's type that is not among those allowed. */
function otherValues(operation: string, member: string, allowed: readonly string[] = []): readonly unknown[] {
  const command = (sdk as unknown as Record<string, new (input: object) => { schema: readonly unknown[] }>)[
    `${operation}Command`
  ]!;
  const [, , , , input] = new command({}).schema;
  const found = [...NormalizedSchema.of(input as never).structIterator()].find(([name]) => name === member);
  const schema = found![1];
  if (schema.isTimestampSchema()) return [new Date('2030-01-01T00:00:00Z')];
  if (schema.isNumericSchema()) return [7];
  if (schema.isBooleanSchema()) return [true, false].filter((value) => !allowed.includes(String(value)));
  if (schema.isListSchema()) return [['Unheard']];
  return [
    member.includes('MD5') || member.includes('Checksum') || member.includes('Key')
      ? 'bm90aGluZyBvZiB0aGUga2luZA=='
      : 'unheard',
  ];
}

const refused = operations.flatMap(({ name, refused: members, accepts }): MemberCase[] => [
  ...members.map((member) => ({ operation: name, member, values: otherValues(name, member) })),
  ...Object.entries(accepts).map(([member, allowed]) => ({
    operation: name,
    member,
    values: otherValues(name, member, allowed),
  })),
]);

test.each(refused.filter(({ operation }) => !ownerless.includes(operation)))(
  '$operation refuses $member by name',
  async ({ operation, member, values }) => {
    for (const value of values) {
      const error = await refuses(main, sampleCommand(operation, fixture, { [member]: value }), 'NotImplemented');
      if (operation.startsWith('Head')) continue; // an answer without a body names nothing
      expect(JSON.stringify({ ...error, message: error.message })).toMatch(
        new RegExp(headerOf(operation, member), 'i'),
      );
    }
  },
);

function headerOf(operation: string, member: string): string {
  const command = (sdk as unknown as Record<string, new (input: object) => { schema: readonly unknown[] }>)[
    `${operation}Command`
  ]!;
  const [, , , , input] = new command({}).schema;
  const found = [...NormalizedSchema.of(input as never).structIterator()].find(([name]) => name === member);
  const header = (found![1].getMergedTraits() as { httpHeader?: string }).httpHeader;
  return `${header ?? member}|${member}`;
}
