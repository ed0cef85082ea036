// A partition whose backend keeps a copy of it: reads go on from there while the partition is away, and nothing is ever written to it.
import { randomBytes } from 'node:crypto';
import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePlace, type Place, type Served } from './place.ts';
import { keys, s3 } from './s3.ts';

const config = `data: ./data
workers: 1
users: [{ name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]
echo: { header: true }
partitions:
  - { id: p1, directory: ./p1 }
  - { id: west, replicaOf: p1, directory: ./west, failureDomain: west }
`;
const small = randomBytes(30_000);
const big = randomBytes(3_000_000);

let place: Place;
const at = (name: string): string => join(place.dir, name);
const serve = (): Promise<Served> => place.serve(['serve', '--config', at('echogate.yaml')]);
beforeAll(async () => {
  place = await makePlace();
  await writeFile(at('echogate.yaml'), config);
});
afterAll(() => place.remove());

/** Which copy gave it right, or the status of the refusal. */
async function read(server: Served, key: string, body: Buffer): Promise<string | number | undefined> {
  const client = s3(server.endpoint);
  let copy: string | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      copy = (result.response as { headers: Record<string, string> }).headers['x-echogate-copy'];
      return result;
    },
    { step: 'deserialize' },
  );
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'demo', Key: key }));
    return body.equals(await Body!.transformToByteArray()) ? copy : 'wrong bytes';
  } catch (error) {
    return (error as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode;
  }
}

async function filesIn(directory: string): Promise<string[]> {
  return (await readdir(directory, { recursive: true })).sort();
}

it('is read while its partition is away, as far as it has come, and never written', async () => {
  let server = await serve(); // the replica is not there yet: said, and no reason not to start
  const client = s3(server.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: 'demo' }));
  await client.send(new PutObjectCommand({ Bucket: 'demo', Key: 'small', Body: small }));
  await client.send(new PutObjectCommand({ Bucket: 'demo', Key: 'big', Body: big }));
  await server.stop();
  await cp(at('p1'), at('west'), { recursive: true }); // what the backend does
  server = await serve();
  await s3(server.endpoint).send(new PutObjectCommand({ Bucket: 'demo', Key: 'later', Body: small }));
  expect(await read(server, 'big', big)).toBe('primary');
  await server.stop();

  await rename(at('p1'), at('away'));
  await writeFile(at('p1'), 'no directory');
  const before = await filesIn(at('west'));
  server = await serve();
  const moved = s3(server.endpoint);
  expect(await read(server, 'small', small)).toBe('echo:west');
  expect(await read(server, 'big', big)).toBe('echo:west');
  expect((await moved.send(new HeadObjectCommand({ Bucket: 'demo', Key: 'later' }))).ContentLength).toBe(small.length);
  expect(await read(server, 'later', small)).toBe(503);
  await expect(moved.send(new PutObjectCommand({ Bucket: 'demo', Key: 'new', Body: small }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 503 },
  });
  const said = await place.run(['echo', 'explain', 's3://demo/small', '--data', 'data']);
  expect(`${said.stdout}${said.stderr}`).toMatch(
    /a read tries echo:west first: the primary is down[\s\S]*replica +west +up/,
  );
  expect(await filesIn(at('west'))).toEqual(before);
  await server.stop();

  for (const name of before) {
    const file = join(at('west'), name);
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes === undefined || name.endsWith('.json')) continue;
    for (let byte = 0; byte < bytes.length; byte += 1000) bytes[byte] = ~bytes[byte]!;
    await writeFile(file, bytes);
  }
  server = await serve();
  expect(await read(server, 'small', small)).toBe(503);
}, 90_000);

it('of another partition is not taken for one', async () => {
  await writeFile(at('other.yaml'), config.replaceAll('./data', './data2').replaceAll('p1', 'p9'));
  const server = await place.serve(['serve', '--config', at('other.yaml')]);
  expect(server.output()).toMatch(/belongs to partition \\*"p1\\*", not \\*"p9/);
}, 60_000);
