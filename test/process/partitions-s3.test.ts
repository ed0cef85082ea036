// Partitions made in buckets of a backend, which is another echogate: the bucket comes, is used, and goes; what its backend refuses is said.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePlace, type Place, type Served, until } from './place.ts';
import { keys, keysEnv, s3 } from './s3.ts';

const upkeep = {
  ...{ readMarginMs: 200, dropMarginMs: 300, settledMs: 300, everyMsMax: 250 },
  ...{ checkpointEveryMs: 1500, checkpointMarginMs: 1000 },
};
const configFor = (backend: string): string => `data: ./data
workers: 2
users: [{ name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]
partitions: [{ id: p1, directory: ./p1, capacityDomain: disk1 }]
retired: { grace: 1s }
pools:
  - name: cloud
    max: 2
    s3: { endpoint: "${backend}", bucket: "echogate-{id}", credentials: env }
  - name: stranger
    s3: { endpoint: "${backend}", bucket: "stranger-{n}", credentials: { accessKey: NOBODY, secretKey: nobody-secret } }
`;
const body = randomBytes(200_000);

let place: Place;
let backend: Served;
let server: Served;
const at = (name: string): string => join(place.dir, name);
const partition = (...args: string[]) =>
  place.run(['partition', ...args, '--config', at('echogate.yaml')], {
    ECHOGATE_POOL_CLOUD_ACCESS_KEY: keys.accessKey,
    ECHOGATE_POOL_CLOUD_SECRET_KEY: keys.secretKey,
  });

beforeAll(async () => {
  place = await makePlace();
  backend = await place.serve(['up', at('backend')], keysEnv);
  await writeFile(at('echogate.yaml'), configFor(backend.endpoint));
  server = await place.serve(['serve', '--config', at('echogate.yaml')], {
    ECHOGATE_POOL_CLOUD_ACCESS_KEY: keys.accessKey,
    ECHOGATE_POOL_CLOUD_SECRET_KEY: keys.secretKey,
    ECHOGATE_TRIAL: JSON.stringify({ upkeep }),
  });
  await s3(server.endpoint).send(new CreateBucketCommand({ Bucket: 'demo' }));
}, 60_000);
afterAll(() => place.remove());

async function buckets(): Promise<string[]> {
  const { Buckets = [] } = await s3(backend.endpoint).send(new ListBucketsCommand({}));
  return Buckets.map(({ Name = '' }) => Name).sort();
}

it('a bucket is made, takes what is written, and is removed when it is empty again', async () => {
  const before = await buckets();
  expect(await partition('add', 'cloud')).toMatchObject({ code: 0, stdout: 'cloud-1 is online\n' });
  expect(await buckets()).toEqual([...before, 'echogate-cloud-1'].sort());
  expect((await partition('drain', 'p1')).code).toBe(0);
  const client = s3(server.endpoint);
  let count = 0;
  const refused: string[] = [];
  // Within two seconds everybody writes there.
  await until(
    async () => {
      count += 1;
      const Key = `k${count}`;
      await client.send(new PutObjectCommand({ Bucket: 'demo', Key, Body: body })).catch((error) => {
        refused.push(`${Key}: ${error}`);
      });
      const { Contents = [] } = await s3(backend.endpoint).send(
        new ListObjectsV2Command({ Bucket: 'echogate-cloud-1', Prefix: 'packs/' }),
      );
      return Contents.some(({ Size = 0 }) => Size > body.length) || undefined;
    },
    'a pack in the bucket',
    5000,
  );
  expect(refused, 'what was refused while p1 began to drain').toEqual([]);
  for (let n = 1; n <= count; n++) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'demo', Key: `k${n}` }));
    expect(body.equals(await Body!.transformToByteArray())).toBe(true);
  }

  expect((await partition('add', 'p1')).code).toBe(0);
  expect((await partition('drain', 'cloud-1')).code).toBe(0);
  await until(async () => {
    const { stderr } = await partition('retire', 'cloud-1');
    return /cloud-1 still holds .* of live blocks/.test(stderr) || undefined;
  }, 'a refusal with what lies there');
  for (let n = 1; n <= count; n++) await client.send(new DeleteObjectCommand({ Bucket: 'demo', Key: `k${n}` }));
  await until(async () => (await partition('retire', 'cloud-1')).code === 0 || undefined, 'an empty cloud-1', 60_000);
  await until(async () => !(await buckets()).includes('echogate-cloud-1') || undefined, 'the end of the bucket');
  expect(await buckets()).toEqual(before);
}, 150_000);

it('what is in a bucket besides is never removed with it', async () => {
  expect((await partition('add', 'cloud')).code).toBe(0);
  const Bucket = 'echogate-cloud-1';
  await s3(backend.endpoint).send(new PutObjectCommand({ Bucket, Key: 'somebody/else', Body: body }));
  expect((await partition('drain', 'cloud-1')).code).toBe(0);
  await until(async () => (await partition('retire', 'cloud-1')).code === 0 || undefined, 'an empty cloud-1', 60_000);
  const said = /it is not removed: bucket echogate-cloud-1 is not empty: it holds somebody\/else/;
  await until(async () => said.test(server.output()) || undefined, 'a word in the log');
  const { Body } = await s3(backend.endpoint).send(new GetObjectCommand({ Bucket, Key: 'somebody/else' }));
  expect(body.equals(await Body!.transformToByteArray())).toBe(true);
  expect(await buckets()).toContain(Bucket);
}, 120_000);

it('a pool whose backend says no is refused with its words, and left alone for a while', async () => {
  const { code, stderr } = await partition('add', 'stranger');
  expect(code).toBe(1);
  expect(stderr).toMatch(/pool stranger cannot make stranger-1: 403/);
  const { stdout } = await partition('list', '--json');
  const list = JSON.parse(stdout);
  expect(list.partitions.map(({ id }: { id: string }) => id)).not.toContain('stranger-1');
  expect(list.pools.find(({ name }: { name: string }) => name === 'stranger')).toMatchObject({ left: 0 });
});
