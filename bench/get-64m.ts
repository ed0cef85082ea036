// Large reads: how much of the machine's copying the product adds to what nginx does with sendfile.
import { randomBytes } from 'node:crypto';
import { MiB } from '../src/base/units.ts';
import { type Arm, targetOf } from './arms/arm.ts';
import type { Bench } from './bench.ts';
import { runContest } from './contest.ts';
import { atLeast } from './target.ts';

const objects = 4;
const keyOf = (at: number): string => `get/large-${at}`;
const targets = (arm: Arm): string[] => Array.from({ length: objects }, (_, at) => targetOf(arm, 'GET', keyOf(at)));

export const get64m: Bench = {
  name: 'get-64m',
  headline: 'signed GET of 64 MiB objects',
  run: (frame) =>
    runContest(
      {
        cases: [{ label: '4 connections', connections: 4 }],
        baselines: ['nginx'],
        unit: 'MB/s',
        async fill(arm) {
          for (let at = 0; at < objects; at++) await arm.store(keyOf(at), randomBytes(64 * MiB));
        },
        load: (arm, { connections }, _turn, { seconds }) => ({
          ...{ method: 'GET', targets: targets(arm), connections, seconds },
        }),
        value: ({ bytes, seconds }) => bytes / seconds / 1e6,
        targets: [atLeast(1, 'nginx')],
        notes: [
          `${objects} objects, all in the page cache; nginx sends the same sizes with sendfile and signs nothing, echogate checks the CRC of every slice.`,
        ],
      },
      frame,
    ),
};
