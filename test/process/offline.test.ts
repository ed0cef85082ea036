// `fsck`, `rebuild` and `scrub` as an operator runs them: never beside a server, and a lost catalog comes back.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePlace, type Place, type Served } from './place.ts';
import { keysEnv, s3 } from './s3.ts';

let place: Place;
let server: Served;
let data: string;

beforeAll(async () => {
  place = await makePlace();
  data = join(place.dir, 'data');
  server = await place.serve(['up', data], keysEnv);
  const client = s3(server.endpoint);
  for (const Key of ['one', 'two'])
    await client.send(new PutObjectCommand({ Bucket: 'demo', Key, Body: `body of ${Key}` }));
  client.destroy();
});
afterAll(() => place.remove());

/** Several starts of the program, one after the other. */
const patient = { timeout: 90_000 };

it('are refused while a server runs, and say which', patient, async () => {
  for (const command of ['fsck', 'rebuild', 'scrub']) {
    const { code, stderr } = await place.run([command, data]);
    expect(code, command).toBe(75);
    expect(stderr).toContain(`in use by the echogate process ${server.process.pid}`);
  }
  await server.stop();
});

it('find nothing wrong with what a server left', patient, async () => {
  const fsck = await place.run(['fsck', data, '--deep', '--json']);
  expect(fsck.code).toBe(0);
  expect(JSON.parse(fsck.stdout)).toMatchObject({ ok: true, mended: 0, version: 1 });
  const scrub = await place.run(['scrub', data, '--rate', '100']);
  expect(scrub).toMatchObject({ code: 0, stdout: expect.stringContaining('2 blocks') });
  expect((await place.run(['scrub', data, '--rate', 'fast'])).code).toBe(2);
});

it('bring a lost catalog back, on which no server would have started', patient, async () => {
  expect((await place.run(['rebuild', data])).stderr).toContain('--replace');
  await rm(join(data, 'catalog'), { recursive: true });
  expect((await place.run(['fsck', data])).stderr).toContain('echogate rebuild');
  const refused = await place.run(['up', data, '--port', '0', '--admin-port', '0'], keysEnv);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('"echogate rebuild" writes it anew');

  const { code, stdout } = await place.run(['rebuild', data]);
  expect(stdout).toMatch(/objects {6}2/);
  expect(code).toBe(0);
  server = await place.serve(['up', data], keysEnv);
  const client = s3(server.endpoint);
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'demo', Key: 'two' }));
  expect(await Body?.transformToString()).toBe('body of two');
  client.destroy();
});
