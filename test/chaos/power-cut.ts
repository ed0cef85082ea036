// Power cuts of the whole real server, LMDB included: what all its processes write and flush is recorded, and of the recording are made
// the disks that a power cut may leave (disk-image.ts says by which rules). Each is opened as a start opens it.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Trial, Verdict } from '../support/trial.ts';
import { readRecording } from './support/power/read-recording.ts';
import { record, scratchIn, unableToRecord } from './support/power/recorder.ts';
import { checkStates, chooseCuts } from './support/power/states.ts';

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
    const counted = { states: 0, looked: 0, acknowledged: 0, kills: 0, calls: 0 };
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
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    }
    const figure = (value: number): string => value.toLocaleString('en');
    return {
      broken,
      figures: [
        ['disks looked at', figure(counted.states)],
        ['calls recorded', figure(counted.calls)],
        ['workers killed meanwhile', figure(counted.kills)],
        ['changes acknowledged', figure(counted.acknowledged)],
        ['acknowledged objects lost, torn or changed', `${broken.length} of ${figure(counted.looked)} looked at`],
      ],
    };
  },
};
