// May this caller do this? Answered before any answer depends on what exists: only the bucket and, for what is done to an object, that
// object's ACL are read. What no rule or grant allows is denied.

import { type Asker, allows, type Permission } from '../model/acl.ts';
import type { Bucket } from '../model/bucket.ts';
import type { Identity } from '../model/identity.ts';
import type { Version } from '../model/object.ts';
import { s3Error } from './errors.ts';
import type { Context, Granted, RequiredAction } from './operation.ts';
import { anonymousId } from './who.ts';

/** Where an action's permission stands. `owner`: no ACL can grant it. */
type Rule =
  | { readonly on: 'service'; readonly anonymous: 'denied' | 'as-rgw' }
  | { readonly on: 'bucket' | 'object'; readonly permission: Permission | 'owner' };

const onBucket = (permission: Permission): Rule => ({ on: 'bucket', permission });
const onObject = (permission: Permission | 'owner'): Rule => ({ on: 'object', permission });

const rules: Readonly<Record<string, Rule>> = {
  // s3-tests want an empty list for anonymous callers, AWS refuses them.
  's3:ListAllMyBuckets': { on: 'service', anonymous: 'as-rgw' },
  's3:CreateBucket': { on: 'service', anonymous: 'denied' },

  's3:ListBucket': onBucket('READ'),
  's3:ListBucketVersions': onBucket('READ'),
  's3:ListBucketMultipartUploads': onBucket('READ'),
  's3:PutObject': onBucket('WRITE'),
  's3:DeleteObject': onBucket('WRITE'),
  's3:AbortMultipartUpload': onBucket('WRITE'),
  's3:ListMultipartUploadParts': onBucket('WRITE'),
  's3:GetBucketAcl': onBucket('READ_ACP'),
  's3:PutBucketAcl': onBucket('WRITE_ACP'),

  's3:GetObject': onObject('READ'),
  's3:GetObjectVersion': onObject('READ'),
  's3:GetObjectAttributes': onObject('READ'),
  's3:GetObjectVersionAttributes': onObject('READ'),
  's3:GetObjectAcl': onObject('READ_ACP'),
  's3:GetObjectVersionAcl': onObject('READ_ACP'),
  's3:PutObjectAcl': onObject('WRITE_ACP'),
  's3:PutObjectVersionAcl': onObject('WRITE_ACP'),
  's3:GetObjectTagging': onObject('owner'),
  's3:GetObjectVersionTagging': onObject('owner'),
  's3:PutObjectTagging': onObject('owner'),
  's3:PutObjectVersionTagging': onObject('owner'),
  's3:DeleteObjectTagging': onObject('owner'),
  's3:DeleteObjectVersionTagging': onObject('owner'),
};

// Everything else (DeleteBucket, PutBucketVersioning, DeleteObjectVersion, …) is the bucket owner's.
const ownersOnly: Rule = { on: 'bucket', permission: 'owner' };

const ruleOf = (action: string): Rule => (Object.hasOwn(rules, action) ? rules[action]! : ownersOnly);

/** What authorisation needs of the pipeline's context. */
export type AccessContext = Pick<Context, 'profile'> & {
  readonly objects: Pick<Context['objects'], 'bucket' | 'peek'>;
  readonly request: Pick<Context['request'], 'headers'>;
};

/**
 * Throws AccessDenied, or NoSuchBucket (S3 tells everybody which buckets exist), unless every action is allowed. Returns what it read
 * of the first action's target.
 */
export async function authorise(
  identity: Identity,
  actions: readonly RequiredAction[],
  context: AccessContext,
): Promise<Granted> {
  // An operation that asks for nothing has forgotten to ask.
  if (actions.length === 0) throw denied();
  const asker: Asker = identity.kind === 'user' ? { id: identity.user.canonicalId } : {};
  let granted: Granted | undefined;
  let last: Bucket | undefined;
  for (const required of actions) {
    const rule = ruleOf(required.action);
    if (rule.on === 'service') {
      if (asker.id === undefined && !(rule.anonymous === 'as-rgw' && context.profile === 'rgw')) throw denied();
      granted ??= {};
      continue;
    }
    const name = required.bucket;
    if (name === undefined) throw denied();
    const bucket: Bucket = last?.name === name ? last : await context.objects.bucket(name);
    last = bucket;
    checkExpectedOwner(required, bucket, context);
    if (rule.on === 'bucket') {
      if (!allowsOn(bucket.acl, asker, rule.permission)) throw denied();
      granted ??= { bucket, version: undefined };
    } else {
      if (required.key === undefined) throw denied();
      const version = await context.objects.peek(bucket, required.key, required.versionId);
      if (!allowsObject(version, bucket, asker, rule.permission)) throw denied();
      granted ??= { bucket, version };
    }
  }
  return granted ?? {};
}

const allowsOn = (acl: Bucket['acl'], asker: Asker, permission: Permission | 'owner'): boolean =>
  permission === 'owner' ? asker.id !== undefined && asker.id === acl.owner : allows(acl, asker, permission);

function allowsObject(
  version: Version | undefined,
  bucket: Bucket,
  asker: Asker,
  permission: Permission | 'owner',
): boolean {
  // Whoever may list the bucket may learn that a key is missing or deleted; everybody else gets the same 403 as for a hidden one.
  if (version?.kind !== 'object') return allows(bucket.acl, asker, 'READ');
  if (allowsOn(aclOf(version, bucket), asker, permission)) return true;
  return permission === 'owner' && allowsOn(bucket.acl, asker, 'owner');
}

/** What nobody in particular wrote belongs to the bucket's owner: nobody else could ever look after it. */
const aclOf = ({ acl }: Version, bucket: Bucket): Bucket['acl'] =>
  acl.owner === anonymousId ? { ...acl, owner: bucket.acl.owner } : acl;

/** The caller says whose bucket it means to speak to; of a copy, the source's owner has a header of its own. */
function checkExpectedOwner({ action }: RequiredAction, bucket: Bucket, { request }: AccessContext): void {
  const isSource =
    request.headers['x-amz-copy-source'] !== undefined &&
    (action === 's3:GetObject' || action === 's3:GetObjectVersion');
  const expected = request.headers[isSource ? 'x-amz-source-expected-bucket-owner' : 'x-amz-expected-bucket-owner'];
  if (expected !== undefined && expected !== bucket.acl.owner) throw denied();
}

const denied = () => s3Error('AccessDenied');
