// A world with a pilot whose acts carry steps out: areas with blocks of known bytes and heat, and questions that a mover's outcome answers.
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemRandom } from '../../../src/base/random.ts';
import { idOf, keys, tag } from '../../../src/catalog/keys.ts';
import { type AreaHome, decodeArea, encodeArea } from '../../../src/catalog/records/area.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { encodeBucket } from '../../../src/catalog/records/bucket.ts';
import { encodeVersion } from '../../../src/catalog/records/version.ts';
import { CatalogEchoMap } from '../../../src/echo/adapters/catalog-echo-map.ts';
import { privateAcl } from '../../../src/model/acl.ts';
import type { BlockRef } from '../../../src/model/block.ts';
import { type ActsOptions, type MoveEnd, PlacementActs } from '../../../src/placement/acts/acts.ts';
import type { Move } from '../../../src/placement/placement.ts';
import type { BinCounts, HeatedBlock } from '../../../src/telemetry/telemetry.ts';
import { runFsck } from '../../../src/upkeep/fsck.ts';
import { bodyOf, bucketId, readAll, type Worker, type World } from '../objects-blocks/world.ts';
import { openPilot, rowsOf, type TestPilot } from '../upkeep/pilot.ts';

export interface Stored {
  readonly key: string;
  readonly blocks: readonly BlockRef[];
  readonly bytes: Buffer;
}

export interface TestActs {
  readonly acts: PlacementActs;
  readonly pilot: TestPilot;
  readonly ends: MoveEnd[];
  /** What is told to be hot; may be changed. */
  readonly hottest: HeatedBlock[];
  readonly bins: BinCounts[];
  readonly failures: unknown[];
}

/** Takes the lease: whoever led before is fenced. */
export async function openActs(world: World, options: Partial<ActsOptions> = {}): Promise<TestActs> {
  const pilot = await openPilot(world, { areaBytesMin: 1 << 30 });
  const ends: MoveEnd[] = [];
  const hottest: HeatedBlock[] = [];
  const bins: BinCounts[] = [];
  const failures: unknown[] = [];
  const acts = new PlacementActs({
    storage: pilot.worker.storage,
    commit: (change) => pilot.deps.control.commit(change),
    partitions: world.seats,
    echoes: new CatalogEchoMap(world.raw),
    counters: { hottest: async () => hottest, bins: async () => bins },
    clock: world.clock,
    nowSec: () => world.clock.wallMs() / 1000,
    random: systemRandom,
    bytesPerSec: () => 1e9,
    bytesInFlightMax: async () => Number.POSITIVE_INFINITY,
    isPaused: () => false,
    onMoved: (end) => ends.push(end),
    onFailed: (_area, error) => failures.push(error),
    ...options,
  });
  return { acts, pilot, ends, hottest, bins, failures };
}

export async function makeBucket(world: World, ...homes: readonly AreaHome[]): Promise<void> {
  const bucket = encodeBucket({
    ...{ id: bucketId, name: 'b', createdMs: 0, state: 'active', region: '' },
    ...{ acl: privateAcl('owner'), versioning: 'unversioned', tags: [] },
  });
  const area = encodeArea({ id: bucketId, homes });
  const writes = [[keys.bucket('b'), bucket] as const, [keys.area(bucketId, ''), area] as const];
  await world.raw.commit({ checks: [], writes });
}

/** The only area of a bucket that nobody writes to. */
export async function makeArea(world: World, id: string, partition: string): Promise<void> {
  const area = encodeArea({ id, homes: [{ partition, weight: 1 }] });
  await world.raw.commit({ checks: [], writes: [[keys.area(id, ''), area]] });
}

/** With a version row, as a PUT leaves it. */
export async function put(worker: Worker, key: string, size: number): Promise<Stored> {
  const bytes = randomBytes(size);
  const written = await worker.store.write({ bucket: bucketId, key }, bodyOf(bytes), {});
  const version = encodeVersion({
    kind: 'object',
    ...{ sequence: 1, versionId: 'null', size, modifiedSec: 0, etag: md5Of(bytes), attributes: { metadata: [] } },
    ...{ tags: [], acl: privateAcl('owner'), checksums: [], manifest: randomBytes(16).toString('hex') },
    blocks: written.blocks,
  });
  const writes = [...written.writes, [keys.current(bucketId, key), version] as const];
  if ((await worker.catalog.commit({ checks: written.checks, writes })) !== 'done') throw new Error('not stored');
  written.settle();
  return { key, blocks: written.blocks, bytes };
}

const md5Of = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

/** Keys in order: k000 … */
export const putAll = async (worker: Worker, count: number, size: number, prefix = 'k'): Promise<Stored[]> =>
  await Promise.all(
    Array.from({ length: count }, (_, n) => put(worker, `${prefix}${String(n).padStart(3, '0')}`, size)),
  );

export const isRight = async (worker: Worker, { blocks, bytes }: Stored): Promise<boolean> =>
  (await readAll(worker.store.read(blocks, { start: 0, end: bytes.length }))).equals(bytes);

export const blocksOn = (world: World, partition: string): string[] =>
  rowsOf(world, tag.block).flatMap(({ key, value }) => (decodeBlock(value).partition === partition ? [idOf(key)] : []));

export const homesOf = (world: World, from = ''): readonly AreaHome[] =>
  decodeArea(world.raw.get(keys.area(bucketId, from))!.value).homes;

export const actRows = (world: World): number => rowsOf(world, tag.act).length;

export const move = (more: Partial<Move> = {}): Move => ({
  kind: 'move',
  ...{ area: bucketId, from: 'p1', to: 'p2', bytes: 1e9, readShare: 1, isWhole: true, startInSec: 0 },
  because: { text: 'on purpose' },
  ...more,
});

/** What fsck finds wrong, each a sentence; what is written just now by others is no mistake of theirs. */
export async function wrongIn(world: World, tries = 5): Promise<readonly string[]> {
  const { raw: catalog, seats: partitions, clock } = world;
  const { found } = await runFsck({ catalog, partitions, random: systemRandom, nowMs: clock.wallMs() }, { deep: true });
  const wrong = found.flatMap(({ name, examples }) => examples.map((one) => `${name}: ${one}`));
  if (wrong.length === 0 || tries === 0) return wrong;
  await sleep(100);
  return await wrongIn(world, tries - 1);
}
