// `npm run compat:clients`: real client programs carry a tree up and back; every byte is compared.
//   --clients aws-cli,boto3,javascript-sdk,rclone   --files 5000   --tls   --data DIR (kept afterwards)
//   --backend echogate                      three S3 partitions on a second echogate
//   --backend URL,ACCESS_KEY,SECRET_KEY     three S3 partitions on any S3 server of this machine
//   --object-gib 5                          one multipart object of that size besides, by aws-cli

import { createCipheriv, createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GiB, MiB } from '../../src/base/units.ts';
import { freePorts } from '../support/ports.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { awsCli } from './aws-cli.ts';
import { boto3 } from './boto3.ts';
import { type Client, type Endpoint, environment, run } from './client.ts';
import { javascriptSdk } from './javascript-sdk.ts';
import { rclone } from './rclone.ts';
import { differences, fingerprint, fullTree, growTree } from './tree.ts';

const known: Readonly<Record<string, (endpoint: Endpoint) => Client>> = {
  'aws-cli': awsCli,
  boto3,
  'javascript-sdk': javascriptSdk,
  rclone,
};

const { values: flags } = parseArgs({
  options: {
    clients: { type: 'string', default: Object.keys(known).join(',') },
    files: { type: 'string', default: String(fullTree.files) },
    'big-files': { type: 'string', default: String(fullTree.bigFiles) },
    tls: { type: 'boolean', default: false },
    backend: { type: 'string' },
    'object-gib': { type: 'string' },
    data: { type: 'string' },
  },
});

const accessKey = 'clientstestkey';
const secretKey = 'clients-test-secret';
const work = mkdtempSync(join(tmpdir(), 'echogate-clients-'));
const data = flags.data ?? join(work, 'data');
mkdirSync(data, { recursive: true });
const servers: RunningServer[] = [];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function startEchogate(dir: string, port: number, admin: number, configLines: readonly string[]): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const config = join(dir, 'echogate.yaml');
  const user = `users:\n  - { name: main, accessKey: ${accessKey}, secretKey: ${secretKey} }`;
  writeFileSync(config, [`listen: 127.0.0.1:${port}`, `admin: 127.0.0.1:${admin}`, user, ...configLines].join('\n'));
  const args = ['serve', '--config', config, '--data', join(dir, 'data')];
  const tls = join(process.cwd(), 'test/support/tls');
  if (flags.tls && dir === data) args.push('--tls-cert', join(tls, 'cert.pem'), '--tls-key', join(tls, 'key.pem'));
  servers.push(await startServer({ args, adminUrl: `http://127.0.0.1:${admin}` }));
}

const directories = (dir: string, ids: readonly string[]): string[] => [
  'partitions:',
  ...ids.map((id) => `  - { id: ${id}, directory: ${join(dir, id)} }`),
];

try {
  const [port, admin, backPort, backAdmin] = await freePorts(4);
  const backend =
    flags.backend === 'echogate' ? `http://127.0.0.1:${backPort},${accessKey},${secretKey}` : flags.backend;
  if (flags.backend === 'echogate') {
    const dir = join(work, 'backend');
    await startEchogate(dir, backPort!, backAdmin!, directories(dir, ['b1', 'b2', 'b3', 'b4']));
  }
  if (backend === undefined) await startEchogate(data, port!, admin!, directories(data, ['p1', 'p2', 'p3', 'p4']));
  else {
    const [url, key, secret] = backend.split(',');
    const back: Endpoint = { url: url!, accessKey: key!, secretKey: secret!, region: 'us-east-1' };
    for (const id of ['p1', 'p2', 'p3'])
      await awsCli(back)
        .makeBucket(`clients-${id}`)
        .catch(() => undefined);
    const partitions = ['p1', 'p2', 'p3'].map(
      (id) =>
        `  - { id: ${id}, s3: { endpoint: "${url}", bucket: clients-${id}, region: us-east-1, credentials: { accessKey: ${key}, secretKey: ${secret} } } }`,
    );
    await startEchogate(data, port!, admin!, ['partitions:', ...partitions]);
  }

  const tree = join(work, 'tree');
  const bytes = growTree(tree, { ...fullTree, files: Number(flags.files), bigFiles: Number(flags['big-files']) });
  const wanted = await fingerprint(tree);
  say(
    `tree: ${wanted.size} files, ${(bytes / GiB).toFixed(2)} GiB; ${flags.tls ? 'https' : 'http'}; partitions: ${backend === undefined ? 'four directories' : `three buckets on ${backend.split(',')[0]}`}`,
  );

  const endpoint: Endpoint = {
    url: `${flags.tls ? 'https' : 'http'}://localhost:${port}`,
    accessKey,
    secretKey,
    region: 'us-east-1',
    ...(flags.tls ? { caFile: join(process.cwd(), 'test/support/tls/cert.pem') } : {}),
  };
  let wrong = 0;
  for (const name of flags.clients.split(',')) {
    const client = known[name]!(endpoint);
    const bucket = `tree-${name}`;
    const back = join(work, `back-${name}`);
    mkdirSync(back);
    const startedMs = Date.now();
    await client.makeBucket(bucket);
    await client.upload(tree, bucket);
    const upMs = Date.now();
    await client.download(bucket, back);
    const downMs = Date.now();
    const found = differences(wanted, await fingerprint(back));
    const identical = wanted.size - found.length;
    let presigned = 0;
    for (const key of ['dir1.txt', `empty/${'with space'}`, 'dir0/sub0/with space file-0.bin']) {
      const url = await client.presign(bucket, key);
      if (url === undefined) continue;
      const answer = await fetchTrusting(url);
      const print = `${answer.length} ${createHash('sha256').update(answer).digest('hex')}`;
      if (wanted.get(key) === print) presigned++;
      else found.push(`presigned differs: ${key}`);
    }
    await client.check?.(tree, bucket);
    wrong += found.length;
    say(
      `${name}: up ${seconds(upMs - startedMs)}, down ${seconds(downMs - upMs)}; ${identical} of ${wanted.size} files identical, ${presigned} presigned${client.check ? '; own check agrees' : ''}`,
    );
    for (const line of found.slice(0, 20)) say(`  ${line}`);
    rmSync(back, { recursive: true });
    await shares(backend, `after ${name}`);
    if (flags.data === undefined) await client.removeBucket(bucket);
  }
  if (flags['object-gib'] !== undefined) wrong += await bigObject(endpoint, Number(flags['object-gib']));
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  for (const server of servers.reverse()) {
    const code = await server.stop();
    if (code !== 0) say(`a server ended with ${code}:\n${server.output().slice(-3000)}`);
  }
  rmSync(work, { recursive: true, force: true });
}

/** How the stored bytes lie over the partitions. */
async function shares(backend: string | undefined, when: string): Promise<void> {
  const sizes =
    backend === undefined
      ? ['p1', 'p2', 'p3', 'p4'].map((id) => folderBytes(join(data, id)))
      : await Promise.all(
          ['p1', 'p2', 'p3'].map(async (id) => {
            const [url, key, secret] = backend.split(',');
            const endpoint = { url: url!, accessKey: key!, secretKey: secret!, region: 'us-east-1' };
            const text = await run(
              'aws',
              ['s3', 'ls', '--recursive', '--summarize', `s3://clients-${id}`],
              environment(endpoint),
            );
            return Number(/Total Size: (\d+)/.exec(text)?.[1] ?? 0);
          }),
        );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  say(
    `  bytes per partition ${when}: ${sizes.map((size) => `${((100 * size) / total).toFixed(1)} %`).join(', ')} of ${(total / GiB).toFixed(2)} GiB`,
  );
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}

async function bigObject(endpoint: Endpoint, gib: number): Promise<number> {
  const path = join(work, 'big.bin');
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 9), Buffer.alloc(16));
  const hash = createHash('sha256');
  const file = openSync(path, 'w');
  for (let at = 0; at < gib * 1024; at++) {
    const chunk = cipher.update(Buffer.alloc(MiB));
    hash.update(chunk);
    writeSync(file, chunk);
  }
  closeSync(file);
  const aws = (...args: string[]) => run('aws', ['s3', ...args], environment(endpoint));
  const startedMs = Date.now();
  await aws('mb', 's3://big-object');
  await aws('cp', '--only-show-errors', path, 's3://big-object/big.bin');
  rmSync(path);
  const upMs = Date.now();
  await aws('cp', '--only-show-errors', 's3://big-object/big.bin', path);
  const back = createHash('sha256');
  const { createReadStream } = await import('node:fs');
  for await (const chunk of createReadStream(path)) back.update(chunk as Buffer);
  const same = back.digest('hex') === hash.digest('hex');
  say(
    `one object of ${gib} GiB by multipart: up ${seconds(upMs - startedMs)}, down ${seconds(Date.now() - upMs)}; ${same ? 'identical' : 'DIFFERS'}`,
  );
  rmSync(path);
  await shares(undefined, 'with the big object').catch(() => undefined);
  await aws('rb', '--force', 's3://big-object');
  return same ? 0 : 1;
}

async function fetchTrusting(url: string): Promise<Buffer> {
  const text = new URL(url).protocol === 'https:' ? await import('node:https') : await import('node:http');
  const { readFileSync } = await import('node:fs');
  const ca = readFileSync(join(process.cwd(), 'test/support/tls/cert.pem'));
  return new Promise((done, failed) => {
    text
      .get(url, { ca } as object, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => done(Buffer.concat(chunks)));
      })
      .on('error', failed);
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
