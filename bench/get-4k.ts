// Small reads: what one request costs from socket to socket.
import { randomBytes } from 'node:crypto';
import { KiB } from '../src/base/units.ts';
import { type Arm, targetOf } from './arms/arm.ts';
import { inParallel } from './arms/s3-client.ts';
import type { Bench } from './bench.ts';
import { runContest } from './contest.ts';
import { atLeast } from './target.ts';

const objects = 1_000;
const bytes = randomBytes(4 * KiB);
const keyOf = (at: number): string => `get/${String(at).padStart(4, '0')}`;
const targets = (arm: Arm): string[] => Array.from({ length: objects }, (_, at) => targetOf(arm, 'GET', keyOf(at)));

export const get4k: Bench = {
  name: 'get-4k',
  headline: 'signed GET of 4 KiB objects',
  run: (frame) =>
    runContest(
      {
        cases: [16, 64].map((connections) => ({ label: `${connections} connections`, connections })),
        baselines: ['bare'],
        unit: 'GET/s',
        fill: (arm) => inParallel(objects, 32, (at) => arm.store(keyOf(at), bytes)),
        load: (arm, { connections }, _turn, { seconds }) => ({
          ...{ method: 'GET', targets: targets(arm), connections, seconds },
        }),
        value: ({ requests, seconds }) => requests / seconds,
        targets: [
          atLeast(0.3, 'bare', '16 connections'),
          atLeast(0.35, 'bare', '64 connections'),
          atLeast(2, 'versitygw'),
          atLeast(2, 'minio'),
        ],
        notes: [`${objects} objects, read in turn; every GET of echogate checks the CRC of what it sends.`],
      },
      frame,
    ),
};
