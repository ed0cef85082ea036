// The catalog's key space, once: one tag byte per kind of row, then fixed-width ids, then free text.
// Keys are bytes because S3 order is UTF-8 order and JS string order is not; NUL is refused in object keys, so it ends them here.
import type { AreaId, BlockId, BucketId, ManifestId, PackId, PartitionId, SessionId, UploadId } from '../model/ids.ts';

export const tag = {
  bucket: 0x10,
  current: 0x20,
  version: 0x21,
  nullVersion: 0x22,
  manifest: 0x30,
  manifestPart: 0x31,
  reference: 0x32,
  block: 0x40,
  pack: 0x41,
  session: 0x42,
  heartbeat: 0x43,
  upload: 0x50,
  finishedUpload: 0x52,
  area: 0x60,
  partition: 0x61,
  pool: 0x62,
  delta: 0x70,
  usage: 0x71,
  dropped: 0x72,
  token: 0x73,
  lease: 0x80,
  watermark: 0x81,
  setting: 0x82,
  demandBin: 0x90,
  lineage: 0x91,
  declared: 0x92,
  echo: 0x93,
  pin: 0x94,
  decision: 0x96,
  decisionInput: 0x97,
  act: 0x95,
} as const;

export type Tag = (typeof tag)[keyof typeof tag];

/** Refuses what is no id: decoded leniently it would be a shorter key, and so perhaps another row's. */
function id(hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length !== 16 || hex.length !== 32) throw new TypeError(`not a 32-digit id: ${JSON.stringify(hex)}`);
  return bytes;
}

/** A row named by one id: the commonest keys, without a buffer for each of their parts. */
function named(kind: Tag, hex: string): Buffer {
  const bytes = Buffer.allocUnsafe(17);
  bytes[0] = kind;
  if (hex.length !== 32 || bytes.write(hex, 1, 16, 'hex') !== 16) {
    throw new TypeError(`not a 32-digit id: ${JSON.stringify(hex)}`);
  }
  return bytes;
}

function ofBucket(kind: Tag, bucket: BucketId, name: string): Buffer {
  const bytes = Buffer.allocUnsafe(17 + Buffer.byteLength(name, 'utf8'));
  named(kind, bucket).copy(bytes);
  bytes.write(name, 17, 'utf8');
  return bytes;
}

const text = (value: string): Buffer => Buffer.from(value, 'utf8');
const join = (kind: Tag, ...parts: Buffer[]): Buffer => Buffer.concat([Buffer.of(kind), ...parts]);
const end = Buffer.of(0);
const none = Buffer.alloc(0);

function u64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function u16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** Newest first: the sequence is stored as its complement. */
const descending = (sequence: number): Buffer => u64(Number.MAX_SAFE_INTEGER - sequence);

export const keys = {
  bucket: (name: string) => join(tag.bucket, text(name)),

  current: (bucket: BucketId, key: string) => ofBucket(tag.current, bucket, key),
  /** All versions but the newest of one key: [prefix, prefixEnd(prefix)). */
  versionsOf: (bucket: BucketId, key: string) => join(tag.version, id(bucket), text(key), end),
  version: (bucket: BucketId, key: string, sequence: number) =>
    join(tag.version, id(bucket), text(key), end, descending(sequence)),
  nullVersion: (bucket: BucketId, key: string) => join(tag.nullVersion, id(bucket), text(key)),

  /** One chunk of a manifest; `offset` is the object offset of its first entry. */
  manifest: (manifest: ManifestId, offset: number) => join(tag.manifest, id(manifest), u64(offset)),
  manifestsOf: (manifest: ManifestId) => join(tag.manifest, id(manifest)),
  manifestPart: (manifest: ManifestId, partNumber: number) => join(tag.manifestPart, id(manifest), u16(partNumber)),
  manifestPartsOf: (manifest: ManifestId) => join(tag.manifestPart, id(manifest)),
  reference: (manifest: ManifestId) => join(tag.reference, id(manifest)),

  block: (block: BlockId) => named(tag.block, block),
  pack: (pack: PackId) => named(tag.pack, pack),
  session: (session: SessionId) => named(tag.session, session),
  /** Apart from the session row, so that publishing it never conflicts with the commits that check that row. */
  heartbeat: (session: SessionId) => join(tag.heartbeat, id(session)),

  /** Upload ids start with 6 bytes of time, so uploads of one key lie in order of initiation. */
  upload: (bucket: BucketId, key: string, upload: UploadId | '') =>
    join(tag.upload, id(bucket), text(key), end, upload === '' ? none : id(upload)), // '': prefix of all uploads of the key
  finishedUpload: (upload: UploadId) => join(tag.finishedUpload, id(upload)),

  area: (bucket: BucketId, fromKey: string) => join(tag.area, id(bucket), text(fromKey)),
  partition: (partition: string) => join(tag.partition, text(partition)),
  pool: (name: string) => join(tag.pool, text(name)),

  delta: (session: SessionId, counter: number) => join(tag.delta, id(session), u64(counter)),
  /** Folded usage: of a pack, an area, a bucket; of a partition all that its packs hold alive. */
  usage: (kind: 'pack' | 'area' | 'bucket' | 'partition', name: string) => join(tag.usage, text(kind), end, text(name)),
  dropped: (droppedMs: number, manifest: ManifestId) => join(tag.dropped, u64(droppedMs), id(manifest)),
  token: (token: string) => join(tag.token, text(token)),
  lease: (name: string) => join(tag.lease, text(name)),
  watermark: () => join(tag.watermark),
  setting: (name: string) => join(tag.setting, text(name)),

  /** By ring, then time. */
  demandBin: (stepSec: number, startSec: number) => join(tag.demandBin, u16(stepSec), u64(startSec)),
  demandRing: (stepSec: number) => join(tag.demandBin, u16(stepSec)),
  lineage: (atSec: number, area: AreaId) => join(tag.lineage, u64(atSec), text(area)),
  echo: (block: BlockId, partition: PartitionId) => join(tag.echo, id(block), text(partition)),
  echoesOf: (block: BlockId): readonly [from: Buffer, to: Buffer] => {
    const from = named(tag.echo, block);
    return [from, prefixEnd(from)];
  },
  pin: (block: BlockId) => named(tag.pin, block),
  /** In the order in which they were made. */
  decision: (id: number) => join(tag.decision, u64(id)),
  decisionInput: (id: number, piece: number) => join(tag.decisionInput, u64(id), u16(piece)),
  decisionInputOf: (id: number) => join(tag.decisionInput, u64(id)),
  /** What is under way with an area; `from`: the partition that it is moved from, or ''. */
  act: (area: AreaId, from: PartitionId) => join(tag.act, text(area), end, text(from)),
  declared: (kind: 'jobs' | 'hints' | 'calendars', name: string) => join(tag.declared, text(kind), end, text(name)),

  /** First key of a kind, optionally inside one bucket. */
  first: (kind: Tag, bucket?: BucketId) => (bucket === undefined ? join(kind) : join(kind, id(bucket))),
} as const;

/** The least key greater than `key`. */
export const after = (key: Buffer): Buffer => Buffer.concat([key, end]);

/** The least key greater than every key that starts with `prefix`. */
export function prefixEnd(prefix: Buffer): Buffer {
  const bytes = Buffer.from(prefix);
  for (let at = bytes.length - 1; at >= 0; at--) {
    if (bytes[at] !== 0xff) {
      bytes[at]! += 1;
      return bytes.subarray(0, at + 1);
    }
  }
  throw new Error('prefixEnd: prefix of 0xff bytes has no end');
}

/** The text behind the tag and `idCount` 16-byte ids: object key of a `current` row, name of a bucket row. */
export const textOf = (key: Buffer, idCount: 0 | 1): string => key.toString('utf8', 1 + 16 * idCount);
export const idOf = (key: Buffer): string => key.toString('hex', 1, 17);

/** Block and partition of an `echo` row. */
export const echoNameOf = (key: Buffer): { block: BlockId; partition: PartitionId } => ({
  block: idOf(key),
  partition: textOf(key, 1),
});

/** Area and partition of an `act` row. */
export function actNameOf(key: Buffer): { area: AreaId; from: PartitionId } {
  const at = key.indexOf(0, 1);
  return { area: key.toString('utf8', 1, at), from: key.toString('utf8', at + 1) };
}

/** Object key and sequence of a `version` row. */
export function versionKeyOf(key: Buffer): { key: string; sequence: number } {
  const at = key.length - 9;
  return {
    key: key.toString('utf8', 17, at),
    sequence: Number.MAX_SAFE_INTEGER - Number(key.readBigUInt64BE(at + 1)),
  };
}

/** Object key and upload id of an `upload` row. */
export function uploadKeyOf(key: Buffer): { key: string; uploadId: UploadId } {
  const at = key.length - 17;
  return { key: key.toString('utf8', 17, at), uploadId: key.toString('hex', at + 1) };
}

/** Of a `decision` or `decisionInput` row. */
export const decisionIdOf = (key: Buffer): number => Number(key.readBigUInt64BE(1));

export const numberAtEnd = (key: Buffer, bytes: 2 | 8): number =>
  bytes === 2 ? key.readUInt16BE(key.length - 2) : Number(key.readBigUInt64BE(key.length - 8));
