// The k-th file call fails, for every k of a life that does everything once: what was refused shows nothing, what was acknowledged stays,
// in the running process and behind a power cut that forgets all that no flush made safe.
import type { Trial, Verdict } from '../support/trial.ts';
import { errno, FakeDisk } from '../unit/partition/fake-disk.ts';
import { bytesOf } from './support/power/content.ts';
import { Life } from './support/power/life.ts';
import { MemoryCatalog } from './support/power/memory-catalog.ts';
import { type Effect, Promised } from './support/power/promised.ts';
import { type Acked, Refused, type Store } from './support/power/store.ts';
import { moods, survivalOf } from './support/power/survival.ts';
import { TurningClock } from './support/power/turning-clock.ts';
import { verifyPromised } from './support/power/verify-promised.ts';

/** Calls that may fail without the disk being broken for good; each with what a kernel says. */
const failing: Readonly<Record<string, readonly string[]>> = {
  open: ['EIO', 'EMFILE', 'ENOSPC'],
  writev: ['EIO', 'ENOSPC'],
  fdatasync: ['EIO', 'ENOSPC'],
  syncDirectory: ['EIO'],
  makeDirectory: ['EIO', 'ENOSPC'],
  link: ['EIO'],
  unlink: ['EIO'],
  close: ['EIO'],
};
const startMs = Date.UTC(2026, 0, 1);

export const failingCalls: Trial = {
  name: 'failing-calls',
  promise: 'whichever file call fails, what was acknowledged stays and what was refused shows nothing',
  full: { rounds: 10 },
  short: { rounds: 1 },
  async run({ rounds }, { random, say }): Promise<Verdict> {
    const broken: string[] = [];
    const failed = new Map<string, number>();
    const counted = { looked: 0, states: 0, refused: 0, acknowledged: 0 };
    for (let round = 0; round < rounds!; round++) {
      for (let k = 1; ; k++) {
        const lived = await liveThrough(k, random, `${round}/${k}`);
        if (lived.failed === undefined) break; // k is beyond the last call
        failed.set(lived.failed, (failed.get(lived.failed) ?? 0) + 1);
        counted.looked += lived.looked;
        counted.states += lived.states;
        counted.refused += lived.refused;
        counted.acknowledged += lived.acknowledged;
        broken.push(...lived.broken.map((line) => `call ${k}, ${lived.failed}: ${line}`));
      }
      say(`round ${round + 1} of ${rounds}, ${broken.length} broken`);
    }
    const total = [...failed.values()].reduce((sum, one) => sum + one, 0);
    for (const name of ['open', 'writev', 'fdatasync', 'syncDirectory', 'link', 'unlink']) {
      if (![...failed.keys()].some((call) => call.startsWith(name))) broken.push(`no ${name} was there to fail`);
    }
    return {
      broken,
      figures: [
        ['calls that failed', `${total}: ${[...failed].map(([name, count]) => `${name} ${count}`).join(', ')}`],
        ['changes acknowledged, refused', `${counted.acknowledged}, ${counted.refused}`],
        ['power cuts behind them', `${counted.states}`],
        [
          'acknowledged objects lost, torn or changed',
          `${broken.length} of ${counted.looked.toLocaleString('en')} looked at`,
        ],
      ],
    };
  },
};

async function liveThrough(k: number, random: () => number, name: string) {
  const disk = new FakeDisk();
  const catalog = new MemoryCatalog();
  const clock = new TurningClock(startMs);
  const promised = new Promised();
  let calls = 0;
  let failed: string | undefined;
  disk.before = (call) => {
    const codes = failing[call];
    if (codes === undefined) return undefined;
    calls += 1;
    if (calls !== k) return undefined;
    const code = codes[Math.floor(random() * codes.length)]!;
    failed = `${call} with ${code}`;
    throw errno(code);
  };
  const counted = { refused: 0 };
  // A mount that fails is told and tried again, as compose does.
  const begin = (seed: string) => clock.run(Life.begin({ disk, catalog, clock, seed }));
  const life = await begin(name).catch(() => begin(`${name}/again`));
  await clock.run(everythingOnce(life, clock, promised, counted));
  disk.before = () => undefined;
  const left = (['nothing', moods[Math.floor(random() * moods.length)]!] as const).map((mood) => {
    const state = { mood, disk: disk.clone(), catalog: catalog.clone() };
    state.disk.cutPower(survivalOf(mood, random));
    return state;
  });
  const live = await clock.run(verifyPromised(promised, life.store));
  life.cut();
  const broken = [...life.failures, ...live.broken.map((line) => `the running process: ${line}`)];
  let { looked } = live;
  for (const state of left) {
    const later = new TurningClock(clock.wallMs() + 60_000);
    const seed = `${name}/${state.mood}`;
    const reborn = await later.run(Life.begin({ disk: state.disk, catalog: state.catalog, clock: later, seed }));
    const verified = await later.run(verifyPromised(promised, reborn.store));
    reborn.cut();
    looked += verified.looked;
    broken.push(...verified.broken.map((line) => `a power cut that leaves ${state.mood}: ${line}`));
  }
  const { acknowledged } = promised;
  return { failed, broken, looked, states: left.length, refused: counted.refused, acknowledged };
}

/** Objects, copies, versions, uploads, removals, and time for upkeep to remove and rewrite packs. */
async function everythingOnce(
  { store }: Life,
  clock: TurningClock,
  promised: Promised,
  counted: { refused: number },
): Promise<void> {
  await store.createBucket('plain', false);
  await store.createBucket('kept', true);
  let id = 0;
  const ask = async <Answer extends object>(
    bucket: string,
    key: string,
    effect: Effect,
    act: (on: Store, where: { bucket: string; key: string }) => Promise<Answer>,
  ): Promise<Answer | undefined> => {
    id += 1;
    const own = id;
    const where = { bucket, key };
    promised.add({ on: 'begin', id: own, where, effect });
    try {
      const answer = await act(store, where);
      promised.add({ on: 'end', id: own, outcome: 'acked', ...answer });
      return answer;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      counted.refused += 1;
      promised.add({ on: 'end', id: own, outcome: 'refused' });
      return undefined;
    }
  };
  const put = (bucket: string, key: string, size: number): Promise<Acked | undefined> => {
    const content = [{ name: `${key} #${id}`, size }];
    return ask(bucket, key, { does: 'put', content }, (on, where) => on.put(where, bytesOf(content)));
  };
  const remove = (bucket: string, key: string) => ask(bucket, key, { does: 'remove' }, (on, where) => on.remove(where));
  const upload = async (key: string, end: 'complete' | 'abort' | 'leave'): Promise<void> => {
    const made = await ask('plain', key, { does: 'create-upload' }, async (on, where) => ({
      uploadId: await on.createUpload(where),
    }));
    if (made === undefined) return;
    const { uploadId } = made;
    const content = [{ name: `${key} part`, size: 90_000 }];
    const part = await ask('plain', key, { does: 'part', uploadId, part: 1, content }, async (on, where) => ({
      etag: await on.uploadPart(where, uploadId, 1, bytesOf(content)),
    }));
    if (part === undefined || end === 'leave') return;
    if (end === 'abort') {
      await ask('plain', key, { does: 'abort', uploadId }, async (on, where) => {
        await on.abortUpload(where, uploadId);
        return {};
      });
      return;
    }
    await ask('plain', key, { does: 'complete', uploadId, content }, (on, where) =>
      on.completeUpload(where, uploadId, [[1, part.etag]]),
    );
  };

  await Promise.all([put('plain', 'gone-1', 3_000), put('plain', 'gone-2', 70_000)]);
  await Promise.all([remove('plain', 'gone-1'), remove('plain', 'gone-2')]);
  await clock.sleep(45_000); // the pack is ended, found dead and removed
  await Promise.all([
    put('plain', 'a', 1_000),
    put('plain', 'b', 200_000),
    put('kept', 'c', 0),
    put('kept', 'd', 5_000),
  ]);
  await Promise.all([upload('whole', 'complete'), upload('given-up', 'abort'), upload('open', 'leave')]);
  const first = await put('kept', 'd', 6_000);
  await put('kept', 'd', 7_000);
  if (first?.versionId !== undefined) {
    const { versionId } = first;
    await ask('kept', 'd', { does: 'remove-version', versionId }, (on, where) => on.remove(where, versionId));
  }
  const content = [{ name: 'source', size: 30_000 }];
  await ask('plain', 'source', { does: 'put', content }, (on, where) => on.put(where, bytesOf(content)));
  await ask('plain', 'copy', { does: 'put', content }, (on, where) =>
    on.copy({ bucket: 'plain', key: 'source' }, where),
  );
  await Promise.all([put('plain', 'a', 2_000), remove('plain', 'b')]);
  await clock.sleep(45_000); // what is left of the pack is rewritten
  await put('plain', 'last', 10_000);
}
