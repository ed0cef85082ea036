// Large durable writes, beside what the disk itself takes when it is told to flush.
import { randomBytes } from 'node:crypto';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MiB } from '../src/base/units.ts';
import { targetOf } from './arms/arm.ts';
import type { Bench } from './bench.ts';
import { runContest } from './contest.ts';
import { flushDisks } from './flush-disks.ts';
import type { Target } from './target.ts';

const bytes = 64 * MiB;
/** Few, and overwritten in turn: each server may free what it replaced. */
const keys = 4;

const target: Target = {
  anyOf: [
    { against: 'versitygw', factor: 1.2 },
    { against: 'disk', factor: 0.8 },
  ],
};

export const put64m: Bench = {
  name: 'put-64m',
  headline: 'PUT of 64 MiB objects; echogate flushes before it answers, versitygw does not',
  run: async (frame) => {
    const content = randomBytes(bytes);
    const body = join(frame.dir, 'body-64m');
    await writeFile(body, content);
    return await runContest(
      {
        cases: [{ label: '2 connections', connections: 2 }],
        baselines: [],
        unit: 'MB/s',
        load: (arm, { connections }, _turn, { seconds }) => ({
          ...{ method: 'PUT', body, connections, seconds },
          targets: Array.from({ length: keys }, (_, at) => targetOf(arm, 'PUT', `put/large-${at}`)),
        }),
        value: ({ requests, seconds }) => (requests * bytes) / seconds / 1e6,
        besides: {
          name: 'disk',
          measure: ({ connections }, { seconds }) => diskRate(frame.dir, content, connections, seconds),
        },
        settle: flushDisks,
        targets: [target],
        notes: [
          '"disk" writes files of 64 MiB, two at a time, each with fdatasync: what can be durable at all. Only whole objects count.',
          'Before each run everything that others left unwritten is flushed to disk, so that nobody pays for another.',
        ],
      },
      frame,
    );
  },
};

/** MB/s of whole flushed files. */
async function diskRate(dir: string, content: Buffer, lanes: number, seconds: number): Promise<number> {
  const startedMs = performance.now();
  const elapsed = (): number => (performance.now() - startedMs) / 1000;
  const lane = async (who: number): Promise<number> => {
    const path = join(dir, `flushed-${who}`);
    let files = 0;
    for (; elapsed() < seconds; files++) {
      const file = await open(path, 'w');
      await file.writeFile(content);
      await file.datasync();
      await file.close();
      await rm(path);
    }
    return files;
  };
  const files = await Promise.all(Array.from({ length: lanes }, (_, who) => lane(who)));
  return (files.reduce((sum, count) => sum + count, 0) * content.length) / elapsed() / 1e6;
}
