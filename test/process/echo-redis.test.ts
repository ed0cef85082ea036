// The same crowd where the echo map is in Redis, which falls silent, loses all that it had and is gone: reads go on, and nothing ends.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisServer, redisForTests } from '../support/redis.ts';
import { byEcho, gatherCrowd, made, metric } from './crowd.ts';
import { makePlace, type Place, type Served } from './place.ts';
import { keys, s3 } from './s3.ts';

const { program } = redisForTests();
const partitions = ['p1', 'p2', 'p3'];
const config = (url: string): string => `data: ./data
workers: 1
redis: { url: ${url} }
users: [{ name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]
partitions:
${partitions.map((id) => `  - { id: ${id}, directory: ./${id}, capacityDomain: ${id}, quota: { readOps: 20 } }`).join('\n')}
`;
const body = randomBytes(300_000);
const what = { Bucket: 'demo', Key: 'crowded' };

describe.skipIf(program === undefined)('with Redis', () => {
  let place: Place;
  let redis: RedisServer;
  let server: Served;
  beforeAll(async () => {
    redis = await RedisServer.start(program!);
    place = await makePlace();
    await writeFile(join(place.dir, 'echogate.yaml'), config(redis.url));
    server = await place.serve(['serve', '--config', join(place.dir, 'echogate.yaml')]);
    const client = s3(server.endpoint);
    await client.send(new CreateBucketCommand({ Bucket: what.Bucket }));
    await client.send(new PutObjectCommand({ ...what, Body: body }));
  });
  afterAll(async () => {
    await place.remove();
    await redis.remove();
  });
  const served = (pattern: RegExp) => metric(place, server, pattern);
  const patient = { timeout: 30_000 };

  it('a crowd is served whatever Redis does, and has copies whenever it is there', async () => {
    const crowd = gatherCrowd(server, what, body);
    await expect.poll(() => served(made), patient).toBe(2);
    await expect.poll(() => served(byEcho), patient).toBeGreaterThan(20);
    const client = new Redis(redis.url);
    expect((await client.keys('*:{echoes}:*')).length).toBe(2);

    await client.flushall();
    client.disconnect();
    await expect.poll(() => served(made), patient).toBeGreaterThanOrEqual(4);

    redis.freeze();
    await sleep(1000); // what was known before is not any more
    const [before, madeBefore] = [crowd.statuses.filter((status) => status === 200).length, await served(made)];
    await sleep(3000);
    expect(crowd.statuses.filter((status) => status === 200).length).toBeGreaterThan(before + 20);
    expect(await served(made)).toBe(madeBefore);
    redis.thaw();
    const echoed = await served(byEcho);
    await expect.poll(() => served(byEcho), patient).toBeGreaterThan(echoed);

    await redis.kill();
    await sleep(1000);
    await redis.start();
    await expect.poll(() => served(made), patient).toBeGreaterThan(madeBefore);
    expect((await crowd.end()).filter((status) => status !== 200 && status !== 503)).toEqual([]);
    // A worker and the pilot, each once per absence.
    expect(server.output().split('the echo map in Redis is away').length - 1).toBeLessThanOrEqual(4);
    expect(server.output()).not.toMatch(/upkeep of echoes failed|was replaced|ended unexpectedly/);
  }, 120_000);
});
