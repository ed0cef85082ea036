// A backend that closes its connection behind an answer while our reader is slow: the bytes come all the same, and nobody dies.
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KiB } from '../../../src/base/units.ts';
import { S3Partition } from '../../../src/partition/adapters/s3-partition.ts';
import { settings } from './s3-settings.ts';

const pack = 'cd'.repeat(16);
const bytes = randomBytes(192 * KiB);

let backend: Server;
let partition: S3Partition;

beforeEach(async () => {
  backend = createServer((request, response) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')!.map(Number) as [0, number, number];
    response.writeHead(206, {
      connection: 'close',
      'content-length': to + 1 - from,
      'content-range': `bytes ${from}-${to}/${bytes.length}`,
    });
    response.end(bytes.subarray(from, to + 1));
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  partition = new S3Partition({
    ...settings,
    endpoint: `http://127.0.0.1:${(backend.address() as AddressInfo).port}`,
  });
});
afterEach(async () => {
  await partition.close();
  await new Promise((resolve) => backend.close(resolve));
});

it('is read to its end by many slow readers', async () => {
  const readSlowly = async (length: number): Promise<boolean> => {
    const chunks: Buffer[] = [];
    for await (const chunk of partition.read(pack, [{ start: 0, end: length }])) {
      chunks.push(Buffer.from(chunk));
      await sleep(20);
    }
    return Buffer.concat(chunks).equals(bytes.subarray(0, length));
  };
  const lengths = Array.from({ length: 32 }, (_, n) => (n + 1) * 6 * KiB);
  expect(await Promise.all(lengths.map(readSlowly))).toEqual(lengths.map(() => true));
});
