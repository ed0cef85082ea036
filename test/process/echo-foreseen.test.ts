// A hot spot is declared: copies of its cold objects are there before it begins, and serve while their home is away.
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { made, metric } from './crowd.ts';
import { makePlace, type Place, type Served } from './place.ts';
import { keys, s3 } from './s3.ts';

const partitions = ['p1', 'p2', 'p3'];
const config = `data: ./data
workers: 1
users: [{ name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]
partitions:
${partitions.map((id) => `  - { id: ${id}, directory: ./${id}, capacityDomain: ${id}, failureDomain: ${id} }`).join('\n')}
`;
const objects = Array.from({ length: 16 }, (_, at) => ({ key: `hot/${at}`, body: randomBytes(100_000 + at) }));

let place: Place;
let server: Served;
beforeAll(async () => {
  place = await makePlace();
  await writeFile(join(place.dir, 'echogate.yaml'), config);
  server = await place.serve(['serve', '--config', join(place.dir, 'echogate.yaml')]);
  const client = s3(server.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: 'demo' }));
  for (const { key, body } of objects)
    await client.send(new PutObjectCommand({ Bucket: 'demo', Key: key, Body: body }));
  await client.send(new PutObjectCommand({ Bucket: 'demo', Key: 'other', Body: objects[0]!.body }));
});
afterAll(() => place.remove());

async function ask(path: string): Promise<string> {
  const token = (await readFile(join(place.dir, 'data', 'admin-token'), 'utf8')).trim();
  const answer = await fetch(new URL(path, server.adminUrl), { headers: { authorization: `Bearer ${token}` } });
  return await answer.text();
}
it('a hot spot that begins soon has its echoes before it begins', async () => {
  const fromMs = Math.ceil(Date.now() / 1000 + 25) * 1000;
  const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const where = ['--bucket', 'demo', '--prefix', 'hot/', '--from', time(fromMs), '--to', time(fromMs + 600_000)];
  const added = await place.run(['hint', 'add', 'launch', ...where, '--factor', '5', '--data', 'data']);
  expect([added.code, added.stderr]).toEqual([0, '']);
  await expect.poll(() => metric(place, server, made), { timeout: 24_000, interval: 200 }).toBe(2 * objects.length);
  expect(Date.now()).toBeLessThan(fromMs);

  const { blocks } = JSON.parse(await ask('/v1/info?bucket=demo&key=hot/0'));
  const home: string = blocks[0].partition;
  await rename(join(place.dir, home), join(place.dir, 'away'));
  try {
    const client = s3(server.endpoint);
    for (const { key, body } of objects) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'demo', Key: key }));
      expect(body.equals(await Body!.transformToByteArray())).toBe(true);
    }
    await expect(client.send(new GetObjectCommand({ Bucket: 'demo', Key: 'other' }))).rejects.toThrow();
  } finally {
    await rename(join(place.dir, 'away'), join(place.dir, home));
  }
  expect(await metric(place, server, /^echogate_echo_drops_total/)).toBe(0);
}, 60_000);
