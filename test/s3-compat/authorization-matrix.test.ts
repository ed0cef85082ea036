// Every operation that is built × everybody who may ask × everything that may be granted, each cell judged by one table. A denied request
// gets the right code and changes nothing; an allowed one comes past the door.
import * as sdk from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { everyone, policy, signedIn, toAlt, toGroup, toMain } from './support/acls.ts';
import { type AskerName, askerNames, askers, falseAskers } from './support/askers.ts';
import { newBucket, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { declaredOperations } from './support/coverage.ts';
import { type Granted, grantable, mayDo, needs } from './support/permissions.ts';
import { noteAccess } from './support/recorder.ts';
import { type Fixture, sampleCommand, sampleNames } from './support/samples.ts';

interface Grantee {
  readonly name: string;
  readonly element: object;
  /** Whom it makes welcome. */
  readonly names: (asker: AskerName) => boolean;
  /** Who comes to see. */
  readonly asked: readonly AskerName[];
}

const grantees: readonly Grantee[] = [
  { name: 'the other user', element: toAlt, names: (asker) => asker === 'other user', asked: ['other user', 'anonymous'] },
  { name: 'AllUsers', element: toGroup(everyone), names: () => true, asked: ['other user', 'anonymous'] },
  { name: 'AuthenticatedUsers', element: toGroup(signedIn), names: (asker) => asker === 'other user', asked: ['other user', 'anonymous'] },
]; // biome-ignore format: a table

interface World {
  readonly name: string;
  readonly asked: readonly AskerName[];
  readonly grantee?: Grantee;
  readonly granted?: Granted;
}

const places: readonly Granted['on'][] = [['bucket'], ['object']];
const worlds: readonly World[] = [
  { name: 'nothing granted', asked: askerNames },
  ...grantees.flatMap((grantee) => [
    ...places.flatMap((on) =>
      grantable.map((permission) => ({
        name: `${permission} on the ${on[0]} granted to ${grantee.name}`,
        asked: grantee.asked,
        grantee,
        granted: { on, permission },
      })),
    ),
    {
      name: `FULL_CONTROL on both granted to ${grantee.name}`,
      asked: grantee.asked,
      grantee,
      granted: { on: ['bucket', 'object'], permission: 'FULL_CONTROL' },
    } satisfies World,
  ]),
];

/** What an allowed request may do without spoiling the world for the next one. */
function harmless(operation: string, { granted, grantee }: World): object {
  const listed = (on: 'bucket' | 'object') =>
    granted?.on.includes(on)
      ? policy([toMain, 'FULL_CONTROL'], [grantee!.element, granted.permission])
      : policy([toMain, 'FULL_CONTROL']);
  switch (operation) {
    case 'AbortMultipartUpload':
      return { UploadId: 'never-opened' };
    case 'CopyObject':
    case 'PutObject':
      return { Key: 'written' };
    case 'CreateMultipartUpload':
      return { Key: 'begun' };
    case 'DeleteObject':
      return { IfMatch: '"00000000000000000000000000000000"' };
    case 'DeleteObjects':
      return { Delete: { Objects: [{ Key: 'mine', ETag: '"00000000000000000000000000000000"' }] } };
    case 'PutBucketAcl':
      return { ACL: undefined, AccessControlPolicy: listed('bucket') };
    case 'PutObjectAcl':
      return { ACL: undefined, AccessControlPolicy: listed('object') };
    case 'PutBucketVersioning':
      return { VersioningConfiguration: { Status: 'Suspended' } };
    default:
      return {};
  }
}

function commandOf(operation: string, fixture: Fixture, world: World): object {
  if (operation === 'ListBuckets') return new sdk.ListBucketsCommand({});
  if (operation === 'CreateBucket') return new sdk.CreateBucketCommand({ Bucket: fixture.bucket });
  return sampleCommand(operation, fixture, harmless(operation, world));
}

const names = [...sampleNames, 'CreateBucket', 'ListBuckets'].sort();
/** Errors that only somebody gets who came past the door. */
const behindTheDoor = [
  'BucketAlreadyExists', 'BucketAlreadyOwnedByYou', 'BucketNotEmpty', 'InvalidPart', 'NoSuchTagSet', 'NoSuchUpload', 'PreconditionFailed',
]; // biome-ignore format: a list

async function makeWorld({ granted, grantee }: World): Promise<Fixture> {
  const bucket = await newBucket();
  await put(bucket, 'mine');
  const { UploadId } = await main.send(new sdk.CreateMultipartUploadCommand({ Bucket: bucket, Key: 'mine' }));
  const list = granted && policy([toMain, 'FULL_CONTROL'], [grantee!.element, granted.permission]);
  if (granted?.on.includes('bucket'))
    await main.send(new sdk.PutBucketAclCommand({ Bucket: bucket, AccessControlPolicy: list }));
  if (granted?.on.includes('object')) {
    await main.send(new sdk.PutObjectAclCommand({ Bucket: bucket, Key: 'mine', AccessControlPolicy: list }));
  }
  return { bucket, key: 'mine', uploadId: UploadId! };
}

/** Everything that a request could have changed. */
async function stateOf({ bucket, key, uploadId }: Fixture): Promise<string> {
  const object = { Bucket: bucket, Key: key };
  const asked = [
    new sdk.ListObjectVersionsCommand({ Bucket: bucket }),
    new sdk.ListMultipartUploadsCommand({ Bucket: bucket }),
    new sdk.ListPartsCommand({ ...object, UploadId: uploadId }),
    new sdk.GetBucketAclCommand({ Bucket: bucket }),
    new sdk.GetObjectAclCommand(object),
    new sdk.GetObjectTaggingCommand(object),
    new sdk.GetBucketVersioningCommand({ Bucket: bucket }),
    new sdk.GetBucketTaggingCommand({ Bucket: bucket }),
  ];
  const answers = await Promise.all(
    asked.map((command) =>
      main.send(command as sdk.ListPartsCommand).then(
        ({ $metadata, ...rest }) => rest,
        (error: Error) => error.name,
      ),
    ),
  );
  return JSON.stringify(answers);
}

interface Outcome {
  readonly status: number;
  readonly code: string;
}

async function outcomeOf(asker: AskerName, command: object): Promise<Outcome> {
  try {
    const done = await askers[asker].send(command as sdk.GetObjectCommand);
    await done.Body?.transformToByteArray();
    return { status: 200, code: '' };
  } catch (thrown) {
    const error = thrown as Error & { $metadata?: { httpStatusCode?: number } };
    if (!error.$metadata?.httpStatusCode) throw error;
    return { status: error.$metadata.httpStatusCode, code: error.name };
  }
}

/** undefined: allowed. */
function refusalOf(operation: string, asker: AskerName, { granted, grantee }: World): Outcome | undefined {
  const wrong = falseAskers[asker];
  if (wrong) return { status: wrong[0], code: wrong[1] };
  const who = asker.startsWith('owner') ? 'owner' : asker === 'anonymous' ? 'nobody' : 'user';
  const isNamed = grantee?.names(asker) === true;
  return mayDo(operation, who, isNamed ? granted : undefined) ? undefined : { status: 403, code: 'AccessDenied' };
}

let built: string[];
beforeAll(async () => {
  built = (await declaredOperations()).map(({ name }) => name).sort();
});

test('every operation that is built has a row and is asked', () => {
  expect(Object.keys(needs).sort()).toEqual(built);
  expect(names).toEqual(built);
  // The floor: nobody may make this matrix smaller unseen.
  const cells = worlds.reduce((sum, { asked }) => sum + asked.length, 0) * built.length;
  expect(cells).toBeGreaterThanOrEqual(34 * 77);
});

describe('nobody gets more than was granted, nor less', () => {
  test.concurrent.each(worlds)('$name', { timeout: 180_000 }, async (world) => {
    const fixture = await makeWorld(world);
    const before = await stateOf(fixture);
    const cells = world.asked.flatMap((asker) => names.map((operation) => ({ asker, operation })));
    const judged = cells.map((cell) => ({ ...cell, refusal: refusalOf(cell.operation, cell.asker, world) }));
    const wrong: string[] = [];
    const ask = async ({ asker, operation, refusal }: (typeof judged)[number]): Promise<void> => {
      const { status, code } = await outcomeOf(asker, commandOf(operation, fixture, world));
      const isHead = operation.startsWith('Head');
      const fits = refusal
        ? status === refusal.status && (isHead || code === refusal.code)
        : status < 400 || behindTheDoor.includes(code);
      if (refusal && asker === 'other user') noteAccess(operation, 'alt');
      if (refusal && asker === 'anonymous') noteAccess(operation, 'anonymous');
      if (!fits) wrong.push(`${operation} by ${asker}: ${status} ${code} instead of ${refusal?.code ?? 'being done'}`);
    };
    await Promise.all(judged.filter(({ refusal }) => refusal).map(ask));
    expect(wrong).toEqual([]);
    expect(await stateOf(fixture), 'a refused request changed something').toBe(before);
    for (const cell of judged) if (!cell.refusal) await ask(cell);
    expect(wrong).toEqual([]);
  });
});
