// A crowd on one object whose partition was granted little: copies appear on the others and take it.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { byEcho, gatherCrowd, made, metric } from './crowd.ts';
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

it('a crowd is taken by copies on other partitions', async () => {
  const crowd = gatherCrowd(server, { Bucket: 'demo', Key: 'crowded' }, body);
  await expect.poll(() => metric(place, server, made), { timeout: 20_000 }).toBe(2);
  await expect.poll(() => metric(place, server, byEcho), { timeout: 20_000 }).toBeGreaterThan(20);
  // Whoever was not served was told to slow down; nobody got anything else.
  expect((await crowd.end()).filter((status) => status !== 200 && status !== 503)).toEqual([]);
}, 60_000);
