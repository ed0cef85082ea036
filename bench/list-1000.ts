// A full page of a listing: 1,000 keys, ListObjectsV2.
import { randomBytes } from 'node:crypto';
import { KiB } from '../src/base/units.ts';
import { type Arm, targetOf } from './arms/arm.ts';
import { ask, inParallel } from './arms/s3-client.ts';
import type { Bench } from './bench.ts';
import { runContest } from './contest.ts';
import { atLeast } from './target.ts';

const keys = 1_000;
const bytes = randomBytes(KiB);
const query = Object.entries({ 'list-type': '2', prefix: 'list/' });
const page = (arm: Arm): string => targetOf(arm, 'GET', '', query);

export const list1000: Bench = {
  name: 'list-1000',
  headline: 'LIST of 1,000 keys',
  run: (frame) => {
    let answer: Buffer | undefined;
    return runContest(
      {
        cases: [{ label: '4 connections', connections: 4 }],
        baselines: ['bare'],
        unit: 'LIST/s',
        async fill(arm) {
          if (arm.name === 'bare') {
            if (answer !== undefined) await ask(arm.origin, 'PUT', targetOf(arm, 'PUT', ''), answer);
            return;
          }
          await inParallel(keys, 32, (at) => arm.store(`list/${String(at).padStart(6, '0')}`, bytes));
          const { text } = await ask(arm.origin, 'GET', page(arm));
          const found = text.match(/<Key>/g)?.length;
          if (found !== keys) throw new Error(`${arm.name} lists ${found} keys, not ${keys}`);
          if (arm.name === 'echogate') answer = Buffer.from(text);
        },
        load: (arm, { connections }, _turn, { seconds }) => ({
          ...{ method: 'GET', targets: [page(arm)], connections, seconds },
        }),
        value: ({ requests, seconds }) => requests / seconds,
        targets: [atLeast(5, 'versitygw'), atLeast(5, 'minio')],
        notes: ["The bare server answers echogate's own page from memory."],
      },
      frame,
    );
  },
};
