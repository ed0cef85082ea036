// The pilot from the outside: it shows what it would do and why, does it when it is told to and not when the plan is stale, is paused over a
// restart, and its decisions come out the same when they are made again.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision } from '../../src/pilot/pilot.ts';
import type { Step } from '../../src/placement/placement.ts';
import { makePlace, type Place, type Served, until } from './place.ts';
import { keys, s3 } from './s3.ts';

/** Demand is counted by a hurried clock: minutes are seconds. */
const factor = 10;
const atMs = Date.now();
const env = { ECHOGATE_TRIAL: JSON.stringify({ demandClock: { atMs, fromMs: atMs, factor } }) };
const config = (mode: string) => `data: ./data
workers: 1
users: [{ name: main, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]
echo: { count: 0 }
pilot: { mode: ${mode}, tick: 10s }
partitions:
  - { id: p1, directory: ./p1, capacityDomain: d1, failureDomain: d1, quota: { readOps: 40 } }
  - { id: p2, directory: ./p2, capacityDomain: d2, failureDomain: d2, quota: { readOps: 400 } }
`;
const objects = 160;
const bytes = 10_000;
const hot = 6;
const readsPerSec = 90;
const atOnce = 64;

let place: Place;
let server: Served;
let client: S3Client;
let isOver = false;
let reading: Promise<unknown> = Promise.resolve();

const start = async (mode: string): Promise<void> => {
  await writeFile(join(place.dir, 'echogate.yaml'), config(mode));
  server = await place.serve(['serve', '--config', join(place.dir, 'echogate.yaml')], env);
  client = s3(server.endpoint);
};
const restart = async (mode: string): Promise<void> => {
  await server.stop();
  await start(mode);
};
const run = (...args: string[]) => place.run([...args, '--data', 'data']);
const json = async (...args: string[]) => {
  const { stdout, stderr, code } = await run(...args, '--json');
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};

/** More than a partition may, of a few of its objects; those that are turned away are wanted all the same. */
async function readHot(): Promise<void> {
  const running = new Set<Promise<unknown>>();
  for (let at = 0; !isOver; at++) {
    const one = { Bucket: 'demo', Key: `k${at % hot}`, Range: `bytes=0-${at % 5000}` };
    const asked: Promise<unknown> = client
      .send(new GetObjectCommand(one))
      .then(({ Body }) => Body?.transformToByteArray())
      .catch(() => {})
      .finally(() => running.delete(asked));
    running.add(asked);
    await sleep(1000 / readsPerSec);
    if (running.size >= atOnce) await Promise.race(running);
  }
  await Promise.all(running);
}

beforeAll(async () => {
  place = await makePlace();
  await start('shadow');
  await client.send(new CreateBucketCommand({ Bucket: 'demo' }));
  for (let at = 0; at < objects; at++)
    await client.send(new PutObjectCommand({ Bucket: 'demo', Key: `k${at}`, Body: Buffer.alloc(bytes, at) }));
  reading = readHot();
}, 60_000);
afterAll(async () => {
  isOver = true;
  await reading;
  await place.remove();
});

/** A plan that moves something, as soon as there is one. */
const planned = (): Promise<Decision> =>
  until(
    async () => {
      const { decisions } = await json('journal', '--limit', '5');
      return (decisions as Decision[]).find(({ steps, cause }) => steps.some(isMove) && cause === 'tick');
    },
    'a plan with a move',
    60_000,
  );
/** What would level the fleet, once there is a view of it. */
const levelling = (): Promise<Decision> =>
  until(
    async () => {
      const { decision } = await json('rebalance', '--dry-run');
      return (decision as Decision).steps.length > 0 ? (decision as Decision) : undefined;
    },
    'a plan that levels the fleet',
    30_000,
  );
const isMove = ({ kind }: Step): boolean => kind === 'move';
const blocksOn = async (key: string): Promise<string[]> =>
  (await json('map', `s3://demo/${key}`)).blocks.map(({ partition }: { partition: string }) => partition);

describe('a pilot in shadow', () => {
  it('writes down what it would do, and why, and does nothing', async () => {
    const { steps, results, digest } = await planned();
    const move = steps.find(isMove)!;
    expect(move).toMatchObject({ kind: 'move', from: 'p1', to: 'p2' });
    expect(move.because.text).toMatch(/p1 (would come to|is at) \d+ % of its readOps/);
    expect(results[0]).toMatchObject({
      outcome: 'shown',
      because: 'the pilot only shows its plans (pilot.mode is shadow)',
    });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await blocksOn('k0')).toEqual(['p1']);
    const { stdout, stderr } = await run('plan');
    expect(stdout).toMatch(/^PARTITION +PRESSURE +IMBALANCE/);
    expect(stdout).toMatch(/\nplan \d+, .*, asked for; what it saw: [0-9a-f]{12}\n/);
    expect(stderr).toMatch(/in mode shadow: it only shows its plans/);
  }, 90_000);

  it('refuses to apply a plan', async () => {
    const { id } = await planned();
    const { code, stderr } = await run('apply', String(id));
    expect([code, stderr]).toEqual([1, expect.stringMatching(/only shows its plans \(pilot.mode is shadow\)/)]);
    const none = await run('apply', 'x');
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/a plan is named by its number, not x/)]);
  });

  it('tells of itself in the status', async () => {
    expect((await run('status')).stdout).toMatch(/planning +the pilot is awake, in mode shadow.*last tick \d{4}-/);
    expect((await json('status')).planning).toMatchObject({ mode: 'shadow', isPaused: false, underWay: [] });
    expect((await run('moves')).stdout).toBe('nothing is under way\n');
  });
});

describe('the journal', () => {
  it('can be made again, from the server and from a file, and a file that was changed is found out', async () => {
    await planned();
    const live = await json('replay');
    expect([live.isSame, live.replayed.length > 0]).toEqual([true, true]);
    const file = join(place.dir, 'decisions.jsonl');
    expect((await json('journal', 'export', file)).inputs).toBeGreaterThan(0);
    const replayed = await place.run(['replay', file, '--json']);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ isSame: true });
    const changed = (await readFile(file, 'utf8')).replaceAll('"planDigest":"', '"planDigest":"0');
    await writeFile(file, changed);
    const other = await place.run(['replay', file]);
    expect([other.code, other.stdout]).toEqual([1, expect.stringMatching(/ANOTHER plan now/)]);
    const older = JSON.stringify({ cause: 'tick' });
    const entry = { ...JSON.parse(changed.split('\n')[0]!), input: gzipSync(older).toString('base64') };
    entry.decision.digest = createHash('sha256').update(older).digest('hex');
    await writeFile(file, JSON.stringify(entry));
    const unread = await place.run(['replay', file]);
    expect(unread.code).toBe(1);
    expect(unread.stderr).toMatch(/made by another version of echogate[\s\S]*no decision that could be made again/);
    await writeFile(file, 'no journal');
    const none = await place.run(['replay', file]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/is no journal/)]);
  });
});

describe('maps', () => {
  it('show an area: its keys, its home, its blocks, what it is asked, its hottest blocks', async () => {
    const { stdout } = await run('map', 'demo/k1');
    expect(stdout).toMatch(/keys of bucket demo from its first key to its last key\nnew blocks go to p1\n/);
    expect(stdout).toMatch(new RegExp(`\\np1 +${objects} +1\\.53 MiB +100 %\\n`));
    expect(stdout).toMatch(/\nHOTTEST BLOCKS/);
    const shown = await json('map', 'demo/k1');
    expect(shown.hottest.length).toBe(hot);
    expect(shown.demand.readOps).toBeGreaterThan(3);
    expect((await json('map', shown.area)).area).toBe(shown.area);
    const none = await run('map', 'nowhere/k1');
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/bucket nowhere does not exist/)]);
  });

  it('show an object: its block, where it lies, how often it is read', async () => {
    const [hottest] = (await json('map', 's3://demo/k0')).blocks;
    expect(hottest).toMatchObject({ start: 0, length: bytes, partition: 'p1', generation: 0, echoes: [] });
    expect(hottest.readsPerSec).toBeGreaterThan(0.3);
    expect((await json('map', 's3://demo/k50')).blocks[0].readsPerSec).toBeLessThan(0.2);
    expect((await run('map', 's3://demo/none')).stderr).toMatch(/no object none/);
  });
});

describe('a pilot in mode plan', () => {
  it('stays paused over a restart, and applies nothing then', async () => {
    expect((await run('pause')).code).toBe(0);
    await restart('plan');
    expect((await json('status')).planning).toMatchObject({ mode: 'plan', isPaused: true });
    const { id } = await levelling();
    expect((await run('apply', String(id))).stderr).toMatch(/the pilot is paused/);
    expect((await run('resume')).stdout).toMatch(/awake, in mode plan/);
  }, 90_000);

  it('refuses a plan that is stale: its target takes nothing any more', async () => {
    const decision = await levelling();
    expect(decision.steps[0]).toMatchObject({ from: 'p1', to: 'p2' });
    expect((await run('partition', 'drain', 'p2')).code).toBe(0);
    const { code, stderr } = await run('apply', String(decision.id));
    expect((await run('partition', 'add', 'p2')).code).toBe(0);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/plan \d+ is stale: p2 is draining now/)]);
  });

  it('carries out a plan that is applied: the hot blocks move, and it is not applied twice', async () => {
    const { id } = await levelling();
    const { code, stdout } = await run('apply', String(id));
    expect([code, stdout]).toEqual([0, expect.stringMatching(/begun: /)]);
    expect((await run('apply', String(id))).stderr).toMatch(/carried out already|is moving/);
    const moved = await until(
      async () => {
        const places = (await Promise.all(Array.from({ length: hot }, (_, at) => blocksOn(`k${at}`)))).flat();
        return places.includes('p2') ? places : undefined;
      },
      'hot blocks on p2',
      60_000,
    );
    expect(moved).toContain('p2');
  }, 150_000);

  it('levels the fleet when it is asked and confirmed', async () => {
    const shown = await json('rebalance', '--dry-run');
    expect(shown.decision.cause).toBe('rebalance');
    const unasked = await run('rebalance');
    if (shown.decision.steps.length > 0)
      expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringMatching(/Give --yes/)]);
  });
});

describe('metrics', () => {
  it('count plans and steps', async () => {
    const token = (await readFile(join(place.dir, 'data', 'admin-token'), 'utf8')).trim();
    const answer = await fetch(new URL('/metrics', server.adminUrl), { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    expect(text).toMatch(/^echogate_pilot_plans_total\{cause="tick"\} [1-9]/m);
    expect(text).toMatch(/^echogate_pilot_steps_total\{kind="move",outcome="begun"\} [1-9]/m);
    expect(text).toMatch(/^echogate_pilot_paused 0/m);
  });
});
