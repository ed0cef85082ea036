// Partitions that come and go while the server runs: made from pools, used at once by all workers, drained, retired and removed, and clients
// notice nothing of it, whoever dies meanwhile.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePlace, type Place, type Served, until } from './place.ts';
import { keys, s3 } from './s3.ts';

const config = `data: ./data
workers: 2
users: [{ name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]
partitions: [{ id: p1, directory: ./p1, capacityDomain: disk1 }]
retired: { grace: 1s }
pools:
  - { name: spare, directory: "./spare-{n}", capacityDomain: "disk-{id}", max: 2 }
  - { name: broken, directory: "./echogate.yaml/{n}" }
`;
const upkeep = {
  ...{ readMarginMs: 200, dropMarginMs: 300, settledMs: 300, everyMsMax: 250 },
  ...{ checkpointEveryMs: 1500, checkpointMarginMs: 1000 },
};
const body = randomBytes(20_000);

let place: Place;
let server: Served;
let ports: [number, number];
const at = (name: string): string => join(place.dir, name);
const serve = (): Promise<Served> =>
  place.serve(
    ['serve', '--config', at('echogate.yaml')],
    { ECHOGATE_TRIAL: JSON.stringify({ crashFile: at('crash'), upkeep }) },
    ports,
  );
const partition = (...args: string[]) => place.run(['partition', ...args, '--config', at('echogate.yaml')]);

interface Listed {
  readonly id: string;
  readonly duty: string;
  readonly holds?: string;
}
async function listed(): Promise<readonly Listed[]> {
  return JSON.parse((await partition('list', '--json')).stdout).partitions;
}
const dutyOf = async (id: string): Promise<string | undefined> => (await listed()).find((one) => one.id === id)?.duty;
const untilDuty = (id: string, duty: string | undefined): Promise<true> =>
  until(async () => (await dutyOf(id)) === duty || undefined, `${id} is ${duty}`);

async function placesOf(key: string): Promise<string[]> {
  const { stdout } = await place.run(['info', `s3://demo/${key}`, '--config', at('echogate.yaml'), '--json']);
  return JSON.parse(stdout).partitions.map((one: { partition: string }) => one.partition);
}

beforeAll(async () => {
  place = await makePlace();
  await writeFile(at('echogate.yaml'), config);
  server = await serve();
  ports = [server.port, server.adminPort];
  await s3(server.endpoint).send(new CreateBucketCommand({ Bucket: 'demo' }));
}, 60_000);
afterAll(() => place.remove());

/** Clients that write and read back, until told to end; says what failed. */
function load(): { readonly keys: string[]; end(): Promise<string[]> } {
  const client = s3(server.endpoint);
  const wrong: string[] = [];
  const written: string[] = [];
  let isOver = false;
  const one = async (name: number): Promise<void> => {
    for (let turn = 0; !isOver; turn++) {
      const Key = `load-${name}-${Date.now()}-${turn}`;
      try {
        await client.send(new PutObjectCommand({ Bucket: 'demo', Key, Body: body }));
        written.push(Key);
        const old = written[Math.floor(Math.random() * written.length)]!;
        const { Body } = await client.send(new GetObjectCommand({ Bucket: 'demo', Key: old }));
        if (!body.equals(await Body!.transformToByteArray())) wrong.push(`${old}: other bytes`);
      } catch (error) {
        wrong.push(`${Key}: ${error}`);
      }
    }
  };
  const all = Promise.all([1, 2, 3, 4].map(one));
  return {
    keys: written,
    async end() {
      isOver = true;
      await all;
      client.destroy();
      return wrong;
    },
  };
}

async function readsBack(names: readonly string[]): Promise<void> {
  const client = s3(server.endpoint);
  for (const Key of names) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'demo', Key }));
    expect(body.equals(await Body!.transformToByteArray()), Key).toBe(true);
  }
  client.destroy();
}

const written: string[] = [];

it('one comes from a pool though the pilot dies while it is made, and takes what is written, with no request failing', async () => {
  const clients = load();
  await writeFile(at('crash.draft'), JSON.stringify({ point: 'partition: made', role: 'pilot' }));
  await rename(at('crash.draft'), at('crash'));
  const died = await partition('add', 'spare');
  expect(died.code).not.toBe(0);
  expect(died.stderr).toContain('pilot-1 ended');
  await untilDuty('spare-1', 'online'); // by the next pilot
  expect(existsSync(at('spare-1/partition.json'))).toBe(true);

  const drained = await partition('drain', 'p1');
  expect(drained).toMatchObject({ code: 0, stdout: expect.stringContaining('p1 takes nothing new') });
  await until(async () => (await placesOf(clients.keys.at(-1)!)).includes('spare-1') || undefined, 'writes to spare-1');
  const last = await partition('drain', 'spare-1');
  expect(last.code).toBe(1);
  expect(last.stderr).toContain('spare-1 is the last partition that is online');
  await new Promise((done) => setTimeout(done, 1000));
  expect(await placesOf(clients.keys.at(-1)!)).toEqual(['spare-1']);
  expect(await clients.end()).toEqual([]);
  written.push(...clients.keys);
}, 90_000);

it('is there after a restart, and after a catalog that was lost', async () => {
  await server.stop();
  server = await serve();
  expect(await dutyOf('spare-1')).toBe('online');
  expect(await dutyOf('p1')).toBe('draining');
  await readsBack(written.slice(-50));
  await server.stop();

  const checked = await place.run(['fsck', '--config', at('echogate.yaml'), '--deep', '--json']);
  expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true });
  await rm(at('data/catalog'), { recursive: true });
  const rebuilt = await place.run(['rebuild', '--config', at('echogate.yaml')]);
  expect(rebuilt.code, rebuilt.stdout + rebuilt.stderr).toBe(0);
  server = await serve();
  expect(await dutyOf('spare-1')).toBe('online');
  expect(await dutyOf('p1')).toBe('draining');
  await readsBack(written);
}, 120_000);

it('is not retired while anything lies there, and is removed once nothing does', async () => {
  expect((await partition('add', 'p1')).stdout).toContain('p1 is online again');
  const clients = load();
  expect((await partition('retire', 'spare-1')).stderr).toContain('spare-1 is online; a partition is drained');
  expect((await partition('drain', 'spare-1')).code).toBe(0);
  await new Promise((done) => setTimeout(done, 3000));
  // By now everybody knows that it drains; what was written before may lie there.
  const known = clients.keys.length;
  await new Promise((done) => setTimeout(done, 3000));
  const refused = await partition('retire', 'spare-1');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/spare-1 still holds .*\d+ packs? of live blocks with \d+ bytes/);
  expect(await clients.end()).toEqual([]);
  expect(await placesOf(clients.keys.at(-1)!)).toEqual(['p1']);

  const client = s3(server.endpoint);
  for (const Key of [...written, ...clients.keys.slice(0, known)])
    await client.send(new DeleteObjectCommand({ Bucket: 'demo', Key }));
  client.destroy();
  let refusal = '';
  const retired = await until(
    async () => {
      const said = await partition('retire', 'spare-1', '--json');
      refusal = said.stderr;
      return said.code === 0 ? JSON.parse(said.stdout) : undefined;
    },
    'spare-1 to hold nothing',
    150_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}: ${refusal}`);
  });
  expect(retired).toMatchObject({ outcome: 'done', message: 'spare-1 is retired' });
  await untilDuty('spare-1', undefined);
  expect(existsSync(at('spare-1'))).toBe(false);
  await readsBack(clients.keys.slice(known).slice(-50));
}, 300_000);

it('that cannot be made is refused with the reason, and leaves nothing', async () => {
  const { code, stderr } = await partition('add', 'broken');
  expect(code).toBe(1);
  expect(stderr).toMatch(/pool broken cannot make broken-1: ENOTDIR/);
  expect(await dutyOf('broken-1')).toBe(undefined);
  const unknown = await partition('add', 'spaer');
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('the pools are spare, broken') });
  expect((await partition('drain', 'p9')).stderr).toContain('there is no partition p9');
});
