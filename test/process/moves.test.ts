// A bucket moves from a directory to a bucket of another backend and back while it is read and written, and its pilot is killed on the way: clients see
// nothing of it.
import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePlace, type Place, type Served, until } from './place.ts';
import { keys, keysEnv, s3 } from './s3.ts';

const MiB = 1024 * 1024;
const users = `users: [{ name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]`;
const configOf = (backend: string): string => `data: ./data
workers: 1
${users}
pilot: { moveRate: 8MiB }
echo: { count: 0 } # copies of what is read all the time would stay where it was
partitions:
  - { id: p1, directory: ./p1, capacityDomain: d1 }
  - { id: p2, s3: { endpoint: "${backend}", bucket: demo, region: us-east-1, credentials: env }, capacityDomain: d2 }
`;

let place: Place;
let behind: Place;
let server: Served;
let steps: string;
let config: string;
const backendKeys = { AWS_ACCESS_KEY_ID: keys.accessKey, AWS_SECRET_ACCESS_KEY: keys.secretKey };
const bodies = new Map<string, Buffer>();

beforeAll(async () => {
  behind = await makePlace();
  const backend = await behind.serve(['up', join(behind.dir, 'd')], keysEnv);
  place = await makePlace();
  steps = join(place.dir, 'steps');
  config = join(place.dir, 'echogate.yaml');
  await writeFile(config, configOf(backend.endpoint));
  const trial = JSON.stringify({ stepsFile: steps, upkeep: { everyMsMax: 250, readMarginMs: 200, dropMarginMs: 300 } });
  server = await place.serve(['serve', '--config', config], { ...backendKeys, ECHOGATE_TRIAL: trial });
  await s3(server.endpoint).send(new CreateBucketCommand({ Bucket: 'moving' }));
}, 60_000);
afterAll(async () => {
  await place?.remove();
  await behind?.remove();
});

async function order(step: object): Promise<void> {
  await writeFile(`${steps}.draft`, JSON.stringify(step));
  await rename(`${steps}.draft`, steps);
}

async function admin(path: string): Promise<unknown> {
  const token = (await readFile(join(place.dir, 'data', 'admin-token'), 'utf8')).trim();
  const answer = await fetch(new URL(path, server.adminUrl), { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return await answer.json();
}

const put = async (key: string, size: number): Promise<void> => {
  const body = randomBytes(size);
  await s3(server.endpoint).send(new PutObjectCommand({ Bucket: 'moving', Key: key, Body: body }));
  bodies.set(key, body);
};

async function placesOf(key: string): Promise<readonly string[]> {
  const { blocks } = (await admin(`/v1/info?bucket=moving&key=${key}`)) as { blocks: { partition: string }[] };
  return [...new Set(blocks.map(({ partition }) => partition))];
}

/** All of every object, and no act stands any more. */
async function liesOn(partition: string): Promise<true | undefined> {
  for (const key of bodies.keys()) if ((await placesOf(key)).some((id) => id !== partition)) return undefined;
  const { acts } = (await admin('/v1/census')) as { acts: number };
  return acts === 0 ? true : undefined;
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Reads all the time until it is told to stop; says how many reads were right. A wrong or failed one fails the test. */
function keepReading() {
  let isOver = false;
  let reads = 0;
  const client = s3(server.endpoint);
  const loop = (async () => {
    while (!isOver)
      for (const [key, body] of bodies) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: 'moving', Key: key }));
        expect(digest(await Body!.transformToByteArray())).toBe(digest(body));
        reads += 1;
      }
  })();
  loop.catch(() => {}); // told at the end
  return async (): Promise<number> => {
    isOver = true;
    await loop;
    return reads;
  };
}

it('there and back, with a pilot that is killed on the way', async () => {
  await put('first', 1000);
  await order({ kind: 're-home', bucket: 'moving', to: 'p1' });
  await sleep(500);
  for (let n = 0; n < 60; n++) await put(`small${n}`, 20_000);
  for (let n = 0; n < 8; n++) await put(`mid${n}`, 3 * MiB);
  await put('large', 20 * MiB);
  const stop = keepReading();
  await order({ kind: 'move', bucket: 'moving', to: 'p2' });
  await until(
    async () => ((await placesOf('small0'))[0] === 'p2' ? true : undefined),
    'the first blocks to move',
    30_000,
  );
  const { pilot } = (await admin('/v1/status')) as { pilot: { pid: number } };
  process.kill(pilot.pid, 'SIGKILL');
  await put('meanwhile', 100_000);
  await until(() => liesOn('p2'), 'all of it on p2', 60_000);
  await put('after', 100_000);
  expect(await placesOf('after')).toEqual(['p2']);

  await order({ kind: 'move', bucket: 'moving', to: 'p1' });
  await until(() => liesOn('p1'), 'all of it on p1 again', 60_000);
  expect(await stop()).toBeGreaterThan(20);
  // Nothing is left where it was.
  await until(async () => {
    const { partitions } = (await admin('/v1/census')) as { partitions: Record<string, { liveBytes: number }> };
    return partitions.p2!.liveBytes === 0 ? true : undefined;
  }, 'what p2 held to go');
  expect(await server.stop()).toBe(0);
  const fsck = await place.run(['fsck', '--deep', '--config', config], backendKeys);
  expect([fsck.code, fsck.stdout + fsck.stderr]).toEqual([0, expect.anything()]);
}, 180_000);
