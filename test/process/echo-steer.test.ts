// How many echoes there are, of what, and how an operator sees and steers them: through the real command line and S3, over six partitions in
// five failure domains.
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makePlace, type Place, type Served, until } from './place.ts';
import { keys, s3 } from './s3.ts';

interface Echo {
  readonly block: string;
  readonly bucket?: string;
  readonly partition: string;
  readonly state: string;
  readonly pinned: boolean;
}
interface Explained {
  readonly wanted: { readonly count: number; readonly because: string };
  readonly echoes: readonly Echo[];
  readonly home: { readonly partition: string; readonly state: string };
  readonly read: { readonly because: string; readonly order: readonly string[] };
}

const domains: Readonly<Record<string, string>> = { p1: 'f1', p2: 'f2', p3: 'f3', p4: 'f4', p5: 'f5', p6: 'f5' };
const config = (partitions: readonly string[], more: string, quota = '') => `data: ./data
workers: 1
users: [{ name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]
partitions:
${partitions
  .map((id) => `  - { id: ${id}, directory: ./${id}, capacityDomain: ${id}, failureDomain: ${domains[id]}${quota} }`)
  .join('\n')}
${more}`;

let place: Place;
let server: Served;
const file = (): string => join(place.dir, 'echogate.yaml');
async function begin(text: string): Promise<void> {
  place = await makePlace();
  await writeFile(file(), text);
  server = await place.serve(['serve', '--config', file()]);
}
const again = async (): Promise<void> => {
  server = await place.serve(['serve', '--config', file()]);
};

const run = (...args: string[]) => place.run(['echo', ...args, '--data', 'data']);
/** Of the admin API: a command takes its time. */
async function asked(path: string, body?: object): Promise<Response> {
  const token = (await readFile(join(place.dir, 'data', 'admin-token'), 'utf8')).trim();
  return await fetch(new URL(path, server.adminUrl), {
    headers: { authorization: `Bearer ${token}` },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
}
async function listed(query = ''): Promise<readonly Echo[]> {
  return ((await (await asked(`/v1/echoes?${query}`)).json()) as { echoes: Echo[] }).echoes;
}
async function explained(bucket: string, key: string): Promise<readonly Explained[]> {
  const answer = await asked(`/v1/echoes/explain?${new URLSearchParams({ bucket, key })}`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { blocks: Explained[] }).blocks;
}
async function metric(pattern: RegExp): Promise<number> {
  const lines = (await (await asked('/metrics')).text()).split('\n').filter((line) => pattern.test(line));
  return lines.reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
}
const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('pins', () => {
  const body = randomBytes(9 * 2 ** 20); // two blocks
  beforeAll(async () => {
    await begin(config(Object.keys(domains), 'echo: { count: 0 }\n'));
    const client = s3(server.endpoint);
    await client.send(new CreateBucketCommand({ Bucket: 'demo' }));
    await client.send(new CreateBucketCommand({ Bucket: 'other' }));
    await client.send(new PutObjectCommand({ Bucket: 'demo', Key: 'hot', Body: body }));
    await client.send(new PutObjectCommand({ Bucket: 'other', Key: 'one', Body: randomBytes(100_000) }));
  });
  afterAll(() => place.remove());

  /** So many of each block, ready and pinned, none in the domain of the home or of another one. */
  async function expectPinned(bucket: string, key: string, count: number): Promise<void> {
    for (const { echoes, home, wanted } of await explained(bucket, key)) {
      expect(echoes).toHaveLength(count);
      for (const echo of echoes) expect(echo).toMatchObject({ state: 'ready', pinned: true });
      const all = [home.partition, ...echoes.map(({ partition }) => partition)].map((id) => domains[id]);
      expect(new Set(all).size).toBe(count + 1);
      expect(wanted).toEqual(count === 0 ? { count: 0, because: 'default' } : { count, because: 'pin' });
    }
  }

  it('are what the map then shows: 0 to 4 echoes, never two in one failure domain', async () => {
    for (const count of [3, 1, 4, 2, 0]) {
      const { code, stdout, stderr } = await run('pin', 's3://demo/hot', '--count', String(count));
      expect([code, stderr]).toEqual([0, '']);
      const each = count === 1 ? '1 echo' : `${count} echoes`;
      expect(stdout.split('\n')[0]).toBe(
        count === 0
          ? 's3://demo/hot is not pinned: 2 blocks'
          : `pinned s3://demo/hot: 2 blocks, ${each} wanted of each`,
      );
      await expectPinned('demo', 'hot', count);
      expect(await listed()).toHaveLength(2 * count);
    }
  });

  it('are placed so for every block, whichever its neighbours are', async () => {
    const client = s3(server.endpoint);
    for (let at = 0; at < 12; at++) {
      const key = `small/${at}`;
      await client.send(new PutObjectCommand({ Bucket: 'demo', Key: key, Body: randomBytes(1000) }));
      for (const count of [4, 0]) {
        const answer = await asked('/v1/echoes/pin', { bucket: 'demo', key, count });
        expect(answer.status).toBe(200);
        await expectPinned('demo', key, count);
      }
    }
  });

  it('are listed and explained, in short lines', async () => {
    await run('pin', 's3://demo/hot', '--count', '2');
    await run('pin', 's3://other/one', '--count', '1');
    expect(await listed()).toHaveLength(5);
    const [only, ...rest] = await listed('bucket=other');
    expect([only?.bucket, only?.pinned, rest]).toEqual(['other', true, []]);
    const all = JSON.parse((await run('list', '--json')).stdout);
    expect([all.version, all.echoes.length, all.total, all.bytes]).toEqual([1, 5, 5, 18 * 2 ** 20 + 100_000]);
    const short = await run('list', '--limit', '2');
    expect(short.stdout.split('\n')[0]).toMatch(/^BLOCK +BUCKET +PARTITION +STATE +SIZE +AGE +PINNED$/);
    expect(short.stdout.split('\n')[1]).toMatch(/^[0-9a-f]{10} +\w+ +p\d +ready +.* +yes$/);
    expect(short.stderr).toBe('3 more are not shown; --limit shows more\n');
    const { stdout } = await run('explain', 's3://other/one');
    expect(stdout).toMatch(/^s3:\/\/other\/one\n\nblock [0-9a-f]{10}, 97\.7 KiB/);
    expect(stdout).toContain('  a read tries the primary first: the primary does well\n');
    expect(stdout).toContain('  echoes: 1 there, 1 wanted (pinned)\n');
    expect(stdout).toMatch(/\n {2}primary +p\d +up +\d+ of \d+ /);
    expect(stdout).toMatch(/\n {2}echo, ready +p\d +up +.* +yes\n$/);
  });

  it('are refused with what is wrong', async () => {
    const cases: [string[], number, RegExp][] = [
      [['pin', 's3://demo/hot'], 2, /--count/],
      [['pin', 's3://demo/hot', '--count', '5'], 2, /--count must be a whole number between 0 and 4, not 5/],
      [['pin', 's3://demo', '--count', '1'], 2, /s3:\/\/demo names no object/],
      [['pin', 's3://demo/nothing', '--count', '1'], 1, /there is no object nothing in demo/],
      [['explain', 's3://nobody/x'], 1, /there is no bucket nobody/],
      [['drop'], 2, /name one of s3:\/\/bucket\/key, --block and --all/],
      [['drop', 's3://demo/hot', '--all'], 2, /name one of/],
      [['drop', 's3://demo/hot', '--partition', 'p1'], 2, /--partition goes with --all/],
      [['drop', '--block', 'abc'], 1, /block must be 8 to 32 hexadecimal digits/],
      [['drop', '--block', '0123456789'], 1, /no block whose id ends in 0123456789 has echoes/],
    ];
    for (const [args, code, message] of cases) {
      const ended = await run(...args);
      expect([args, ended.code, ended.stderr]).toEqual([args, code, expect.stringMatching(message)]);
    }
  });

  it('outlive a restart and a lost catalog; what was lost is made anew', async () => {
    await run('pin', 's3://other/one', '--count', '3');
    expect(await server.stop()).toBe(0);
    const checked = await place.run(['fsck', '--config', file(), '--json']);
    expect([checked.code, checked.stderr]).toEqual([0, '']);
    const rebuilt = await place.run(['rebuild', '--config', file(), '--replace']);
    expect([rebuilt.code, rebuilt.code === 0 ? '' : rebuilt.stderr]).toEqual([0, '']);
    await again();
    const soundNow = async () => {
      await expectPinned('other', 'one', 3);
      await expectPinned('demo', 'hot', 2);
      return true;
    };
    await until(soundNow, 'the pinned echoes', 40_000);
  }, 90_000);

  it('go with what is dropped', async () => {
    const [one] = await listed('bucket=other');
    const dropped = await run('drop', '--block', one!.block.slice(-10));
    expect([dropped.code, dropped.stderr, dropped.stdout]).toEqual([
      0,
      '',
      'dropped 3 echoes, 293.0 KiB; 1 block is pinned no more\n',
    ]);
    await expectPinned('other', 'one', 0);
    const { partition } = (await listed('bucket=demo'))[0]!;
    await run('drop', '--all', '--partition', partition);
    expect((await listed()).filter((each) => each.partition === partition)).toEqual([]);
    await run('pin', 's3://other/one', '--count', '2');
    expect((await run('drop', 's3://other/one')).stdout).toMatch(/^dropped 2 echoes/);
    await run('pin', 's3://demo/hot', '--count', '2');
    expect((await run('drop', '--all')).stdout).toMatch(/^dropped 4 echoes, 18\.0 MiB; 2 blocks are pinned no more\n$/);
    expect((await run('list')).stdout).toBe('no echoes\n');
    const { Body } = await s3(server.endpoint).send(new GetObjectCommand({ Bucket: 'demo', Key: 'hot' }));
    expect(sum(await Body!.transformToByteArray())).toBe(sum(body));
  });
});

describe('a rule of a bucket', () => {
  const body = randomBytes(300_000);
  beforeEach(async () => {
    const rules = `echo:
  count: 1
  counts:
    - { bucket: quiet, count: 0 }
    - { bucket: loud, prefix: now/, count: 3 }
    - { bucket: loud, count: 0 }
`;
    await begin(config(Object.keys(domains), rules, ', quota: { readOps: 20 }'));
  });
  afterEach(() => place.remove());

  it('says how many echoes a crowd gets: none here, three there', async () => {
    const client = s3(server.endpoint);
    const objects = [
      ['quiet', 'now/k'],
      ['loud', 'now/k'],
      ['loud', 'k'],
    ] as const;
    for (const Bucket of ['quiet', 'loud']) await client.send(new CreateBucketCommand({ Bucket }));
    let isOver = false;
    const crowd: Promise<void>[] = [];
    for (const [Bucket, Key] of objects) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: body }));
      const ask = async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        expect(sum(await Body!.transformToByteArray())).toBe(sum(body));
      };
      const member = async () => {
        while (!isOver) await ask().catch((error: Error) => expect(error.name).toBe('SlowDown'));
      };
      crowd.push(...Array.from({ length: 20 }, member));
    }
    const three = async () => ((await listed('bucket=loud')).length === 3 ? true : undefined);
    await until(three, 'three echoes', 40_000);
    const refused = /^echogate_echo_reads_total\{copy="primary",because="no-echo"\}/;
    const before = await metric(refused);
    await until(async () => ((await metric(refused)) > before + 40 ? true : undefined), 'more reads that miss', 30_000);
    isOver = true;
    await Promise.all(crowd);
    const all = await listed();
    expect(all).toHaveLength(3);
    for (const echo of all) expect(echo).toMatchObject({ bucket: 'loud', state: 'ready', pinned: false });
    const [{ wanted, echoes }] = (await explained('loud', 'now/k')) as [Explained];
    expect([wanted, echoes.length]).toEqual([expect.objectContaining({ count: 3, because: 'rule' }), 3]);
    expect(new Set(all.map(({ partition }) => domains[partition])).size).toBe(3);
  }, 120_000);
});

describe('echoes that are descriptors', () => {
  afterEach(() => place.remove());

  it('keep no bytes; HEAD and conditional requests are answered while the only partition with the bytes is away', async () => {
    const partitions = ['p1', 'p2', 'p3'];
    await begin(config(partitions, 'echo: { mode: metadata }\n'));
    const client = s3(server.endpoint);
    await client.send(new CreateBucketCommand({ Bucket: 'demo' }));
    const put = await client.send(new PutObjectCommand({ Bucket: 'demo', Key: 'k', Body: randomBytes(300_000) }));
    const [{ home }] = (await explained('demo', 'k')) as [Explained];
    const others = partitions.filter((id) => id !== home.partition);
    const sizes = async () => await Promise.all(others.map(async (id) => await bytesIn(join(place.dir, id))));
    const before = await sizes();

    const pinned = await run('pin', 's3://demo/k', '--count', '4');
    expect([pinned.code, pinned.stderr]).toEqual([
      0,
      expect.stringMatching(/^block [0-9a-f]{10}: 4 wanted, 2 made: no other domain has room\n$/),
    ]);
    const echoes = await listed();
    expect(echoes.map(({ partition, state }) => [partition, state])).toEqual(others.map((id) => [id, 'descriptor']));
    for (const [at, bytes] of (await sizes()).entries()) expect(bytes - before[at]!).toBeLessThan(100_000);

    await rename(join(place.dir, home.partition), join(place.dir, 'away'));
    for (let at = 0; at < 8; at++) {
      await expect(
        client
          .send(new GetObjectCommand({ Bucket: 'demo', Key: 'k' }))
          .then(({ Body }) => Body!.transformToByteArray()),
      ).rejects.toThrow();
    }
    const head = await client.send(new HeadObjectCommand({ Bucket: 'demo', Key: 'k' }));
    expect([head.ETag, head.ContentLength]).toEqual([put.ETag!, 300_000]);
    const status = async (conditions: object) =>
      await client.send(new HeadObjectCommand({ Bucket: 'demo', Key: 'k', ...conditions })).then(
        () => 200,
        (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode,
      );
    expect(await status({ IfNoneMatch: put.ETag })).toBe(304);
    expect(await status({ IfMatch: '"other"' })).toBe(412);
    expect(await status({ IfMatch: put.ETag })).toBe(200);
    const notModified = client.send(new GetObjectCommand({ Bucket: 'demo', Key: 'k', IfNoneMatch: put.ETag! }));
    await expect(notModified).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    expect((await run('explain', 's3://demo/k')).stdout).toMatch(/echo\.mode is metadata: echoes have no bytes/);
  });

  /** Of all files below: what is logged adds a little, a copy of the block would add 300,000. */
  async function bytesIn(dir: string): Promise<number> {
    const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
    const sizes = await Promise.all(files.map(async (each) => (await stat(join(each.parentPath, each.name))).size));
    return sizes.reduce((all, size) => all + size, 0);
  }
});
