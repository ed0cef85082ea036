// A partition that was granted little: its reads wait their turn, and who would wait too long is told so at once.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePlace, type Place, type Served } from './place.ts';
import { keys, s3 } from './s3.ts';

const readsPerSec = 4;
const workersPart = 0.9;
const longestWaitMs = 5000;
const config = `data: ./data
listen: 127.0.0.1:0
admin: 127.0.0.1:0
workers: 1
users: [{ name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]
partitions: [{ id: p1, directory: ./p1, quota: { readOps: ${readsPerSec} } }]
`;

let place: Place;
let server: Served;
beforeAll(async () => {
  place = await makePlace();
  await writeFile(join(place.dir, 'echogate.yaml'), config);
  server = await place.serve(['serve', '--config', join(place.dir, 'echogate.yaml')], {});
});
afterAll(() => place.remove());

it('reads beyond a quota wait, or are told to slow down', async () => {
  const client = s3(server.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: 'demo' }));
  const stored = 'as it was'.padEnd(100, '.');
  await client.send(new PutObjectCommand({ Bucket: 'demo', Key: 'k', Body: stored }));
  const startedMs = performance.now();
  // Each of other bytes: identical reads at once are one.
  const asked = Array.from({ length: 45 }, async (_, at) => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'demo', Key: 'k', Range: `bytes=0-${at}` }));
      expect(await Body?.transformToString()).toBe(stored.slice(0, at + 1));
      return { status: 200, tookMs: performance.now() - startedMs };
    } catch (error) {
      const { name, $metadata, $response } = error as Error & {
        $metadata: { httpStatusCode: number };
        $response: { headers: Record<string, string> };
      };
      const after = Number($response.headers['retry-after']);
      return { status: $metadata.httpStatusCode, name, after, tookMs: performance.now() - startedMs };
    }
  });
  const answers = await Promise.all(asked);
  const good = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  const tookMs = Math.max(...good.map((each) => each.tookMs));
  // At the rate that one worker has, give or take what is let through at the beginning and what comes late.
  expect(good.length).toBeGreaterThanOrEqual((longestWaitMs / 1000) * readsPerSec * workersPart);
  expect(good.length / (readsPerSec * workersPart)).toBeLessThan(tookMs / 1000 + 0.5);
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, name, after } of refused) {
    expect([status, name]).toEqual([503, 'SlowDown']);
    expect(after).toBeGreaterThanOrEqual(longestWaitMs / 1000);
  }
}, 30_000);
