// What the echo trials read: objects spread evenly over the partitions, whose bytes anybody can tell from their name, and a few on one partition
// that nobody has asked for yet.
import { inParallel } from '../arms/s3-client.ts';
import { type Fleet, partitionCount, partitionName } from './fleet.ts';

export interface Shelved {
  /** `bucket/key` */
  readonly path: string;
  readonly home: string;
  /** Of the presigned request. */
  readonly target: string;
}

export interface Shelf {
  readonly objects: readonly Shelved[];
  /** So far cold, all of them on one partition. */
  readonly cold: readonly Shelved[];
  readonly bytes: number;
}

export const objectBytes = 64 * 1024;
const bucketsPerPartition = 3;
const objectsPerBucket = 90;
const coldObjects = 16;
const bucketsMax = 400;

/** Bytes of the object at `path` in its `version`th state. */
export function bytesOf(path: string, version = 0): Buffer {
  const bytes = Buffer.alloc(objectBytes);
  const line = Buffer.from(`${path} ${version}\n`);
  for (let at = 0; at < bytes.length; at += line.length) line.copy(bytes, at);
  bytes.writeUInt32LE(version, 0);
  return bytes;
}

/** Fills the fleet; a bucket lies on one partition, so buckets are made until every partition has as many. */
export async function fillShelf(fleet: Fleet, say: (line: string) => void): Promise<Shelf> {
  const bucketsOn = new Map<string, string[]>();
  let firsts = 0;
  for (let at = 0; at < bucketsMax; at++) {
    const bucket = `b${String(at).padStart(3, '0')}`;
    await put(fleet, `/${bucket}`);
    await put(fleet, `/${bucket}/first`, bytesOf('first'));
    firsts += 1;
    const home = await homeOf(fleet, `${bucket}/first`);
    const known = bucketsOn.get(home) ?? [];
    if (known.length < bucketsPerPartition) bucketsOn.set(home, [...known, bucket]);
    const full = [...bucketsOn.values()].filter(({ length }) => length === bucketsPerPartition);
    if (full.length === partitionCount) break;
    if (at + 1 === bucketsMax) throw new Error(`${bucketsMax} buckets lie on ${bucketsOn.size} partitions only`);
  }
  const buckets = [...bucketsOn].flatMap(([home, names]) => names.map((bucket) => ({ home, bucket })));
  const objects = buckets.flatMap(({ home, bucket }) =>
    Array.from({ length: objectsPerBucket }, (_, at) => shelved(fleet, home, `${bucket}/o${at}`)),
  );
  const home = partitionName(4);
  const [bucket] = bucketsOn.get(home)!;
  const cold = Array.from({ length: coldObjects }, (_, at) => shelved(fleet, home, `${bucket}/crowd/${at}`));
  const all = [...objects, ...cold];
  await inParallel(all.length, 64, async (at) => await put(fleet, `/${all[at]!.path}`, bytesOf(all[at]!.path)));
  say(
    `${all.length} objects of ${objectBytes / 1024} KiB stored in ${buckets.length} buckets on ${bucketsOn.size} partitions`,
  );
  return { objects, cold, bytes: (all.length + firsts) * objectBytes };
}

const shelved = (fleet: Fleet, home: string, path: string): Shelved => ({
  path,
  home,
  target: fleet.target('GET', `/${path}`),
});

async function put(fleet: Fleet, path: string, body?: Buffer): Promise<void> {
  for (let tries = 0; ; tries++) {
    const { status, body: text } = await fleet.ask('PUT', fleet.target('PUT', path), body);
    if (status === 200) return;
    if (tries > 20 || status !== 503) throw new Error(`PUT ${path} answered ${status}: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const homeOf = async (fleet: Fleet, path: string): Promise<string> => (await fleet.blocksOf(path))[0]!.partition;
