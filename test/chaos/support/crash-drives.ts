// How each crash point is reached: whose process dies there, and what is done until it does. A point without a way to it does not compile.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrashPoint } from '../../../src/base/crash-points.ts';
import { KiB, MiB } from '../../../src/base/units.ts';
import type { StepsOrder } from '../../../src/compose/trial-steps.ts';
import type { CrashLane } from './crash-lane.ts';
import { bucketLife, bucketThatSplits, type UploadPlan, uploadObject } from './crash-uploads.ts';
import { bodyOf } from './stamps.ts';

export type Drive = (lane: CrashLane, round: number) => Promise<void>;

export interface Way {
  readonly role: 'worker' | 'pilot';
  readonly drive: Drive;
  /** The process dies at one of the first so many reaches. */
  readonly nthMax?: number;
  /** And so many turns of its event loop later at most. */
  readonly turnsMax?: number;
  /** On a server whose partition is a bucket of another. */
  readonly onBucket?: true;
}

/** The deed, and bystanders: whatever else is acknowledged in the same moment must survive too. */
const worker = (deed: Drive, more: Partial<Way> = {}): Way => ({
  role: 'worker',
  drive: async (lane, round) => void (await Promise.all([deed(lane, round), lane.deeds.puts(3)])),
  ...more,
});

const puts: Drive = ({ deeds }) => deeds.puts(4);
const upload =
  (plan: UploadPlan): Drive =>
  ({ deeds }) =>
    uploadObject(deeds, plan);
/** Its manifest, or the rows of its parts, are taken apart by the collector. */
const dropped: UploadPlan = { fullParts: 1, ending: 'complete', removed: true };
const copies: Drive = ({ deeds }) => deeds.copy();
const bucket: Drive = ({ deeds }) => bucketLife(deeds);
/** Fresh processes open packs of their own. */
const freshWorkers: Drive = async (lane, round) => {
  if (round % 40 === 0) await lane.kill('worker');
  await sleep(30);
};

/** Upkeep comes round by itself; what it works on must be there. */
const pilot = (deed: Drive, more: Partial<Way> = {}): Way => ({
  role: 'pilot',
  drive: async (lane, round) => {
    if (round % 20 === 0) await Promise.all([deed(lane, round), lane.deeds.puts(3)]);
    await sleep(40);
  },
  ...more,
});

const removals: Drive = async ({ deeds }) => {
  for (let at = 0; at < 3; at++) await deeds.removeOne();
};
/** Once is enough: it is swept a little more than a minute later. */
const goneHead: Drive = async ({ deeds }, round) => {
  if (round === 0) await deeds.leaveGone();
};
/** A worker that dies leaves reserved packs, a half-written one and a session. */
const deadWorker: Drive = async (lane) => {
  await lane.deeds.puts(4);
  await lane.kill('worker');
};
/** An operator wants an echo of an object, and takes it back. */
const pins: Drive = async ({ deeds, world }) => {
  await deeds.puts(1);
  const { bucket, manifest } = deeds.objects;
  const keys = [...manifest.keys()];
  const key = keys[Math.floor(deeds.random() * keys.length)];
  if (key === undefined) return;
  const where = `bucket=${bucket}&key=${encodeURIComponent(key)}`;
  // Refused for an object that is gone or empty; unanswered by a worker that dies.
  await world.call('POST', `/v1/echoes/pin?${where}&count=1`).catch(() => {});
  await world.call('POST', `/v1/echoes/drop?${where}`).catch(() => {});
};
/** All areas of a bucket to and fro, an echo of a block of theirs in their way. */
const steps =
  (kind: StepsOrder['kind']): Drive =>
  async (lane, round) => {
    const { deeds, world } = lane;
    const { bucket, manifest } = deeds.objects;
    const key = [...manifest.keys()][round % 31];
    const where = `bucket=${bucket}&key=${encodeURIComponent(key ?? '')}`;
    if (kind === 'move') await world.call('POST', `/v1/echoes/pin?${where}&count=1`).catch(() => {});
    lane.steps({ kind, bucket, to: round % 40 === 0 ? 'p1' : 'p2' });
  };
/** A bucket of a few keys, and an area of it that is divided. */
const division: Drive = async (lane) => {
  const { deeds } = lane;
  const bucket = deeds.name('divided');
  await deeds.again({ method: 'PUT', bucket });
  for (let at = 0; at < 6; at++)
    await deeds.again({ method: 'PUT', bucket, key: `k${at}`, body: bodyOf(deeds.stamp(4 * KiB)) });
  lane.steps({ kind: 'split-area', bucket, to: 'p2' });
};
/** One partition after the other is made, drained, retired and removed; one pool can make none. */
const comings: Drive = async ({ world }) => {
  // Unanswered by a pilot that dies, refused while it is too soon.
  const post = (path: string) => world.call('POST', `/v1/partitions${path}`).catch(() => {});
  const listed = (await world.call('GET', '/v1/partitions').catch(() => undefined)) as
    | { readonly partitions: readonly { readonly id: string; readonly pool?: string; readonly duty: string }[] }
    | undefined;
  const made = (listed?.partitions ?? []).filter(({ pool }) => pool !== undefined);
  for (const { id, duty } of made) {
    if (duty === 'online') await post(`/${id}/drain`);
    if (duty === 'draining') await post(`/${id}/retire`);
  }
  if (made.every(({ duty }) => duty === 'retired' || duty === 'going')) await post('?name=spare');
  await post('?name=broken');
};
const freshPilot: Drive = (lane) => lane.kill('pilot');
const drain: Drive = (lane) => lane.drainAndStart();
const newPartition: Drive = (lane) => lane.startWithNewPartition();

export const ways: Readonly<Record<CrashPoint, Way>> = {
  'put: first bytes taken': worker(({ deeds }) => deeds.putBig(1 * MiB), { nthMax: 3 }),
  'put: one block durable': worker(({ deeds }) => deeds.putBig(17 * MiB), { nthMax: 6 }),
  'put: all bytes durable': worker(puts, { nthMax: 4 }),
  'put: before the commit': worker(puts, { nthMax: 4 }),
  'put: committed, not answered': worker(puts, { nthMax: 4 }),

  'shelf: block appended': worker(puts, { nthMax: 4 }),
  'shelf: next pack opened': worker(({ deeds }) => deeds.putBig(72 * MiB)),
  'shelf: pack ends': worker(({ deeds }) => deeds.putBig(72 * MiB)),
  'batch: pack opened': worker(puts, { onBucket: true, nthMax: 3 }),
  'batch: pack written': worker(puts, { onBucket: true, nthMax: 3 }),
  'pack: reserved, not opened': worker(freshWorkers, { nthMax: 2 }),
  'pack: before its index': worker(drain),
  'pack: sealed, row not yet': pilot(deadWorker),
  'pack rows: reserved': worker(freshWorkers, { nthMax: 2 }),
  'pack rows: before sealing': worker(drain),

  'directory: marker drafted': { role: 'pilot', drive: newPartition },
  'directory: marker linked': { role: 'pilot', drive: newPartition },
  'directory: pack file made': worker(freshWorkers, { nthMax: 2 }),
  'directory: bytes written': worker(({ deeds }) => deeds.putBig(9 * MiB), { nthMax: 12 }),
  'directory: flushed': worker(puts, { nthMax: 4 }),
  'directory: entry durable': worker(freshWorkers, { nthMax: 2 }),
  'directory: before unlinking': pilot(deadWorker),
  'directory: file unlinked': pilot(deadWorker, { nthMax: 2 }),
  'directory: unlinked durably': pilot(deadWorker),

  'catalog: before a commit': worker(puts, { nthMax: 8 }),
  'catalog: commit queued': worker(puts, { nthMax: 8, turnsMax: 6 }),
  'catalog: commit flushed': worker(puts, { nthMax: 8 }),

  'areas: first made': worker(bucket),
  'areas: split': pilot(({ deeds }) => bucketThatSplits(deeds)),

  'create upload: committed, not answered': worker(upload({ ending: 'none' })),
  'part: all bytes durable': worker(upload({ fullParts: 1, ending: 'complete' }), { nthMax: 2 }),
  'part: before the commit': worker(upload({ fullParts: 1, ending: 'complete' }), { nthMax: 2 }),
  'part: committed, not answered': worker(upload({ fullParts: 1, ending: 'complete' }), { nthMax: 2 }),
  'complete: upload closed': worker(upload({ fullParts: 1, ending: 'complete' })),
  'complete: parts joined': worker(upload({ leftovers: 3, ending: 'complete' })),
  'complete: some leftovers dropped': worker(upload({ leftovers: 210, ending: 'complete' })),
  'complete: before the commit': worker(upload({ leftovers: 3, ending: 'complete' })),
  'complete: committed, not answered': worker(upload({ fullParts: 1, leftovers: 1, ending: 'complete' })),
  'complete: refused, not opened again': worker(upload({ refused: true, ending: 'complete' })),
  'abort: upload closed': worker(upload({ leftovers: 2, ending: 'abort' })),
  'abort: some parts dropped': worker(upload({ leftovers: 310, ending: 'abort' })),
  'abort: before the last commit': worker(upload({ leftovers: 2, ending: 'abort' })),
  'abort: done, not answered': worker(upload({ leftovers: 2, ending: 'abort' })),

  'copy: source read': worker(({ deeds }) => deeds.copy('SHA256')),
  'copy: before the commit': worker(copies),
  'copy: committed, not answered': worker(copies),
  'copy part: all bytes durable': worker(upload({ copied: true, ending: 'complete' })),

  'delete: before the commit': worker(({ deeds }, round) =>
    round % 2 === 0 ? deeds.removeOne() : deeds.removeVersion('version'),
  ),
  'delete: before the marker': worker(({ deeds }) => deeds.removeVersion('marker')),
  'delete: committed, not answered': worker(({ deeds }) => deeds.removeVersion('version'), { nthMax: 2 }),
  'tags or ACL: before the commit': worker(({ deeds }) => deeds.tag()),
  'tags or ACL: committed, not answered': worker(({ deeds }) => deeds.tag()),

  'create bucket: committed, not answered': worker(bucket),
  'update bucket: committed, not answered': worker(bucket),
  'delete bucket: closed': worker(bucket),
  'delete bucket: uploads aborted': worker(bucket),
  'delete bucket: removed, not answered': worker(bucket),

  'redo: before writing': worker(puts),
  'redo: frame appended': worker(puts, { nthMax: 2 }),
  'redo: one copy written': worker(puts, { nthMax: 2 }),
  'redo: pack ends': worker(drain),

  'session: opened, not announced': worker(freshWorkers),
  'session: beaten': worker(puts, { nthMax: 2 }),
  'session: before fencing': pilot(deadWorker),
  'session: fenced': pilot(deadWorker),
  'session: before its own end': worker(drain),
  'lease: before it is taken': pilot(freshPilot),
  'lease: taken': pilot(freshPilot),
  'watermark: raised': pilot(puts),

  'folding: before the commit': pilot(puts),
  'folding: folded': pilot(puts),

  'collection: before block rows go': pilot(removals),
  'collection: block rows gone': pilot(removals),
  'collection: manifest shortened': pilot(upload({ ...dropped, fullParts: 17 })),
  'collection: manifest gone': pilot(upload(dropped)),
  'packs: before some die': pilot(deadWorker),
  'packs: some died': pilot(deadWorker),
  'packs: before files go': pilot(deadWorker),
  'packs: files gone, rows not': pilot(deadWorker),
  'packs: session forgotten': pilot(deadWorker),

  'compaction: blocks chosen': pilot(deadWorker),
  'moving: blocks copied': pilot(deadWorker),
  'moving: copy sealed': pilot(deadWorker),
  'moving: copy read back': pilot(deadWorker),
  'moving: flipped': pilot(deadWorker),

  'checkpoint: frame written': pilot(puts),
  'checkpoint: written, not noted': pilot(puts),
  'checkpoint: noted': pilot(puts),
  'checkpoint: before an old pack dies': pilot(puts, { nthMax: 2 }),

  'echo: claimed': worker(pins),
  'echo: packed': worker(pins),
  'echo: counted': worker(pins),
  'echo: ready, not said': worker(pins),
  'echo: entry gone': worker(pins),

  'move: journalled': pilot(steps('move'), { nthMax: 2 }),
  'move: batch moved': pilot(steps('move'), { nthMax: 3 }),
  'move: all moved, homes not': pilot(steps('move')),
  'move: homes follow': pilot(steps('move')),
  'move: before its end': pilot(steps('move')),
  'promotion: echo read back': pilot(steps('move')),
  'promotion: entry taken': pilot(steps('move')),
  'promotion: flipped': pilot(steps('move')),
  're-homing: homes changed, not told': pilot(steps('re-home')),
  'division: divided, blocks not named': pilot(division),
  'division: some blocks named': pilot(division),
  'division: before its end': pilot(division),
  'partition: noted': pilot(comings),
  'partition: made': pilot(comings),
  'partition: tried out': pilot(comings),
  'partition: online, not said': pilot(comings),
  'partition: undone, row not': pilot(comings),
  'partition: draining, not said': pilot(comings),
  'partition: retired, not said': pilot(comings),
  'partition: leaves': pilot(comings),
  'directory: marker removed': pilot(comings),
  'bucket: marker removed': pilot(comings, { onBucket: true }),
  'partition: removed, row not': pilot(comings),

  'expiry: before a row goes': pilot(bucket),
  'gone heads: before they go': pilot(goneHead),
};
