// One simulated life of the whole storage: partitions on a fake disk, stories, upkeep. It ends when the power goes, in the middle of
// whatever it does: from then on nothing that it waits for ever happens.
import { seededRandom } from '../../../../src/base/random.ts';
import type { Catalog } from '../../../../src/catalog/catalog.ts';
import { openStorage, type Storage } from '../../../../src/objects/open-storage.ts';
import type { Seat } from '../../../../src/objects/seats.ts';
import { fenceSessions } from '../../../../src/objects/sessions.ts';
import { createObjects } from '../../../../src/objects/stories.ts';
import { DirectoryPartition } from '../../../../src/partition/adapters/directory-partition.ts';
import type { FileLayer } from '../../../../src/partition/adapters/file-layer.ts';
import { startUpkeep, type Upkeep, type UpkeepKnobs } from '../../../../src/upkeep/upkeep.ts';
import type { FakeDisk } from '../../../unit/partition/fake-disk.ts';
import type { MemoryCatalog } from './memory-catalog.ts';
import { StoriesStore } from './stories-store.ts';
import type { TurningClock } from './turning-clock.ts';

export interface LifeOptions {
  readonly disk: FakeDisk;
  readonly catalog: MemoryCatalog;
  readonly clock: TurningClock;
  readonly seed: string;
  readonly knobs?: Partial<UpkeepKnobs>;
}

/** Upkeep as hasty as it can be without being wrong, so that a short life sees all of it. */
const hasty: Partial<UpkeepKnobs> = { readMarginMs: 100, dropMarginMs: 200, checkpointEveryMs: 5_000 };

export class Life {
  readonly store: StoriesStore;
  readonly storage: Storage;
  readonly upkeep: Upkeep;
  readonly failures: string[];
  readonly #pulse: Pulse;

  private constructor(storage: Storage, upkeep: Upkeep, store: StoriesStore, failures: string[], pulse: Pulse) {
    this.storage = storage;
    this.upkeep = upkeep;
    this.store = store;
    this.failures = failures;
    this.#pulse = pulse;
  }

  static async begin(options: LifeOptions): Promise<Life> {
    const pulse: Pulse = { beats: true };
    const clock = mortal(options.clock, pulse);
    const catalog: Catalog = mortal(options.catalog, pulse);
    const files: FileLayer = mortal(options.disk, pulse);
    const random = seededRandom(options.seed);
    const failures: string[] = [];
    const partitions = new Map<string, Seat>();
    for (const id of ['p1', 'p2']) {
      const partition = await DirectoryPartition.mount({ id, directory: `/${id}`, clock, random, files });
      partitions.set(id, { partition, capacityWeight: 1, failureDomain: id });
    }
    await fenceSessions(catalog);
    const fail = (error: unknown): void => void failures.push(String(error));
    const deps = { catalog, partitions, clock, random };
    const storage = await openStorage({ ...deps, pid: 1, reserveBytes: 0, onFailed: fail });
    const knobs = { ...hasty, ...options.knobs };
    const upkeep = await startUpkeep({ ...deps, storage, knobs, onError: () => {}, onLost: fail });
    const objects = createObjects({ catalog: storage.catalog, blocks: storage.blocks, clock, random });
    return new Life(storage, upkeep, new StoriesStore(objects), failures, pulse);
  }

  cut(): void {
    this.#pulse.beats = false;
  }
}

interface Pulse {
  beats: boolean;
}

const forever = new Promise<never>(() => {});

/** The same object, whose methods give no answer any more once the pulse has stopped. */
function mortal<T extends object>(inner: T, pulse: Pulse): T {
  return new Proxy(inner, {
    get(_, name) {
      const member: unknown = Reflect.get(inner, name, inner);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        if (!pulse.beats) return forever;
        const answer: unknown = member.apply(inner, args);
        if (!(answer instanceof Promise)) return answer;
        return answer.then(
          (value) => (pulse.beats ? value : forever),
          (error) => (pulse.beats ? Promise.reject(error) : forever),
        );
      };
    },
  });
}
