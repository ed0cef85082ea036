// Every check of fsck is seen to fail: each kind of break is made in a catalog that held, and must be named by its check; what can
// be mended must hold again after --repair.
import { randomBytes } from 'node:crypto';
import { rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/random.ts';
import type { Row, Write } from '../../../src/catalog/catalog.ts';
import { idOf, keys, type Tag, tag, textOf } from '../../../src/catalog/keys.ts';
import { decodeArea, encodeArea } from '../../../src/catalog/records/area.ts';
import { decodeBlock, encodeBlock } from '../../../src/catalog/records/block.ts';
import { decodeBucket, encodeBucket } from '../../../src/catalog/records/bucket.ts';
import { decodeUsage, encodeDelta, encodeUsage } from '../../../src/catalog/records/delta.ts';
import { encodeDropped } from '../../../src/catalog/records/dropped.ts';
import { encodeLease } from '../../../src/catalog/records/lease.ts';
import { encodeManifestChunk } from '../../../src/catalog/records/manifest.ts';
import { decodePack, encodePack } from '../../../src/catalog/records/pack.ts';
import { decodePart, encodePart } from '../../../src/catalog/records/part.ts';
import { encodeReference } from '../../../src/catalog/records/reference.ts';
import { encodeSequence } from '../../../src/catalog/records/sequence.ts';
import { encodeHeartbeat } from '../../../src/catalog/records/session.ts';
import { decodeUpload, encodeUpload } from '../../../src/catalog/records/upload.ts';
import { decodeVersion, encodeVersion } from '../../../src/catalog/records/version.ts';
import type { BlockRow } from '../../../src/model/block.ts';
import type { Version } from '../../../src/model/object.ts';
import { brokenIn, checks, type FsckOptions, runFsck } from '../../../src/upkeep/fsck.ts';
import { openWorld, type World } from '../objects-blocks/world.ts';
import { fillSmall } from './small-store.ts';

let world: World;
let standing: Row[];

beforeAll(async () => {
  world = await openWorld({ partitions: ['p1', 'p2'] });
  await fillSmall(world, { long: true });
  standing = allRows();
});
afterAll(() => world.close());

const allRows = (): Row[] => world.raw.range(Buffer.of(1), Buffer.of(0xff), { limit: 100_000 });

/** As it was before a break. */
afterEach(async () => {
  const wanted = new Map(standing.map(({ key, value }) => [key.toString('hex'), value]));
  const writes: Write[] = allRows()
    .filter(({ key }) => !wanted.has(key.toString('hex')))
    .map(({ key }) => [key, undefined]);
  await commit(...writes, ...standing.map(({ key, value }): Write => [key, value]));
});

const commit = async (...writes: Write[]) => {
  expect(await world.raw.commit({ checks: [], writes })).toBe('done');
};
const rows = (kind: Tag): Row[] => standing.filter(({ key }) => key[0] === kind);
const newId = (): string => randomBytes(16).toString('hex');
const fsck = (options: FsckOptions = {}) => {
  const { raw: catalog, seats: partitions } = world;
  return runFsck({ catalog, partitions, random: systemRandom, nowMs: Date.now() }, options);
};

/** The first row of a kind that is so, changed. */
async function change<T>(
  kind: Tag,
  read: (value: Buffer) => T,
  write: (record: T) => Buffer,
  how: (record: T) => T,
  which: (record: T, key: Buffer) => boolean = () => true,
): Promise<void> {
  const row = rows(kind).find(({ key, value }) => which(read(value), key));
  expect(row, `a row of kind ${kind}`).toBeDefined();
  await commit([row!.key, write(how(read(row!.value)))]);
}
const changeBlock = (how: (block: BlockRow) => BlockRow) => change(tag.block, decodeBlock, encodeBlock, how);
const changeVersion = (kind: Tag, how: (version: Version) => Version, which?: (version: Version) => boolean) =>
  change(kind, decodeVersion, encodeVersion, how, which);
const hasBlocks = ({ blocks }: Version): boolean => blocks !== undefined;
const bucketNamed = (name: string): string => {
  const row = rows(tag.bucket).find(({ key }) => textOf(key, 0) === name);
  return decodeBucket(row!.value).id;
};
const packFile = (): { path: string; pack: string } => {
  const { pack, partition } = decodeBlock(rows(tag.block)[0]!.value);
  return { pack, path: join(world.folder, partition, 'packs', pack.slice(0, 2), `${pack}.pack`) };
};

interface Break {
  readonly check: string;
  readonly what: string;
  readonly make: () => Promise<unknown>;
  readonly says: RegExp;
  readonly mends?: true;
}

const breaks: readonly Break[] = [
  {
    check: 'rows',
    what: 'a row that does not read back',
    make: () => commit([rows(tag.area)[0]!.key, Buffer.from('nonsense')]),
    says: /does not read back/,
  },
  {
    check: 'rows',
    what: 'a row of no known kind',
    make: () => commit([Buffer.of(0x99, 1), Buffer.of(1)]),
    says: /no kind/,
  },
  {
    check: 'buckets',
    what: 'versions of a bucket that is gone',
    make: () => commit([keys.bucket('kept'), undefined]),
    says: /no such bucket/,
  },
  {
    check: 'buckets',
    what: 'a bucket under another name',
    make: () => change(tag.bucket, decodeBucket, encodeBucket, (bucket) => ({ ...bucket, name: 'other' })),
    says: /stands under the name/,
  },
  {
    check: 'bytes',
    what: 'a block without a row',
    make: () => commit([rows(tag.block)[0]!.key, undefined]),
    says: /has no row/,
  },
  {
    check: 'bytes',
    what: 'a block of another length',
    make: () => changeBlock((block) => ({ ...block, length: block.length - 1 })),
    says: /bytes, not/,
  },
  {
    check: 'bytes',
    what: 'a version longer than its blocks',
    make: () => changeVersion(tag.current, (version) => ({ ...version, size: version.size + 1 }), hasBlocks),
    says: /its size is/,
  },
  {
    check: 'bytes',
    what: 'a long manifest that lost its rows',
    make: () => commit(...rows(tag.manifest).map(({ key }): Write => [key, undefined])),
    says: /manifest \w+ ends at 0/,
  },
  {
    check: 'places',
    what: 'a block in a pack without a row',
    make: () => changeBlock((block) => ({ ...block, pack: newId() })),
    says: /the pack has no row/,
  },
  {
    check: 'places',
    what: 'a block in a dead pack',
    make: () => {
      const holds = (_: unknown, key: Buffer) => idOf(key) === packFile().pack;
      return change(tag.pack, decodePack, encodePack, (pack) => ({ ...pack, state: 'dead' as const }), holds);
    },
    says: /the pack is dead/,
  },
  {
    check: 'places',
    what: 'a block behind the end of its pack',
    make: () => changeBlock((block) => ({ ...block, offset: block.offset + 2 ** 40 })),
    says: /it ends at/,
  },
  {
    check: 'places',
    what: 'a block without all of its CRCs',
    make: () => changeBlock((block) => ({ ...block, sliceCrcs: [] })),
    says: /0 CRCs for/,
  },
  {
    check: 'owners',
    what: 'a block of nobody',
    make: () => commit([keys.block(newId()), rows(tag.block)[0]!.value]),
    says: /belongs to nobody/,
    mends: true,
  },
  {
    check: 'owners',
    what: 'a block of two manifests',
    make: async () => {
      const [one] = rows(tag.current).filter(({ value }) => hasBlocks(decodeVersion(value)));
      const version = { ...decodeVersion(one!.value), manifest: newId() };
      await commit([keys.current(bucketNamed('plain'), 'thief'), encodeVersion(version)]);
    },
    says: /belongs to 2 manifests/,
  },
  {
    check: 'references',
    what: 'a count that is wrong',
    make: () => commit([rows(tag.reference)[0]!.key, encodeReference(7)]),
    says: /held by 2, its count says 7/,
    mends: true,
  },
  {
    check: 'references',
    what: 'a count that is missing',
    make: () => commit([rows(tag.reference)[0]!.key, undefined]),
    says: /held by 2, without a count/,
    mends: true,
  },
  {
    check: 'references',
    what: 'a count of nothing',
    make: () => commit([keys.reference(newId()), encodeReference(2)]),
    says: /held by 0, its count says 2/,
    mends: true,
  },
  {
    check: 'dropped',
    what: 'a manifest that was dropped and is held',
    make: async () => {
      const { manifest, blocks } = rows(tag.current)
        .map(({ value }) => decodeVersion(value))
        .find(hasBlocks)!;
      await commit([keys.dropped(Date.now(), manifest!), encodeDropped({ manifest: manifest!, blocks: blocks! })]);
    },
    says: /was dropped, but \d hold it/,
    mends: true,
  },
  {
    check: 'manifests',
    what: 'a manifest that nobody holds',
    make: () => commit([keys.manifest(newId(), 0), encodeManifestChunk({ entries: [] })]),
    says: /nobody holds it/,
    mends: true,
  },
  {
    check: 'manifests',
    what: 'parts that nobody holds',
    make: () => commit([keys.manifestPart(newId(), 1), rows(tag.manifestPart)[0]!.value]),
    says: /parts of \w+: nobody holds it/,
    mends: true,
  },
  {
    check: 'manifests',
    what: 'fewer parts than the object says',
    make: () =>
      changeVersion(
        tag.current,
        (one) => ({ ...one, partCount: 3 }),
        (one) => one.partCount === 2,
      ),
    says: /2 parts of \d+ bytes, not 3/,
  },
  {
    check: 'null-versions',
    what: 'a pointer that leads nowhere',
    make: () => commit([keys.nullVersion(bucketNamed('kept'), 'nobody'), encodeSequence(5)]),
    says: /which is none/,
    mends: true,
  },
  {
    check: 'null-versions',
    what: 'a null version that nothing points to',
    make: () => commit(...rows(tag.nullVersion).map(({ key }): Write => [key, undefined])),
    says: /nothing points to/,
    mends: true,
  },
  {
    check: 'sequences',
    what: 'an older version above the newest',
    make: () =>
      changeVersion(
        tag.current,
        (one) => ({ ...one, sequence: 1 }),
        ({ kind }) => kind === 'marker',
      ),
    says: /is not older than 1/,
  },
  {
    check: 'sequences',
    what: 'an older version without a newest',
    make: () => commit(...rows(tag.current).map(({ key }): Write => [key, undefined])),
    says: /has no newest version/,
  },
  {
    check: 'sequences',
    what: 'a row that carries another sequence',
    make: () => changeVersion(tag.version, (one) => ({ ...one, sequence: one.sequence - 1 })),
    says: /carries the sequence/,
  },
  {
    check: 'areas',
    what: 'keys that no area holds',
    make: async () => {
      const { key, value } = rows(tag.area)[0]!;
      await commit([key, undefined], [Buffer.concat([key, Buffer.from('m')]), value]);
    },
    says: /no area holds the keys before "m"/,
  },
  {
    check: 'areas',
    what: 'two areas of one id',
    make: async () => {
      const { key, value } = rows(tag.area)[0]!;
      await commit([Buffer.concat([key, Buffer.from('m')]), value]);
    },
    says: /another one has the same id/,
  },
  {
    check: 'areas',
    what: 'an area without a home',
    make: () => change(tag.area, decodeArea, encodeArea, (area) => ({ ...area, homes: [] })),
    says: /has no home/,
  },
  {
    check: 'uploads',
    what: 'an upload in the place of another',
    make: () => change(tag.upload, decodeUpload, encodeUpload, (upload) => ({ ...upload, key: 'elsewhere' })),
    says: /stands in another one's place/,
  },
  {
    check: 'uploads',
    what: 'a part that a version holds too',
    make: async () => {
      const upload = decodeUpload(rows(tag.upload)[0]!.value).id;
      const part = rows(tag.manifestPart).find(({ key }) => idOf(key) === upload)!;
      const { manifest } = rows(tag.current)
        .map(({ value }) => decodeVersion(value))
        .find(hasBlocks)!;
      await commit([part.key, encodePart({ ...decodePart(part.value), manifest: manifest! })]);
    },
    says: /\d hold its bytes/,
  },
  {
    check: 'sessions',
    what: 'a lease of nobody',
    make: () => commit([keys.lease('pilot'), encodeLease({ holder: newId(), epoch: 3, expiresMs: 1 })]),
    says: /lease pilot \(epoch 3\): no session/,
  },
  {
    check: 'sessions',
    what: 'a heartbeat of nobody',
    make: () => commit([keys.heartbeat(newId()), encodeHeartbeat({ beatMs: 1, oldestReadMs: 1 })]),
    says: /which is no session/,
    mends: true,
  },
  {
    check: 'sessions',
    what: 'a pack reserved by nobody',
    make: () => {
      const row = {
        partition: 'p1',
        state: 'reserved',
        holds: 'blocks',
        session: newId(),
        bytes: 0,
        changedMs: 1,
      } as const;
      return commit([keys.pack(newId()), encodePack(row)]);
    },
    says: /is reserved by/,
  },
  {
    check: 'packs',
    what: 'a row whose pack is not there',
    make: () => {
      const row = {
        partition: 'p1',
        state: 'sealed',
        holds: 'log',
        session: newId(),
        bytes: 99,
        changedMs: 1,
      } as const;
      return commit([keys.pack(newId()), encodePack(row)]);
    },
    says: /is not on p1/,
  },
  {
    check: 'packs',
    what: 'a pack without a row',
    make: async () => {
      const writer = await world.seats.get('p1')!.partition.open(newId());
      writer.append([Buffer.from('late')]);
      await writer.seal();
    },
    says: /has no row/,
    mends: true,
  },
  {
    check: 'usage',
    what: 'a pack counted wrongly',
    make: () => commit([keys.usage('pack', packFile().pack), encodeUsage({ objects: 0, bytes: 12_345 })]),
    says: /bytes counted/,
    mends: true,
  },
  {
    check: 'usage',
    what: 'an area counted wrongly',
    make: () => commit([keys.usage('area', bucketNamed('plain')), encodeUsage({ objects: 0, bytes: 12_345 })]),
    says: /bucket \w+: \d+ bytes counted/,
    mends: true,
  },
];

test('a catalog that clients made holds, down to the bytes', async () => {
  const { found } = await fsck({ deep: true });
  expect(found.flatMap(({ name, examples }) => examples.map((one) => `${name}: ${one}`))).toEqual([]);
  expect(found.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
  for (const { name, looked } of found) expect(looked, name).toBeGreaterThan(0);
});

describe.each(breaks)('$check: $what', ({ check, make, says, mends }) => {
  test(mends ? 'is named, and mended' : 'is named', async () => {
    await make();
    const before = allRows().length;
    const { found } = await fsck();
    expect(found.find(({ name }) => name === check)!.examples.join('\n')).toMatch(says);
    expect(allRows().length).toBe(before);
    const { left, mended } = await fsck({ repair: true });
    if (mends) {
      expect(mended).toBeGreaterThan(0);
      expect(left.flatMap(({ examples }) => examples)).toEqual([]);
    } else expect(left.find(({ name }) => name === check)!.broken).toBeGreaterThan(0);
  });
});

test('every check has a break that it finds', () => {
  const tried = new Set(breaks.map(({ check }) => check));
  expect(checks.filter(({ deep, name }) => !deep && !tried.has(name)).map(({ name }) => name)).toEqual([]);
});

test('usage: an echo whose entry stands in no row is counted as it is, also when something is mended', async () => {
  const [pack, session] = [newId(), newId()];
  const row = { partition: 'p1', state: 'sealed', holds: 'echo', session, bytes: 700, changedMs: 1 } as const;
  const delta = encodeDelta({ packs: [[pack, 600]], areas: [], buckets: [] });
  await commit([keys.pack(pack), encodePack(row)], [keys.delta(session, 1), delta]);
  const usage = (results: Awaited<ReturnType<typeof fsck>>['found']) => results.find(({ name }) => name === 'usage')!;
  expect(usage((await fsck()).found).examples).toEqual([]);
  await commit([keys.usage('pack', packFile().pack), encodeUsage({ objects: 0, bytes: 12_345 })]);
  expect(usage((await fsck({ repair: true })).left).examples).toEqual([]);
  const counted = allRows().find(({ key }) => key.equals(keys.usage('pack', pack)));
  expect(decodeUsage(counted!.value).bytes).toBe(600);
});

test('digests: an ETag, a part and a checksum that are not those of the bytes', async () => {
  const wrong = (etag: string): string => `${etag.startsWith('0') ? '1' : '0'}${etag.slice(1)}`;
  await changeVersion(
    tag.current,
    (one) => ({ ...one, etag: wrong(one.etag) }),
    (one) => one.partCount === 2,
  );
  await changeVersion(tag.version, (one) => ({ ...one, etag: wrong(one.etag) }), hasBlocks);
  const summed = ({ checksums }: Version): boolean => checksums.length > 0;
  const zeros = { algorithm: 'CRC32', type: 'FULL_OBJECT', value: 'AAAAAA==' } as const;
  await changeVersion(
    tag.current,
    (one) => ({ ...one, checksums: [zeros] }),
    (one) => summed(one) && !one.partCount,
  );
  const { found } = await fsck({ deep: true });
  const { examples } = found.find(({ name }) => name === 'digests')!;
  expect(examples.filter((one) => /the ETag is/.test(one))).toHaveLength(2);
  expect(examples.filter((one) => /CRC32 is AAAAAA==/.test(one))).toHaveLength(1);
  expect(brokenIn(found)).toBe(3);
});

test('slices and places: bytes that changed, and a pack that was cut or is gone', async () => {
  const { path, pack } = packFile();
  const { partition } = decodePack(rows(tag.pack).find(({ key }) => idOf(key) === pack)!.value);
  const chunks: Buffer[] = [];
  const { size } = await stat(path);
  for await (const chunk of world.seats.get(partition)!.partition.read(pack, [{ start: 0, end: size }]))
    chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const flipped = Buffer.from(bytes);
  flipped[decodeBlock(rows(tag.block)[0]!.value).offset]! ^= 1;
  const broken = async (name: string) => (await fsck({ deep: true })).found.find((one) => one.name === name)!.examples;
  try {
    await writeFile(path, flipped);
    expect((await broken('slices')).join()).toMatch(/a slice does not have its CRC/);
    await truncate(path, 100);
    expect((await broken('places')).join()).toMatch(/the pack at 100/);
    await rm(path);
    expect((await broken('packs')).join()).toMatch(/is not on/);
  } finally {
    await writeFile(path, bytes);
  }
});
