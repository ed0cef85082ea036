// What the admin API asks of a worker: buckets, and where an object lies.
import { isFault } from '../base/fault.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys, prefixEnd, tag, textOf } from '../catalog/keys.ts';
import { decodeBucket } from '../catalog/records/bucket.ts';
import { isValidBucketName } from '../gateway/bucket-name.ts';
import { privateAcl } from '../model/acl.ts';
import type { UserDirectory } from '../model/identity.ts';
import type { Objects } from '../objects/objects.ts';
import type { SeatMap } from '../objects/seats.ts';
import { takeCensus } from '../upkeep/census.ts';
import type { DeclaredTools } from './declared-calls.ts';
import { describeObject } from './describe-object.ts';
import type { EchoTools } from './echo-calls.ts';
import { mapObject } from './map-object.ts';
import { Refusal } from './refusal.ts';
import type { ReplaceableUsers } from './user-directory.ts';

export interface CallTools extends DeclaredTools, EchoTools {
  readonly catalog: Catalog;
  readonly partitions: SeatMap;
  readonly objects: Objects;
  readonly users: ReplaceableUsers;
  readonly region: string;
}

type Params = Readonly<Record<string, unknown>>;

const bucketsMax = 10_000;

export async function answerCall(tools: CallTools, method: string, params: Params): Promise<unknown> {
  switch (method) {
    case 'buckets.list':
      return { buckets: await listBuckets(tools) };
    case 'buckets.create':
      return await createBucket(tools, params);
    case 'buckets.remove':
      return await removeBucket(tools, params);
    case 'info':
      return await describeObject(tools, {
        bucket: textParam(params, 'bucket'),
        key: textParam(params, 'key'),
        versionId: typeof params.versionId === 'string' ? params.versionId : undefined,
      });
    case 'blocks.map':
      return await mapObject(tools, { bucket: textParam(params, 'bucket'), key: textParam(params, 'key') });
    case 'census':
      return await census(tools);
    case 'jobs.list':
    case 'jobs.add':
    case 'jobs.remove':
    case 'hints.list':
    case 'hints.add':
    case 'hints.remove':
    case 'calendars.list':
    case 'calendars.add':
    case 'calendars.remove':
      // What it stands on is much, and seldom wanted in a worker.
      return await (await import('./declared-calls.ts')).answerDeclared(tools, method, params);
    case 'echoes.list':
    case 'echoes.pin':
    case 'echoes.drop':
    case 'echoes.explain':
      return await (await import('./echo-calls.ts')).answerEchoes(tools, method, params);
    default:
      throw new Refusal('not-found', `there is no call ${method}`);
  }
}

async function census({ catalog, partitions }: CallTools) {
  const counted = await takeCensus(catalog, partitions);
  return { ...counted, partitions: Object.fromEntries(counted.partitions) };
}

function textParam(params: Params, name: string): string {
  const value = params[name];
  if (typeof value !== 'string' || value === '') throw new Refusal('bad-request', `${name} is required`);
  return value;
}

async function listBuckets({ catalog, users }: CallTools) {
  const from = keys.first(tag.bucket);
  const rows = await catalog.range(from, prefixEnd(from), { limit: bucketsMax });
  return rows.map((row) => {
    const bucket = decodeBucket(row.value);
    return {
      name: textOf(row.key, 0),
      owner: ownerName(users, bucket.acl.owner),
      created: new Date(bucket.createdMs).toISOString(),
      versioning: bucket.versioning,
    };
  });
}

const ownerName = (users: UserDirectory, id: string): string => users.byCanonicalId(id)?.name ?? id;

async function createBucket({ objects, users, region }: CallTools, params: Params) {
  const name = textParam(params, 'name');
  if (!isValidBucketName(name)) {
    throw new Refusal(
      'bad-request',
      `"${name}" is no bucket name: 3–63 of a–z, 0–9, - and ., beginning and ending with a letter or digit`,
    );
  }
  const ownerName = typeof params.owner === 'string' ? params.owner : undefined;
  const owner = ownerName === undefined ? users.first() : users.byName(ownerName);
  if (owner === undefined) throw new Refusal('not-found', `there is no user ${ownerName ?? 'at all'}`);
  try {
    await objects.createBucket({ name, acl: privateAcl(owner.canonicalId), region });
  } catch (error) {
    if (isFault(error, 'bucket-exists') || isFault(error, 'bucket-owned')) {
      throw new Refusal('conflict', `bucket ${name} exists already`);
    }
    throw error;
  }
  return { name, owner: owner.name };
}

async function removeBucket({ objects }: CallTools, params: Params) {
  const name = textParam(params, 'bucket');
  try {
    await objects.deleteBucket(name);
  } catch (error) {
    if (isFault(error, 'bucket-missing')) throw new Refusal('not-found', `there is no bucket ${name}`);
    if (isFault(error, 'bucket-not-empty')) throw new Refusal('conflict', `bucket ${name} is not empty`);
    throw error;
  }
  return { removed: name };
}
