// A crowd on one object whose partition was granted little: copies appear on the others and take it.
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePlace, type Place, type Served } from './place.ts';
import { keys, s3 } from './s3.ts';

const partitions = ['p1', 'p2', 'p3'];
const config = `data: ./data
workers: 1
users: [{ name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]
partitions:
${partitions.map((id) => `  - { id: ${id}, directory: ./${id}, capacityDomain: ${id}, quota: { readOps: 20 } }`).join('\n')}
`;
/** Longer than what is read as one for all who ask at once. */
const body = randomBytes(300_000);
const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let place: Place;
let server: Served;
beforeAll(async () => {
  place = await makePlace();
  await writeFile(join(place.dir, 'echogate.yaml'), config);
  server = await place.serve(['serve', '--config', join(place.dir, 'echogate.yaml')]);
  const client = s3(server.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: 'demo' }));
  await client.send(new PutObjectCommand({ Bucket: 'demo', Key: 'crowded', Body: body }));
});
afterAll(() => place.remove());

async function metric(pattern: RegExp): Promise<number> {
  const token = (await readFile(join(place.dir, 'data', 'admin-token'), 'utf8')).trim();
  const answer = await fetch(new URL('/metrics', server.adminUrl), { headers: { authorization: `Bearer ${token}` } });
  const lines = (await answer.text()).split('\n').filter((line) => pattern.test(line));
  return lines.reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
}

it('a crowd is taken by copies on other partitions', async () => {
  const client = s3(server.endpoint);
  const statuses: number[] = [];
  let isOver = false;
  const ask = async () => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'demo', Key: 'crowded' }));
    const bytes = await Body!.transformToByteArray();
    expect(sum(bytes)).toBe(sum(body));
  };
  const crowd = Array.from({ length: 40 }, async () => {
    while (!isOver) {
      statuses.push(
        await ask().then(
          () => 200,
          (error: Error & { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode ?? 0,
        ),
      );
    }
  });
  await expect.poll(() => metric(/^echogate_echo_fills_total\{result="made"\}/), { timeout: 20_000 }).toBe(2);
  await expect.poll(() => metric(/^echogate_echo_reads_total\{copy="echo"/), { timeout: 20_000 }).toBeGreaterThan(20);
  isOver = true;
  await Promise.all(crowd);
  // Whoever was not served was told to slow down; nobody got anything else.
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
}, 60_000);
