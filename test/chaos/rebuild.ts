// A catalog that is lost comes back from what lies on the partitions: once after a clean stop, once after everything was killed.
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../support/ports.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import type { Trial, TrialTools } from '../support/trial.ts';
import { buckets, fill, makeBuckets } from './support/filling.ts';
import { differences, type Portrait, portrait } from './support/portrait.ts';
import { signedRequests } from './support/requests.ts';

const keys = { accessKey: 'REBUILDTRIALKEY00001', secretKey: 'rebuild-trial-secret-key-0000000000001' };
const bin = join(process.cwd(), 'bin/echogate.js');
/** The logs are flushed each second. */
const flushPauseMs = 1800;

interface Rebuilt {
  readonly ok: boolean;
  readonly seconds: number;
  readonly entries: number;
  readonly checkpoint?: { readonly from: { readonly run: number } };
  readonly counted: { readonly objects: number; readonly versions: number; readonly blocks: number };
  readonly checks: readonly { readonly name: string; readonly examples: readonly string[] }[];
}

export const rebuild: Trial = {
  name: 'rebuild',
  promise: 'a lost catalog comes back whole from checkpoint and logs: bytes, metadata, tags, ACLs, versions, uploads',
  full: { objects: 100_000 },
  short: { objects: 1_000 },
  async run({ objects = 0 }, tools) {
    const data = join(tools.dir, 'data');
    const [port = 0, adminPort = 0] = await freePorts(2);
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    const start = () =>
      startServer({
        args: ['up', data, '--workers', '2', '--port', String(port), '--admin-port', String(adminPort)],
        adminUrl,
        env: { ECHOGATE_ACCESS_KEY: keys.accessKey, ECHOGATE_SECRET_KEY: keys.secretKey },
      });
    const client = signedRequests(`http://127.0.0.1:${port}`, keys);
    const broken: string[] = [];
    const figures: [string, string][] = [];
    let server = await start();
    let changes = 0;

    /** Ends the server, loses the catalog, rebuilds it, starts, and compares. */
    const lose = async (how: string, before: Portrait, end: () => Promise<void>): Promise<void> => {
      await end();
      rmSync(join(data, 'catalog'), { recursive: true });
      const rebuilt = await rebuildCatalog(data);
      for (const { name, examples } of rebuilt.checks) broken.push(...examples.map((one) => `${how}: ${name}: ${one}`));
      if (!rebuilt.ok) broken.push(`${how}: rebuild says that not everything holds`);
      server = await start();
      const differing = differences(before, await portrait(client.send, buckets, tools.say));
      broken.push(...differing.map((one) => `${how}: ${one}`));
      const { seconds, entries, counted, checkpoint } = rebuilt;
      figures.push(
        [`${how}: answers that differ`, `${differing.length} of ${before.size}`],
        [`${how}: objects and other versions brought back`, `${counted.objects} and ${counted.versions}`],
        [`${how}: log entries replayed`, `${entries}, over the checkpoint of run ${checkpoint?.from.run ?? 'none'}`],
        [`${how}: seconds for the rebuild`, String(seconds)],
      );
      tools.say(`${how}: rebuilt in ${seconds} s, ${differing.length} of ${before.size} answers differ`);
    };

    try {
      await makeBuckets(client.send);
      changes += await fill(client.send, { objects, name: 'first', random: tools.random, say: tools.say });
      const first = await portrait(client.send, buckets, tools.say);
      await lose('after a stop', first, async () => {
        const code = await server.stop();
        if (code !== 0) broken.push(`the server ended with ${code}`);
      });
      const more = Math.ceil(objects / 10);
      changes += await fill(client.send, { objects: more, name: 'second', random: tools.random, say: tools.say });
      const second = await portrait(client.send, buckets, tools.say);
      await sleep(flushPauseMs);
      await lose('after kill -9', second, () => killAll(server, adminUrl, data, tools));
    } finally {
      client.close();
      await server.stop();
    }
    return { figures: [['changes acknowledged', String(changes)], ...figures], broken };
  },
};

function rebuildCatalog(data: string): Promise<Rebuilt> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024, timeout: 600_000 };
    execFile(process.execPath, [bin, 'rebuild', data, '--json'], options, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as Rebuilt);
      } catch {
        reject(new Error(`rebuild: ${stdout}${stderr}`));
      }
    });
  });
}

/** Supervisor, pilot and workers at once. */
async function killAll(server: RunningServer, adminUrl: string, data: string, tools: TrialTools): Promise<void> {
  const token = readFileSync(join(data, 'admin-token'), 'utf8').trim();
  const answer = await fetch(`${adminUrl}/v1/status`, { headers: { authorization: `Bearer ${token}` } });
  const status = (await answer.json()) as { pid: number; workers: { pid: number }[]; pilot: { pid: number } };
  const pids = [status.pid, status.pilot.pid, ...status.workers.map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await server.stop();
  for (const deadlineMs = Date.now() + 10_000; pids.some(isAlive) && Date.now() < deadlineMs; ) await sleep(20);
  tools.say(`killed ${pids.join(', ')}`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
