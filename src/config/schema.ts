// The file as zod sees it: strict objects, so that an unknown key is a mistake. The single values come from the table of knobs.
import { z } from 'zod';
import { GiB, minuteMs, TiB } from '../base/units.ts';
import { declaredSchemas } from './declared.ts';
import { bytes, choice, duration, flag, integer, path, text, url } from './kinds.ts';
import { accessKeyKind, type Knob, knobNames, knobs, secretKeyKind } from './knobs.ts';

const idKind = text(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'a short name (a–z, 0–9, ._-)');
const freeText = text(/^[^\p{Cc}]{1,256}$/u, 'text of 1–256 characters on one line');

const keyPair = z.strictObject({
  accessKey: text(/^[\x21-\x7e]{1,128}$/, 'an access key'),
  secretKey: secretKeyKind,
  sessionToken: text(/^[\x21-\x7e]{1,4096}$/, 'a session token').optional(),
});

/** `env` or a pair of keys: looked at as a pair once it is a group, so that the messages name the key inside. */
const credentials = z.unknown().transform((raw, context): 'env' | z.infer<typeof keyPair> => {
  if (raw === 'env') return raw;
  if (typeof raw === 'object' && raw !== null) {
    const parsed = keyPair.safeParse(raw);
    if (parsed.success) return parsed.data;
    context.issues.push(...parsed.error.issues.map((issue) => ({ ...issue, input: undefined }) as never));
  } else context.issues.push({ code: 'custom', message: 'must be "env", or accessKey and secretKey', input: raw });
  return z.NEVER;
});

function userSchema(base: string) {
  return z.strictObject({
    name: text(/^[A-Za-z0-9_.@+-]{1,64}$/, 'a name of 1–64 letters, digits or _.@+-'),
    accessKey: accessKeyKind,
    secretKey: secretKeyKind.optional(),
    secretKeyFile: path(base).optional(),
    canonicalId: text(
      /^[A-Za-z0-9$:._@-]{1,128}$/,
      'an id without spaces or XML signs, usually 64 hex digits',
    ).optional(),
    displayName: freeText.optional(),
    email: text(/^[^\s@]{1,64}@[^\s@]{1,190}$/, 'an e-mail address').optional(),
  });
}

/** Partitions that one pool makes at most. */
const poolSizeMax = 100;

const rate = integer(1, 10_000_000);

const quota = z.strictObject({
  readOps: rate.optional(),
  writeOps: rate.optional(),
  readBytesPerSec: bytes(1, 1024 * TiB).optional(),
  writeBytesPerSec: bytes(1, 1024 * TiB).optional(),
  concurrency: integer(1, 100_000).optional(),
});

const capacityDomain = z.strictObject({ id: idKind, quota });

const s3Schema = (base: string) =>
  z.strictObject({
    endpoint: url(['http', 'https']),
    bucket: text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/, 'a bucket name'),
    prefix: text(/^[\x21-\x7e]{1,256}$/, 'a key prefix without spaces').optional(),
    region: text(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a region name such as us-east-1').optional(),
    credentials: credentials.optional(),
    pathStyle: flag.optional(),
    createBucket: flag.optional(),
    writeOnce: choice('condition', 'head', 'trust').optional(),
    checksum: choice('crc32c', 'md5', 'none').optional(),
    trailers: flag.optional(),
    batchDelete: flag.optional(),
    ca: path(base).optional(),
  });

const capacity = bytes(1 * GiB, 1_000_000 * TiB);
const latencyTarget = duration(1, 10 * minuteMs);

function partitionSchema(base: string) {
  return z.strictObject({
    id: idKind,
    replicaOf: idKind.optional(),
    directory: path(base).optional(),
    s3: s3Schema(base).optional(),
    capacity: capacity.optional(),
    capacityDomain: idKind.optional(),
    failureDomain: idKind.optional(),
    quota: quota.optional(),
    latencyTarget: latencyTarget.optional(),
    duty: choice('online', 'draining', 'offline').optional(),
  });
}

/** The number in the pool, or the id, of a partition that is made. */
const filled = String.raw`\{(?:id|n)\}`;
const domainTemplate = text(
  new RegExp(`^(?:[a-z0-9]|${filled})(?:[a-z0-9._-]|${filled}){0,62}$`),
  'a short name (a–z, 0–9, ._-) in which {n} and {id} may stand',
);
const bucketTemplate = text(
  new RegExp(`^(?=.*${filled})(?:[A-Za-z0-9]|${filled})(?:[A-Za-z0-9._-]|${filled}){0,254}$`),
  'a bucket name with {n} or {id} in it, such as echogate-{id}',
);

function poolSchema(base: string) {
  return z.strictObject({
    name: text(/^[a-z0-9][a-z0-9._-]{0,50}$/, 'a short name (a–z, 0–9, ._-)'),
    directory: path(base).optional(),
    s3: s3Schema(base).omit({ createBucket: true }).extend({ bucket: bucketTemplate }).optional(),
    capacity: capacity.optional(),
    capacityDomain: domainTemplate.optional(),
    failureDomain: domainTemplate.optional(),
    quota: quota.optional(),
    latencyTarget: latencyTarget.optional(),
    max: integer(1, poolSizeMax).optional(),
  });
}

/** By the name of their list. */
export const itemSchemas = (base: string) => ({
  users: userSchema(base),
  partitions: partitionSchema(base),
  pools: poolSchema(base),
  capacityDomains: capacityDomain,
  ...declaredSchemas,
});

const listWords: Readonly<Record<keyof ReturnType<typeof itemSchemas>, string>> = {
  users: 'users',
  partitions: 'partitions',
  pools: 'pools',
  capacityDomains: 'capacity domains',
  jobs: 'jobs',
  hints: 'hints',
  calendars: 'calendars',
};

type Shape = { [key: string]: z.ZodType | Shape };

/** Nested strict objects out of the knobs' dotted paths. */
export function fileSchema(base: string) {
  const shape: Shape = Object.fromEntries(
    Object.entries(itemSchemas(base)).map(([name, schema]) => [
      name,
      z.array(schema, { error: `must be a list of ${listWords[name as keyof typeof listWords]}` }).optional(),
    ]),
  );
  for (const name of knobNames) {
    const knob: Pick<Knob<unknown>, 'path' | 'kind'> = knobs[name];
    if (knob.path === undefined) continue;
    const steps = knob.path.split('.');
    const leaf = steps.pop()!;
    const inner = steps.reduce<Shape>((at, step) => {
      at[step] ??= {};
      return at[step] as Shape;
    }, shape);
    inner[leaf] = knob.kind(base).optional();
  }
  return strict(shape);
}

const strict = (shape: Shape): z.ZodObject =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(shape).map(([key, value]) => [key, value instanceof z.ZodType ? value : strict(value).optional()]),
    ),
    { error: (issue) => (issue.code === 'invalid_type' ? 'must be a group of keys, not a single value' : undefined) },
  );

export type FileUser = z.infer<ReturnType<typeof userSchema>>;
export type FilePartition = z.infer<ReturnType<typeof partitionSchema>>;
export type FilePool = z.infer<ReturnType<typeof poolSchema>>;
export type FileCapacityDomain = z.infer<typeof capacityDomain>;

/** Keys that may stand at a place of the file, for "did you mean". */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: z.ZodType | undefined = unwrap(schema);
  for (const step of path) {
    if (at instanceof z.ZodArray) at = unwrap(at.element as z.ZodType);
    else if (at instanceof z.ZodObject) at = unwrap(at.shape[String(step)] as z.ZodType | undefined);
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

const unwrap = (schema: z.ZodType | undefined): z.ZodType | undefined =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? unwrap(schema.unwrap() as z.ZodType)
    : schema;
