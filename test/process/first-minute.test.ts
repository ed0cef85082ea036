// What a new user sees: one command, keys once, a bucket, a line to paste, an object there and back with Node alone.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, type Place, type Served } from './place.ts';
import { s3 } from './s3.ts';

let place: Place;
let server: Served;

beforeAll(async () => {
  place = await makePlace();
  server = await place.serve(['up', join(place.dir, 'data')]);
});
afterAll(() => place.remove());

const keyLines = (output: string) => ({
  accessKey: /Access key {3}(EG[A-Z2-7]{18})\n/.exec(output)?.[1],
  secretKey: /Secret key {3}(\S{40})\n/.exec(output)?.[1],
});

describe('the first minute', () => {
  it('tells endpoint, keys, bucket and what to paste, and warns of nothing', () => {
    const output = server.output();
    expect(keyLines(output).accessKey).toBeDefined();
    expect(keyLines(output).secretKey).toBeDefined();
    expect(output).toContain(server.endpoint);
    expect(output).toContain('Bucket       demo');
    expect(output).toContain('npx echogate env');
    expect(output).not.toMatch(/warning|error/i);
  });

  it('keeps the keys where only their owner reads them', async () => {
    const { mode } = await stat(join(place.dir, 'data', 'credentials'));
    expect(mode & 0o777).toBe(0o600);
    expect((await stat(join(place.dir, 'data', 'admin-token'))).mode & 0o777).toBe(0o600);
  });

  it('prints the variables for a shell', async () => {
    const { stdout, code } = await place.run(['env']);
    expect(code).toBe(0);
    const { accessKey, secretKey } = keyLines(server.output());
    expect(stdout).toContain(`export AWS_ACCESS_KEY_ID='${accessKey}'`);
    expect(stdout).toContain(`export AWS_SECRET_ACCESS_KEY='${secretKey}'`);
    expect(stdout).toContain(`export AWS_ENDPOINT_URL_S3='${server.endpoint}'`);
  });

  it('stores and fetches a small and a large file, byte for byte', async () => {
    for (const [name, size] of [
      ['small.txt', 300],
      ['empty.bin', 0],
      ['large.bin', 20_000_001],
    ] as const) {
      const bytes = randomBytes(size);
      await writeFile(join(place.dir, name), bytes);
      const put = await place.run(['put', name, 's3://demo/some/', '--json']);
      expect(put.stderr).toBe('');
      expect(JSON.parse(put.stdout)).toMatchObject({ bucket: 'demo', key: `some/${name}`, bytes: size });
      const got = await place.run(['get', `s3://demo/some/${name}`, `${name}.back`]);
      expect(got.code).toBe(0);
      expect((await readFile(join(place.dir, `${name}.back`))).equals(bytes)).toBe(true);
    }
  });

  it('writes through a link and into a pipe, and replaces neither', async () => {
    await writeFile(join(place.dir, 'linked.txt'), 'old');
    await symlink('linked.txt', join(place.dir, 'link'));
    expect((await place.run(['get', 's3://demo/some/small.txt', 'link'])).code).toBe(0);
    expect((await lstat(join(place.dir, 'link'))).isSymbolicLink()).toBe(true);
    expect((await readFile(join(place.dir, 'linked.txt'))).length).toBe(300);

    const pipe = join(place.dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = new Promise<number>((resolve) => {
      execFile('cat', [pipe], { timeout: 20_000 }, (_, stdout) => resolve(stdout.length));
    });
    expect((await place.run(['get', 's3://demo/some/small.txt', pipe])).code).toBe(0);
    expect(await reader).toBeGreaterThan(0);
    expect((await lstat(pipe)).isFIFO()).toBe(true);
    expect((await readdir(place.dir)).filter((name) => name.includes('echogate-part'))).toEqual([]);
  });

  it('takes an upload back at Ctrl-C', async () => {
    const { accessKey = '', secretKey = '' } = keyLines(server.output());
    const client = s3(server.endpoint, { accessKey, secretKey });
    const uploads = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket: 'demo' }))).Uploads ?? [];
    const pipe = join(place.dir, 'endless');
    execFileSync('mkfifo', [pipe]);
    // Two parts of 8 MiB begin an upload; the open pipe keeps it from ending.
    const writer = spawn('sh', ['-c', 'exec > "$0"; head -c 20000000 /dev/zero; exec sleep 30', pipe], {
      stdio: 'ignore',
    });
    const put = spawn(process.execPath, [join(process.cwd(), 'bin/echogate.js'), 'put', pipe, 's3://demo/endless'], {
      cwd: place.dir,
      stdio: 'ignore',
    });
    try {
      const ended = new Promise((resolve) => put.once('exit', (_, signal) => resolve(signal)));
      await expect.poll(async () => (await uploads()).length, { timeout: 20_000 }).toBe(1);
      put.kill('SIGINT');
      expect(await ended).toBe('SIGINT');
      expect(await uploads()).toEqual([]);
    } finally {
      put.kill('SIGKILL');
      writer.kill('SIGKILL');
      client.destroy();
    }
  });

  it('shows where an object lies', async () => {
    const { stdout } = await place.run(['info', 's3://demo/some/large.bin', '--json']);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ size: 20_000_001, blockCount: 3, parts: 3 });
    const total = found.blocks.reduce((sum: number, block: { length: number }) => sum + block.length, 0);
    expect(total).toBe(20_000_001);
    for (const block of found.blocks) {
      expect(block.partition).toMatch(/^p[1-4]$/);
      expect(block.pack).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  it('says plainly what is wrong', async () => {
    const missing = await place.run(['get', 's3://demo/nothing-here']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('NoSuchKey');
    const bucket = await place.run(['put', 'small.txt', 's3://no-such-bucket/x']);
    expect(bucket.stderr).toContain('echogate bucket create');
    const file = await place.run(['put', 'not-there', 's3://demo/x']);
    expect([file.code, file.stderr]).toEqual([2, 'echogate: there is no file not-there\n']);
    const stopped = await place.run(['info', 's3://demo/x', '--data', 'elsewhere']);
    expect(stopped.code).toBe(69);
    expect(stopped.stderr).toContain('echogate up');
  });

  it('refuses a port that is taken, and says how to choose another', async () => {
    const again = await place.run(['up', 'other', '--port', String(server.port), '--admin-port', '0']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`port ${server.port} on 127.0.0.1 is taken`);
    expect(again.stderr).toMatch(/--port \d+/);
    // The keys that it made were shown to nobody yet.
    const third = await place.serve(['up', join(place.dir, 'other')]);
    expect(keyLines(third.output()).secretKey).toBeDefined();
    expect(await third.stop()).toBe(0);
  });

  it('says when one half of a key pair is missing, and versions all JSON alike', async () => {
    const half = await place.run(['put', 'small.txt', 's3://demo/x'], { ECHOGATE_ACCESS_KEY: 'half' });
    expect([half.code, half.stderr]).toEqual([
      78,
      'echogate: ECHOGATE_ACCESS_KEY needs ECHOGATE_SECRET_KEY beside it\n',
    ]);
    const status = JSON.parse((await place.run(['status', '--json'])).stdout);
    expect(status).toMatchObject({ version: 1, state: 'serving', echogate: expect.stringMatching(/^\d+\./) });
  });

  it('refuses a data directory that is in use', async () => {
    const again = await place.run(['up', 'data', '--port', '0', '--admin-port', '0']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`in use by the echogate process ${server.process.pid}`);
  });

  it('makes, lists and withdraws keys and buckets at run time', async () => {
    const made = JSON.parse((await place.run(['key', 'create', 'ada', '--json'])).stdout);
    const ada = { ECHOGATE_ACCESS_KEY: made.accessKey, ECHOGATE_SECRET_KEY: made.secretKey };
    expect((await place.run(['bucket', 'create', 'ada-bucket', '--owner', 'ada'])).code).toBe(0);
    expect((await place.run(['put', 'small.txt', 's3://ada-bucket/x'], ada)).code).toBe(0);
    const stranger = await place.run(['put', 'small.txt', 's3://demo/x'], ada);
    expect(stranger.stderr).toContain('AccessDenied');
    const { buckets } = JSON.parse((await place.run(['bucket', 'list', '--json'])).stdout);
    expect(buckets.map((each: { name: string }) => each.name)).toEqual(['ada-bucket', 'demo']);
    expect((await place.run(['bucket', 'rm', 'ada-bucket'])).stderr).toContain('not empty');
    expect((await place.run(['key', 'rm', made.accessKey])).code).toBe(0);
    const withdrawn = await place.run(['put', 'small.txt', 's3://ada-bucket/x'], ada);
    expect(withdrawn.stderr).toContain('InvalidAccessKeyId');
  });

  it('guards the admin API with its token, and health with none', async () => {
    const token = (await readFile(join(place.dir, 'data', 'admin-token'), 'utf8')).trim();
    const ask = (path: string, given?: string) =>
      fetch(`${server.adminUrl}${path}`, given === undefined ? {} : { headers: { authorization: `Bearer ${given}` } });
    expect((await ask('/livez')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(200);
    for (const path of ['/metrics', '/v1/keys', '/v1/status']) {
      expect((await ask(path)).status).toBe(401);
      expect((await ask(path, `${token}x`)).status).toBe(401);
      expect((await ask(path, token)).status).toBe(200);
    }
    expect((await ask('/v1/nothing', token)).status).toBe(404);
    const metrics = await (await ask('/metrics', token)).text();
    expect(metrics).toMatch(/echogate_s3_requests_total\{op="PutObject",code="200"\} [1-9]/);
    expect(metrics).toMatch(/echogate_partition_bytes_total\{partition="p1",kind="flush"\} [1-9]/);
  });

  it('shows no keys at the second start, and everything is still there', async () => {
    expect(await server.stop()).toBe(0);
    expect(server.output()).toContain('Everything acknowledged is on disk');
    const second = await place.serve(['up', join(place.dir, 'data')]);
    expect(keyLines(second.output()).secretKey).toBeUndefined();
    const got = await place.run(['get', 's3://demo/some/small.txt', '-']);
    expect(got.stdout.length).toBeGreaterThan(0);
    expect(await second.stop()).toBe(0);
  });
});
