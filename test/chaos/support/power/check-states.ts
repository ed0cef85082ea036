// A process that makes disks of a recording and looks at each: opens catalog and partitions as a start does, fences what was alive, and
// reads everything that was acknowledged. A process of its own, because a damaged catalog may end it.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../../src/base/clock.ts';
import { systemRandom } from '../../../../src/base/random.ts';
import { openLmdbCatalog } from '../../../../src/catalog/adapters/lmdb-catalog.ts';
import { openStorage } from '../../../../src/objects/open-storage.ts';
import type { Seat } from '../../../../src/objects/seats.ts';
import { fenceSessions } from '../../../../src/objects/sessions.ts';
import { createObjects } from '../../../../src/objects/stories.ts';
import { DirectoryPartition } from '../../../../src/partition/adapters/directory-partition.ts';
import { seeded } from '../../../support/trial.ts';
import { audit } from '../../../unit/objects/support/audit.ts';
import { DiskImage } from './disk-image.ts';
import { type Event, Promised } from './promised.ts';
import { type Entry, readRecording } from './read-recording.ts';
import { StoriesStore } from './stories-store.ts';
import { type Mood, survivalOf } from './survival.ts';
import { type Verified, verifyPromised } from './verify-promised.ts';

export interface Cut {
  /** How many entries of the recording had happened. */
  readonly at: number;
  readonly mood: Mood;
  readonly seed: number;
}

export interface CheckOrder {
  readonly log: string;
  readonly root: string;
  readonly partitions: readonly string[];
  readonly scratch: string;
  /** In order. */
  readonly cuts: readonly Cut[];
}

export interface Checked extends Verified {
  readonly cut: Cut;
}

/** Plays a recording up to moment after moment. */
export class Player {
  readonly image: DiskImage;
  readonly promised = new Promised();
  readonly #entries: readonly Entry[];
  #at = 0;

  constructor(entries: readonly Entry[], root: string) {
    this.#entries = entries;
    this.image = new DiskImage(root);
  }

  playTo(at: number): void {
    for (; this.#at < at; this.#at++) {
      const entry = this.#entries[this.#at]!;
      if (entry.is === 'call') this.image.apply(entry);
      else if (entry.text.startsWith('{')) this.promised.add(JSON.parse(entry.text) as Event);
    }
  }

  /** The disk as the cut leaves it. */
  writeDisk(target: string, { mood, seed }: Cut): void {
    const random = seeded(seed);
    this.image.write(target, survivalOf(mood, random), (path) => path.endsWith('/catalog/lock.mdb'));
    // LMDB writes its lock file through a map: anything may stand in it.
    const folder = join(target, 'data/catalog');
    if (!existsSync(folder) || random() < 0.3) return;
    const bytes = Buffer.alloc(8192 + Math.floor(random() * 200_000));
    if (random() < 0.5) for (let at = 0; at < bytes.length; at++) bytes[at] = random() * 256;
    writeFileSync(join(folder, 'lock.mdb'), bytes);
  }
}

async function look(target: string, order: CheckOrder, promised: Promised): Promise<Verified> {
  const data = join(target, 'data');
  mkdirSync(data, { recursive: true });
  let death: Error | undefined;
  const raw = openLmdbCatalog({
    path: join(data, 'catalog'),
    die: (error) => {
      death = error;
    },
  });
  const clock = systemClock;
  const random = systemRandom;
  const partitions = new Map<string, Seat>();
  try {
    await fenceSessions(raw);
    raw.reapReaders();
    for (const id of order.partitions) {
      const partition = await DirectoryPartition.mount({ id, directory: join(data, id), clock, random });
      partitions.set(id, { partition, capacityWeight: 1, failureDomain: id });
    }
    const deps = { catalog: raw, partitions, clock, random, pid: process.pid, reserveBytes: 0, onFailed: () => {} };
    const storage = await openStorage(deps);
    const objects = createObjects({ catalog: storage.catalog, blocks: storage.blocks, clock, random });
    const verified = await verifyPromised(promised, new StoriesStore(objects));
    const { faults } = await audit(raw);
    await storage.close();
    return { looked: verified.looked, broken: [...verified.broken, ...faults, ...(death ? [death.message] : [])] };
  } finally {
    for (const { partition } of partitions.values()) await partition.close();
    await raw.close();
  }
}

async function checkAll(order: CheckOrder): Promise<void> {
  const player = new Player(readRecording(order.log), order.root);
  for (const [n, cut] of order.cuts.entries()) {
    player.playTo(cut.at);
    const target = join(order.scratch, `state-${n % 2}`);
    rmSync(target, { recursive: true, force: true });
    player.writeDisk(target, cut);
    let verified: Verified;
    try {
      verified = await look(target, order, player.promised);
    } catch (error) {
      verified = { looked: 0, broken: [`does not open: ${(error as Error).stack}`] };
    }
    const checked: Checked = { cut, ...verified };
    process.send!(checked);
  }
  process.disconnect();
}

if (process.send !== undefined) process.once('message', (order: CheckOrder) => void checkAll(order));
