// Flushes that fail with EIO under the real server: of packs, of folders, of the catalog and its meta page; opens too. What a failed
// flush was to cover counts as lost from then on (a kernel marks it clean), so that a flush that is tried again and "succeeds" is
// found out by the power cuts that follow.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Trial, Verdict } from '../support/trial.ts';
import { readRecording } from './support/power/read-recording.ts';
import { faultNames, record, scratchIn, unableToRecord } from './support/power/recorder.ts';
import { readFailedFlushes } from './support/power/retried-flushes.ts';
import { checkStates, chooseCuts } from './support/power/states.ts';
import { verifyPromised } from './support/power/verify-promised.ts';

const statesPerRecording = 150;

export const flushErrors: Trial = {
  name: 'flush-errors',
  promise: 'flushes that fail lose nothing that was acknowledged and are never tried again into a false "durable"',
  full: { errors: 500, recordings: 3, seconds: 240 },
  short: { errors: 60, recordings: 1, seconds: 30 },
  unable: unableToRecord,
  onlyByHand: 'needs a C compiler; failing-calls stands for it in CI',
  async run({ errors, recordings, seconds }, { random, dir, say }): Promise<Verdict> {
    const broken: string[] = [];
    const injected = new Map<string, number>();
    const counted = { looked: 0, states: 0, acknowledged: 0, refused: 0, deaths: 0, failed: 0 };
    for (let n = 0; n < recordings!; n++) {
      const scratch = mkdtempSync(join(scratchIn(dir), 'echogate-flush-'));
      try {
        const recording = await record({
          dir: scratch,
          seconds: seconds!,
          writers: 16,
          random,
          faults: {
            'pack flush': 0.2,
            'folder flush': 0.1,
            'pack open': 0.2,
            'catalog flush': 0.002,
            'catalog meta page': 0.002,
          },
          enough: (soFar) => sum(Object.values(soFar)) >= errors! / recordings!,
          async atEnd(promised, store) {
            const live = await verifyPromised(promised, store);
            counted.looked += live.looked;
            broken.push(...live.broken.map((line) => `recording ${n}, the running server: ${line}`));
          },
          say,
        });
        for (const name of faultNames) injected.set(name, (injected.get(name) ?? 0) + recording.injected[name]);
        counted.acknowledged += recording.acknowledged;
        counted.refused += recording.refused;
        const entries = readRecording(recording.log);
        const failed = readFailedFlushes(entries);
        counted.failed += failed.catalog;
        counted.deaths += [...recording.output.matchAll(/the catalog failed, this process ends/g)].length;
        broken.push(...failed.broken.map((line) => `recording ${n}: ${line}`));
        if (sum(Object.values(recording.injected)) === 0) broken.push(`recording ${n}: no error was injected`);
        const { log, root, partitions } = recording;
        const cuts = chooseCuts(entries, statesPerRecording, random);
        await checkStates({ log, root, partitions, scratch, cuts }, ({ cut, looked, broken: found }) => {
          counted.states += 1;
          counted.looked += looked;
          broken.push(
            ...found.map((line) => `recording ${n}, entry ${cut.at} of ${entries.length}, ${cut.mood}: ${line}`),
          );
          if (counted.states % 50 === 0) say(`${counted.states} states, ${broken.length} broken`);
        });
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    }
    if (counted.deaths < counted.failed)
      broken.push(`${counted.failed} processes should have ended, ${counted.deaths} did`);
    const total = sum([...injected.values()]);
    if (total < errors!) broken.push(`only ${total} of ${errors} errors came to pass in the time given`);
    const figure = (value: number): string => value.toLocaleString('en');
    return {
      broken,
      figures: [
        ['errors', [figure(total), ...[...injected].map(([name, count]) => `${name} ${figure(count)}`)].join(' · ')],
        ['changes acknowledged, refused', `${figure(counted.acknowledged)}, ${figure(counted.refused)}`],
        ['flushes of the catalog that failed, processes that ended for it', `${counted.failed}, ${counted.deaths}`],
        ['power cuts behind them', figure(counted.states)],
        ['acknowledged objects lost, torn or changed', `${broken.length} of ${figure(counted.looked)} looked at`],
      ],
    };
  },
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
