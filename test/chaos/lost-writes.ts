// Power cuts over a disk that forgets: the whole storage lives on a file layer in memory, the power goes at a random call, and every disk
// that may be left is looked at. The catalog here never forgets; power-cut.ts cuts the real one.
import type { Trial, Verdict } from '../support/trial.ts';
import { FakeDisk } from '../unit/partition/fake-disk.ts';
import { Life } from './support/power/life.ts';
import { MemoryCatalog } from './support/power/memory-catalog.ts';
import { Promised } from './support/power/promised.ts';
import { moods, survivalOf } from './support/power/survival.ts';
import { TurningClock } from './support/power/turning-clock.ts';
import { verifyPromised } from './support/power/verify-promised.ts';
import { Writer } from './support/power/writers.ts';

const buckets = [
  { name: 'plain', versioned: false },
  { name: 'kept', versioned: true },
];
const writersCount = 4;
/** Lives on one disk before it is thrown away, so that what must be looked at does not grow for ever. */
const livesPerDisk = 6;
const startMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

export const lostWrites: Trial = {
  name: 'lost-writes',
  promise: 'no power cut takes an acknowledged object, whatever of the unflushed writes had reached the disk',
  full: { states: 20_000 },
  short: { states: 400 },
  async run({ states }, { random, seed, say }): Promise<Verdict> {
    const broken: string[] = [];
    const counted = { states: 0, cuts: 0, looked: 0, acknowledged: 0, doers: new Map<string, number>() };
    let saidMs = Date.now();
    for (let world = 0; counted.states < states!; world++) {
      let disk = new FakeDisk();
      let catalog = new MemoryCatalog();
      const promised = new Promised();
      for (let age = 0; age < livesPerDisk && counted.states < states!; age++) {
        const clock = new TurningClock(startMs + (world * livesPerDisk + age) * dayMs);
        const life = await live({
          disk,
          catalog,
          clock,
          promised,
          random,
          name: `${seed}/${world}/${age}`,
          isFirst: age === 0,
        });
        counted.cuts += 1;
        for (const { name, ticks } of life.upkeep) counted.doers.set(name, (counted.doers.get(name) ?? 0) + ticks);
        broken.push(...life.failures);
        const left = moods.map((mood) => {
          const copy = { mood, disk: disk.clone(), catalog: catalog.clone() };
          copy.disk.cutPower(survivalOf(mood, random));
          return copy;
        });
        for (const state of left) {
          const where = `world ${world}, life ${age}, ${state.mood}`;
          const { looked, broken: found } = await look(state, promised, `${seed}/${world}/${age}/${state.mood}`, clock);
          counted.states += 1;
          counted.looked += looked;
          broken.push(...found.map((line) => `${where}: ${line}`));
        }
        const next = left[Math.floor(random() * left.length)]!;
        next.disk.cutPower();
        disk = next.disk;
        catalog = next.catalog;
        if (broken.length > 50) break;
        if (Date.now() - saidMs > 10_000) {
          saidMs = Date.now();
          say(`${counted.states} of ${states} states, ${broken.length} broken`);
        }
      }
      counted.acknowledged += promised.acknowledged;
      if (broken.length > 50) break;
    }
    const ticks = (name: string): string => (counted.doers.get(name) ?? 0).toLocaleString('en');
    return {
      broken,
      figures: [
        ['power cuts', counted.cuts.toLocaleString('en')],
        ['disks looked at', counted.states.toLocaleString('en')],
        ['changes acknowledged', counted.acknowledged.toLocaleString('en')],
        [
          'acknowledged objects lost, torn or changed',
          `${broken.length} of ${counted.looked.toLocaleString('en')} looked at`,
        ],
        ['ticks of compactor, collector, checkpoint', ['compactor', 'collector', 'checkpoint'].map(ticks).join(', ')],
      ],
    };
  },
};

interface Lived {
  readonly failures: readonly string[];
  readonly upkeep: readonly { readonly name: string; readonly ticks: number }[];
}

/** Writers at work until the power goes at a random call of the disk or the catalog. */
async function live(given: {
  readonly disk: FakeDisk;
  readonly catalog: MemoryCatalog;
  readonly clock: TurningClock;
  readonly promised: Promised;
  readonly random: () => number;
  readonly name: string;
  readonly isFirst: boolean;
}): Promise<Lived> {
  const { disk, catalog, clock, promised, random, name } = given;
  const slow = (): Promise<void> | undefined => (random() < 0.5 ? undefined : clock.sleep(random() * 40));
  let callsLeft = Number.POSITIVE_INFINITY;
  let isCut = false;
  const call = (): Promise<void> | undefined => {
    callsLeft -= 1;
    if (callsLeft > 0) return slow();
    isCut = true;
    return new Promise(() => {});
  };
  const life = await clock.run(Life.begin({ disk, catalog, clock, seed: name }));
  if (given.isFirst) {
    for (const bucket of buckets) await clock.run(life.store.createBucket(bucket.name, bucket.versioned));
  }
  disk.before = call;
  catalog.pause = call;
  callsLeft = 1 + Math.floor(random() ** 2 * 1_000);
  for (let n = 0; n < writersCount; n++) {
    const note = promised.add.bind(promised);
    const writer = new Writer(life.store, {
      name: `w${n}`,
      buckets,
      keysEach: 3,
      random,
      note,
      bytesMax: 70_000,
      longUploads: 0,
    });
    void (async () => {
      while (!isCut) await writer.step();
    })();
  }
  const ended = await clock.turnUntil(() => isCut || life.failures.length > 0);
  life.cut();
  catalog.pause = () => undefined;
  return {
    failures: ended ? life.failures : [...life.failures, `${name}: the writers stand still`],
    upkeep: life.upkeep.status(),
  };
}

async function look(
  state: { disk: FakeDisk; catalog: MemoryCatalog },
  promised: Promised,
  name: string,
  before: TurningClock,
) {
  // What looking changes is looked at by nobody: completed uploads, packs that were collected.
  const disk = state.disk.clone();
  const catalog = state.catalog.clone();
  const clock = new TurningClock(before.wallMs() + 60_000);
  const life = await clock.run(Life.begin({ disk, catalog, clock, seed: `look ${name}` }));
  const verified = await clock.run(verifyPromised(promised, life.store));
  life.cut();
  return verified;
}
