// DeleteObjects: up to 1,000 deletes in one request, each with its own outcome.
import { type _Error, type DeletedObject, DeleteObjectsCommand, type ObjectIdentifier } from '@aws-sdk/client-s3';
import { caps } from '../../base/caps.ts';
import type { Bucket } from '../../model/bucket.ts';
import { authorise } from '../access.ts';
import { checkKeyLength } from '../address.ts';
import { deleteConditions } from '../conditions-input.ts';
import { isS3Error, s3Error } from '../errors.ts';
import { asS3Error } from '../from-fault.ts';
import { type Context, operation } from '../operation.ts';
import { onBucket, versionIdOf } from '../targets.ts';
import { vacuousBypass, vacuousPayer } from '../unbuilt-members.ts';
import { callerId } from '../who.ts';

/** Keys deleted at once: enough to share flushes, few enough not to crowd out others. */
const atOnce = 16;

type Outcome = { deleted: DeletedObject } | { error: _Error };

export default operation({
  command: DeleteObjectsCommand,
  actions: onBucket('s3:DeleteObject'),
  accepts: { ...vacuousPayer, ...vacuousBypass },
  refused: ['MFA'],
  xmlBytesMax: caps.xmlDeleteBytesMax,
  errors: ['NoSuchBucket', 'MalformedXML', 'MissingRequestBodyError', 'InvalidRequest', 'BadDigest', 'NotImplemented'],
  async handle(input, context) {
    checkDigestDeclared(context);
    const entries = input.Delete.Objects ?? [];
    if (entries.length === 0 || entries.length > caps.deleteKeysMax) throw s3Error('MalformedXML');
    const bucket = await context.objects.bucket(input.Bucket);
    const versionsDenied =
      entries.some(({ VersionId }) => VersionId !== undefined) && (await deniesVersions(bucket, context));
    const outcomes = await runAll(entries, (entry) => {
      if (versionsDenied && entry.VersionId !== undefined) return refusal(entry, s3Error('AccessDenied'), context);
      return removeOne(bucket, entry, context);
    });
    return {
      output: {
        Deleted: input.Delete.Quiet
          ? undefined
          : outcomes.flatMap((outcome) => ('deleted' in outcome ? [outcome.deleted] : [])),
        Errors: outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : [])),
      },
    };
  },
});

/** A truncated list must not look like a shorter one. */
function checkDigestDeclared({ request }: Context): void {
  const names = Object.keys(request.headers);
  const declared = names.some(
    (name) => name === 'content-md5' || name === 'x-amz-trailer' || name.startsWith('x-amz-checksum-'),
  );
  if (!declared) {
    throw s3Error('InvalidRequest', {
      message: 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    });
  }
}

/** Permission to write a bucket hides objects; only its owner may remove versions for good. */
async function deniesVersions({ name }: Bucket, context: Context): Promise<boolean> {
  try {
    await authorise(context.identity, [{ action: 's3:DeleteObjectVersion', bucket: name }], context);
    return false;
  } catch (error) {
    if (isS3Error(error, 'AccessDenied')) return true;
    throw error;
  }
}

/** Entries of one key run in their order, keys side by side. */
async function runAll(
  entries: readonly ObjectIdentifier[],
  run: (entry: ObjectIdentifier) => Outcome | Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes = new Array<Outcome>(entries.length);
  const byKey = new Map<string, number[]>();
  entries.forEach(({ Key = '' }, at) => {
    const line = byKey.get(Key);
    if (line) line.push(at);
    else byKey.set(Key, [at]);
  });
  const lines = byKey.values();
  const work = async () => {
    for (const line of lines) {
      for (const at of line) outcomes[at] = await run(entries[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, byKey.size) }, work));
  return outcomes;
}

function checkKey(key: string): void {
  if (key === '')
    throw s3Error('InvalidArgument', { message: 'A key must not be empty', extra: { ArgumentName: 'Key' } });
  checkKeyLength(key);
}

async function removeOne(bucket: Bucket, entry: ObjectIdentifier, context: Context): Promise<Outcome> {
  const { objects, identity } = context;
  const { Key = '', VersionId } = entry;
  try {
    checkKey(Key);
    const { versionId, deleteMarker } = await objects.remove(bucket, Key, {
      versionId: versionIdOf(entry),
      conditions: deleteConditions({
        IfMatch: entry.ETag,
        IfMatchSize: entry.Size,
        IfMatchLastModifiedTime: entry.LastModifiedTime,
      }),
      owner: callerId(identity),
    });
    const marker = deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: versionId } : {};
    return { deleted: { Key, VersionId, ...marker } };
  } catch (error) {
    return refusal(entry, error, context);
  }
}

function refusal({ Key, VersionId }: ObjectIdentifier, error: unknown, { profile }: Context): Outcome {
  const { code, message } = asS3Error(error, { profile });
  return { error: { Key, VersionId, Code: code, Message: message } };
}
