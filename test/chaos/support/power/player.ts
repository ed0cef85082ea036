// Plays a recording up to a moment, so that the disk can be looked at as a power cut there leaves it, and what was promised by then.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../../../support/trial.ts';
import { DiskImage } from './disk-image.ts';
import { type Event, Promised } from './promised.ts';
import type { Entry } from './read-recording.ts';
import { type Mood, survivalOf } from './survival.ts';

export interface Cut {
  /** How many entries of the recording had happened. */
  readonly at: number;
  readonly mood: Mood;
  readonly seed: number;
}

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
