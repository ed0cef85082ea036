// Settings as a user meets them: every mistake at once, the order of precedence, TLS, reload.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, type Place, until } from './place.ts';
import { s3 } from './s3.ts';

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => place.remove());

/** Twenty mistakes; each line that holds one says which key must be named. */
const mistaken = `listen: 127.0.0.1:99999 # listen
admin: nowhere # admin
regoin: us-east-1 # regoin
region: US EAST # region
compat: { profile: ceph } # compat.profile
workers: 0 # workers
log:
  level: loud # log.level
  acces: true # log.acces
tls: { cert: missing.pem } # tls.cert
limits:
  bytesInFlight: lots # limits.bytesInFlight
  spaceReserve: 1 # limits.spaceReserve
drain: { timeout: 3 days } # drain.timeout
users:
  - { name: main, accessKey: KEYONE, secretKey: short } # users[0].secretKey
  - { name: main, accessKey: KEYTWO, secretKey: long-enough-2 } # users[1].name
  - { name: third, accessKey: KEYTWO, secretKey: long-enough-3 } # users[2].accessKey
  - { name: fourth, accessKey: KEYFOUR, secretKey: "\${NOT_SET_ANYWHERE}" } # users[3].secretKey
partitions:
  - { id: p1, directory: ./p1, quota: { readOps: -5 } } # partitions[0].quota.readOps
  - { id: p1, directory: ./p2 } # partitions[1].id
  - { id: p3, directory: ./p2 } # partitions[2].directory
  - { id: p4, s3: { endpoint: "ftp://127.0.0.1", bucket: b, credentials: env } } # partitions[3].s3.endpoint
  - { id: p5 } # partitions[4]
`;

it('a reader that has seen enough ends no command badly', async () => {
  const said = spawn(process.execPath, ['bin/echogate.js', 'config', 'knobs'], { stdio: ['ignore', 'pipe', 'pipe'] });
  said.stdout.destroy(); // as `| head` does, before the first byte is written
  let stderr = '';
  said.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((resolve) => said.on('close', resolve));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

describe('a configuration with mistakes', () => {
  it('is refused at one start that names all of them with key and line', async () => {
    await writeFile(join(place.dir, 'mistaken.yaml'), mistaken);
    const wanted = mistaken.split('\n').flatMap((line, at) => {
      const key = / # (\S+)$/.exec(line)?.[1];
      return key === undefined ? [] : [`mistaken.yaml:${at + 1}: ${key}: `];
    });
    expect(wanted.length).toBeGreaterThanOrEqual(20);
    const { code, stderr } = await place.run(['serve', '--config', 'mistaken.yaml']);
    expect(code).toBe(78);
    for (const each of wanted) expect(stderr).toContain(each);
    expect(stderr).toContain('did you mean region?');
    const check = await place.run(['config', 'check', 'mistaken.yaml']);
    expect([check.code, check.stderr]).toEqual([78, stderr]);
  });
});

describe('precedence', () => {
  it('is flag, environment, file, default; show names each origin and masks secrets', async () => {
    await writeFile(
      join(place.dir, 'good.yaml'),
      [
        'listen: 127.0.0.1:9100',
        'region: eu-north-1',
        'workers: 3',
        `users: [{ name: main, accessKey: KEYONE, secretKey: "\${SOME_SECRET}" }]`,
      ].join('\n'),
    );
    const env = { ECHOGATE_REGION: 'eu-west-1', ECHOGATE_WORKERS: '4', SOME_SECRET: 'hidden-secret-1' };
    const { stdout, stderr } = await place.run(
      ['config', 'show', 'good.yaml', '--workers', '5', '--port', '9200', '--json'],
      env,
    );
    expect(stderr).toBe('');
    const rows: { key: string; value: unknown; origin: string }[] = JSON.parse(stdout).config;
    const row = (key: string) => rows.find((each) => each.key === key);
    expect(row('workers')).toMatchObject({ value: 5, origin: 'flag --workers' });
    expect(row('region')).toMatchObject({ value: 'eu-west-1', origin: 'env ECHOGATE_REGION' });
    expect(row('listen')).toMatchObject({ value: '127.0.0.1:9200', origin: 'good.yaml:1, port from flag --port' });
    expect(row('compat.profile')).toMatchObject({ value: 'aws', origin: 'default' });
    expect(stdout).not.toContain('hidden-secret-1');
  });
});

describe('a served configuration', () => {
  const users = (...names: string[]): string =>
    `data: ./served\nworkers: 2\nusers:\n${names
      .map((name) => `  - { name: ${name}, accessKey: KEY-${name}, secretKey: secret-of-${name} }\n`)
      .join('')}`;
  const as = (name: string) => ({ accessKey: `KEY-${name}`, secretKey: `secret-of-${name}` });
  const tls = ['cert.pem', 'key.pem'].map((name) => join(process.cwd(), 'test/support/tls', name));

  it('takes new users at SIGHUP, keeps the old ones when the file is wrong', async () => {
    const file = join(place.dir, 'served.yaml');
    await writeFile(file, users('ann'));
    const server = await place.serve(['serve', '--config', file]);
    await s3(server.endpoint, as('ann')).send(new CreateBucketCommand({ Bucket: 'of-ann' }));
    const listed = (name: string) => s3(server.endpoint, as(name)).send(new ListBucketsCommand({}));
    await expect(listed('ben')).rejects.toThrow(/does not exist/);

    await writeFile(file, `${users('ann', 'ben')}workrs: 1\n`);
    server.process.kill('SIGHUP');
    await until(async () => (server.output().includes('did you mean workers?') ? true : undefined), 'the refusal');
    await expect(listed('ben')).rejects.toThrow(/does not exist/);
    expect((await listed('ann')).Buckets).toHaveLength(1);

    await writeFile(file, users('ann', 'ben'));
    server.process.kill('SIGHUP');
    await until(() => listed('ben'), 'the new user');
    expect((await listed('ann')).Buckets).toHaveLength(1);
    expect(server.output()).not.toContain('secret-of');
    expect(await server.stop()).toBe(0);
  });

  it('rolls the processes for what cannot change in place, without a failed request', async () => {
    const file = join(place.dir, 'served.yaml');
    await writeFile(file, users('ann'));
    const server = await place.serve(['serve', '--config', file]);
    const client = s3(server.endpoint, as('ann'));
    let stopped = false;
    let answered = 0;
    const failed: unknown[] = [];
    const load = (async () => {
      while (!stopped) {
        await client.send(new ListBucketsCommand({})).then(
          () => {
            answered += 1;
          },
          (error) => failed.push(error),
        );
      }
    })();
    await writeFile(file, `${users('ann')}limits: { bytesInFlight: 64 MiB }\n`);
    server.process.kill('SIGHUP');
    await until(async () => (server.output().includes('"msg":"reloaded"') ? true : undefined), 'the reload', 60_000);
    stopped = true;
    await load;
    expect(failed.map(String)).toEqual([]);
    expect(server.output().match(/"msg":"worker serves"/g)).toHaveLength(4);
    expect(answered).toBeGreaterThan(0);
    expect(await server.stop()).toBe(0);
  }, 90_000);

  it('speaks TLS when told to', async () => {
    await writeFile(join(place.dir, 'served.yaml'), users('ann'));
    const flags = ['--tls-cert', tls[0]!, '--tls-key', tls[1]!];
    const server = await place.serve(['serve', '--config', join(place.dir, 'served.yaml'), ...flags]);
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      get(`${server.endpoint}/`, { rejectUnauthorized: false }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
      }).on('error', reject);
    });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('<Code>AccessDenied</Code>');
    expect(await server.stop()).toBe(0);
  });
});
