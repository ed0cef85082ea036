// A crowd that reads one object over and over, and what the server's metrics say of it.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { Place, Served } from './place.ts';
import { s3 } from './s3.ts';

const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Until `end`, which gives the status of each answer; bytes that are not `body` fail the test. */
export function gatherCrowd({ endpoint }: Served, what: { Bucket: string; Key: string }, body: Buffer) {
  const client = s3(endpoint);
  const wanted = sum(body);
  const statuses: number[] = [];
  let isOver = false;
  const ask = async (): Promise<number> => {
    const { Body } = await client.send(new GetObjectCommand(what));
    expect(sum(await Body!.transformToByteArray())).toBe(wanted);
    return 200;
  };
  const crowd = Array.from({ length: 40 }, async () => {
    while (!isOver) {
      const statusOf = (error: Error & { $metadata?: { httpStatusCode?: number } }) =>
        error.$metadata?.httpStatusCode ?? 0;
      statuses.push(await ask().catch(statusOf));
    }
  });
  return {
    statuses,
    async end(): Promise<number[]> {
      isOver = true;
      await Promise.all(crowd);
      return statuses;
    },
  };
}

/** The sum of the lines that are so. */
export async function metric(place: Place, server: Served, pattern: RegExp): Promise<number> {
  const token = (await readFile(join(place.dir, 'data', 'admin-token'), 'utf8')).trim();
  const answer = await fetch(new URL('/metrics', server.adminUrl), { headers: { authorization: `Bearer ${token}` } });
  const lines = (await answer.text()).split('\n').filter((line) => pattern.test(line));
  return lines.reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
}
export const made = /^echogate_echo_fills_total\{result="made"\}/;
export const byEcho = /^echogate_echo_reads_total\{copy="echo"/;
