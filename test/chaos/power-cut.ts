// Power cuts of the whole real server, LMDB included: what all its processes write and flush is recorded, and of the recording are made
// the disks that a power cut may leave (disk-image.ts says by which rules). Each is opened as a start opens it.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Trial, Verdict } from '../support/trial.ts';
import { type Cut, Player } from './support/power/player.ts';
import { type Entry, readRecording } from './support/power/read-recording.ts';
import { record, scratchIn, unableToRecord } from './support/power/recorder.ts';
import { checkStates, chooseCuts } from './support/power/states.ts';
import { type Verified, verifyPromised } from './support/power/verify-promised.ts';
import { WireStore } from './support/power/wire-store.ts';
import { openWire } from './support/wire.ts';
import { startWorld } from './support/world.ts';

/** So many disks are looked at by one process for one that a whole server is started on. */
const perStart = 100;

export const powerCut: Trial = {
  name: 'power-cut',
  promise:
    'a power cut of the running server at any moment loses no acknowledged object, in the catalog and on the partitions',
  full: { states: 2_000, recordings: 2, seconds: 60 },
  short: { states: 100, recordings: 1, seconds: 15 },
  unable: unableToRecord,
  onlyByHand: 'needs a C compiler; lost-writes and failing-calls stand for it in CI',
  async run({ states, recordings, seconds }, { random, dir, say }): Promise<Verdict> {
    const broken: string[] = [];
    const counted = { removed: 0, starts: 0, states: 0, looked: 0, acknowledged: 0, kills: 0, calls: 0 };
    const perRecording = Math.ceil(states! / recordings!);
    for (let n = 0; n < recordings!; n++) {
      const scratch = mkdtempSync(join(scratchIn(dir), 'echogate-power-'));
      try {
        const recording = await record({
          dir: scratch,
          seconds: seconds!,
          writers: 16,
          random,
          killEverySeconds: 9,
          say,
        });
        const entries = readRecording(recording.log);
        counted.calls += entries.filter((entry) => entry.is === 'call' && entry.phase === 'end').length;
        counted.removed += entries.filter(isPackRemoval).length;
        counted.acknowledged += recording.acknowledged;
        counted.kills += recording.kills;
        const cuts = chooseCuts(entries, perRecording, random);
        const { log, root, partitions } = recording;
        let saidMs = Date.now();
        await checkStates({ log, root, partitions, scratch, cuts }, ({ cut, looked, broken: found }) => {
          counted.states += 1;
          counted.looked += looked;
          broken.push(
            ...found.map((line) => `recording ${n}, entry ${cut.at} of ${entries.length}, ${cut.mood}: ${line}`),
          );
          if (Date.now() - saidMs < 10_000) return;
          saidMs = Date.now();
          say(`${counted.states} of ${states} states, ${broken.length} broken`);
        });
        const chosen = cuts.filter((_, at) => at % perStart === Math.floor(perStart / 2));
        for await (const { cut, looked, broken: found } of startOn(entries, root, chosen, scratch)) {
          counted.starts += 1;
          counted.looked += looked;
          broken.push(
            ...found.map((line) => `recording ${n}, entry ${cut.at}, ${cut.mood}, a server started on it: ${line}`),
          );
          say(`${counted.starts} servers started on such disks`);
        }
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    }
    const figure = (value: number): string => value.toLocaleString('en');
    return {
      broken,
      figures: [
        ['disks looked at', figure(counted.states)],
        ['servers started on such a disk', figure(counted.starts)],
        ['calls recorded', figure(counted.calls)],
        ['workers killed, packs removed by upkeep meanwhile', `${figure(counted.kills)}, ${figure(counted.removed)}`],
        ['changes acknowledged', figure(counted.acknowledged)],
        ['acknowledged objects lost, torn or changed', `${broken.length} of ${figure(counted.looked)} looked at`],
      ],
    };
  },
};

const isPackRemoval = (entry: Entry): boolean =>
  entry.is === 'call' && entry.kind === 'unlink' && entry.phase === 'begin' && entry.path.includes('/packs/');

/** The built server on the disks of these cuts, asked over HTTP. */
async function* startOn(
  entries: readonly Entry[],
  root: string,
  cuts: readonly Cut[],
  scratch: string,
): AsyncGenerator<Verified & { readonly cut: Cut }> {
  const player = new Player(entries, root);
  for (const cut of cuts) {
    player.playTo(cut.at);
    const dir = join(scratch, 'started');
    rmSync(dir, { recursive: true, force: true });
    player.writeDisk(dir, cut);
    try {
      const world = await startWorld({ dir, workers: 2, partitions: 2 });
      const wire = openWire(world);
      try {
        yield { cut, ...(await verifyPromised(player.promised, new WireStore(wire))) };
      } finally {
        wire.close();
        await world.stop();
      }
    } catch (error) {
      yield { cut, looked: 0, broken: [`does not start: ${(error as Error).message}`] };
    }
  }
}
