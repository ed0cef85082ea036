// Processes die; the service does not: a worker, the pilot, the supervisor with everything else.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, type Place, type Served, until } from './place.ts';
import { keysEnv, s3 } from './s3.ts';

let place: Place;
let server: Served;

interface Status {
  readonly pid: number;
  readonly workers: readonly { name: string; pid: number }[];
  readonly pilot?: { pid: number };
}

async function status(): Promise<Status> {
  const token = (await readFile(join(place.dir, 'data', 'admin-token'), 'utf8')).trim();
  const answer = await fetch(`${server.adminUrl}/v1/status`, { headers: { authorization: `Bearer ${token}` } });
  return (await answer.json()) as Status;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

beforeAll(async () => {
  place = await makePlace();
  server = await place.serve(['up', join(place.dir, 'data'), '--workers', '2'], keysEnv);
  await until(async () => ((await status()).workers.length === 2 ? true : undefined), 'two workers');
  await s3(server.endpoint).send(new CreateBucketCommand({ Bucket: 'survivors' }));
});
afterAll(() => place.remove());

/** PUTs one after the other until stopped; returns the acknowledged keys and the errors. */
function keepPutting(name: string) {
  const client = s3(server.endpoint);
  const stored: string[] = [];
  const errors: unknown[] = [];
  let stopped = false;
  const running = (async () => {
    for (let at = 0; !stopped; at++) {
      const Key = `${name}/${at}`;
      await client.send(new PutObjectCommand({ Bucket: 'survivors', Key, Body: `body of ${Key}` })).then(
        () => stored.push(Key),
        (error) => errors.push(error),
      );
    }
  })();
  return {
    stored,
    errors,
    async stop() {
      stopped = true;
      await running;
      client.destroy();
    },
  };
}

async function expectStored(keys: readonly string[]): Promise<void> {
  const client = s3(server.endpoint);
  for (const Key of keys) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'survivors', Key }));
    expect(await Body?.transformToString()).toBe(`body of ${Key}`);
  }
  client.destroy();
}

describe('a worker killed with -9', () => {
  it('is replaced while the other serves; nothing acknowledged is lost', async () => {
    const before = await status();
    const load = keepPutting('worker');
    await until(async () => (load.stored.length > 5 ? true : undefined), 'first PUTs');
    const [victim] = before.workers;
    process.kill(victim!.pid, 'SIGKILL');
    const atKill = load.stored.length;
    await until(async () => (load.stored.length > atKill + 5 ? true : undefined), 'PUTs while it is gone');
    const after = await until(async () => {
      const now = await status();
      return now.workers.length === 2 && now.workers.every((each) => each.pid !== victim!.pid) ? now : undefined;
    }, 'a new worker');
    expect(after.pid).toBe(before.pid);
    await load.stop();
    // The request that was in its hands at most.
    expect(load.errors.length).toBeLessThanOrEqual(1);
    await expectStored(load.stored);
  });
});

describe('the pilot killed with -9', () => {
  it('is replaced, and the workers serve on', async () => {
    const before = await status();
    const load = keepPutting('pilot');
    process.kill(before.pilot!.pid, 'SIGKILL');
    await until(async () => {
      const now = await status();
      return now.pilot !== undefined && now.pilot.pid !== before.pilot!.pid ? now : undefined;
    }, 'a new pilot');
    await load.stop();
    expect(load.errors).toEqual([]);
    expect(load.stored.length).toBeGreaterThan(0);
    const after = await status();
    expect(after.workers).toEqual(before.workers);
  });
});

describe('the supervisor killed with -9', () => {
  it('takes its children with it; the next start is clean and everything acknowledged is there', async () => {
    const { workers, pilot } = await status();
    const load = keepPutting('supervisor');
    await until(async () => (load.stored.length > 5 ? true : undefined), 'first PUTs');
    server.process.kill('SIGKILL');
    await until(async () => {
      return [...workers, pilot!].some(({ pid }) => isAlive(pid)) ? undefined : true;
    }, 'the children to end');
    await load.stop();

    server = await place.serve(['up', join(place.dir, 'data'), '--workers', '2'], keysEnv);
    await expectStored(load.stored);
    const listed = await s3(server.endpoint).send(
      new ListObjectsV2Command({ Bucket: 'survivors', Prefix: 'supervisor/' }),
    );
    const keys = listed.Contents?.map((each) => each.Key) ?? [];
    // One more at most: done, but its answer was lost.
    expect(keys.length - load.stored.length).toBeLessThanOrEqual(1);
  });
});
