// Small durable writes, each a new key: at 1 connection the time of a flush, at 64 how many share one.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KiB } from '../src/base/units.ts';
import { type Arm, targetOf } from './arms/arm.ts';
import type { Bench } from './bench.ts';
import { runContest } from './contest.ts';
import { flushDisks } from './flush-disks.ts';
import { atLeast } from './target.ts';

/** More than any arm stores in a second, so that no key is written twice. */
const keysPerSecond = 12_000;
const barePerSecond = 1_000;

/** Spread as hashed names are: a run of consecutive keys would be kinder to a tree. */
const keyOf = (turn: number, at: number): string =>
  `put/${turn}/${((at * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}`;

const targets = (arm: Arm, turn: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => targetOf(arm, 'PUT', keyOf(turn, at)));

export const put4k: Bench = {
  name: 'put-4k',
  headline: 'PUT of new 4 KiB objects; echogate and MinIO flush before they answer, versitygw does not',
  run: async (frame) => {
    const body = join(frame.dir, 'body-4k');
    await writeFile(body, randomBytes(4 * KiB));
    return await runContest(
      {
        cases: [1, 16, 64].map((connections) => ({
          label: `${connections} connection${connections === 1 ? '' : 's'}`,
          connections,
        })),
        baselines: ['bare'],
        unit: 'PUT/s',
        load: (arm, { connections }, turn, { seconds }) => ({
          ...{ method: 'PUT', body, connections, seconds },
          targets: targets(arm, turn, seconds * (arm.name === 'bare' ? barePerSecond : keysPerSecond)),
        }),
        value: ({ requests, seconds }) => requests / seconds,
        settle: flushDisks,
        targets: [
          atLeast(1, 'minio', '1 connection'),
          atLeast(4, 'minio', '16 connections'),
          atLeast(4, 'minio', '64 connections'),
          atLeast(1.3, 'versitygw', '64 connections'),
        ],
        notes: [
          'Before each run everything that others left unwritten is flushed to disk, so that nobody pays for another.',
          'The bare server keeps nothing and flushes nothing; it stands here as the cost of HTTP alone.',
        ],
      },
      frame,
    );
  },
};
