// SIGTERM under load: what was accepted is answered, nothing acknowledged is lost, and the end comes in time.

import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, type Place, type Served, until } from './place.ts';
import { keysEnv, s3 } from './s3.ts';

let place: Place;
let server: Served;
const Bucket = 'drained';

beforeAll(async () => {
  place = await makePlace();
  server = await place.serve(['up', join(place.dir, 'data'), '--workers', '2'], keysEnv);
  await s3(server.endpoint).send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => place.remove());

const refused = (error: unknown): boolean => {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return code === 'ECONNREFUSED' || cause?.code === 'ECONNREFUSED';
};

describe('SIGTERM under load', () => {
  it('fails no request that was accepted', async () => {
    const body = Buffer.alloc(64 * 1024, 'x');
    const stored: string[] = [];
    const failed: unknown[] = [];
    let terminatedAt = Number.POSITIVE_INFINITY;
    let answeredAfter = 0;

    const putter = async (who: number): Promise<void> => {
      const client = s3(server.endpoint);
      for (let at = 0; ; at++) {
        const Key = `load/${who}/${at}`;
        try {
          await client.send(new PutObjectCommand({ Bucket, Key, Body: body }));
          stored.push(Key);
          if (performance.now() > terminatedAt) answeredAfter += 1;
        } catch (error) {
          // The listener is closed: this one was not accepted.
          if (!refused(error)) failed.push(error);
          client.destroy();
          return;
        }
      }
    };
    /** One upload that is in its middle when the signal comes. */
    const slow = async (): Promise<void> => {
      async function* trickle(): AsyncGenerator<Buffer> {
        for (let at = 0; at < 20; at++) {
          yield Buffer.alloc(50_000, at);
          await sleep(100);
        }
      }
      const client = s3(server.endpoint);
      const Body = Readable.from(trickle());
      await client.send(new PutObjectCommand({ Bucket, Key: 'slow', Body, ContentLength: 1_000_000 }));
      stored.push('slow');
      client.destroy();
    };

    const load = [slow(), ...Array.from({ length: 12 }, (_, who) => putter(who))];
    await until(async () => (stored.length > 20 ? true : undefined), 'load');
    terminatedAt = performance.now();
    server.process.kill('SIGTERM');
    await Promise.all(load);
    expect(failed).toEqual([]);
    expect(stored).toContain('slow');
    expect(answeredAfter).toBeGreaterThan(0);
    expect(await server.stop()).toBe(0);

    const again = await place.serve(['up', join(place.dir, 'data')], keysEnv);
    const client = s3(again.endpoint);
    for (const Key of stored) await client.send(new HeadObjectCommand({ Bucket, Key }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'slow' }));
    const bytes = await Body!.transformToByteArray();
    expect(bytes.length).toBe(1_000_000);
    expect([bytes[0], bytes[999_999]]).toEqual([0, 19]);
    client.destroy();
    await again.stop();
  });

  it('ends at once at the second signal', async () => {
    const second = await place.serve(['up', join(place.dir, 'data')], keysEnv);
    // A connection that asks for nothing keeps the first drain waiting.
    const client = s3(second.endpoint);
    async function* never(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(1000);
      await sleep(60_000, undefined, { ref: false });
    }
    const stuck = client
      .send(new PutObjectCommand({ Bucket, Key: 'stuck', Body: Readable.from(never()), ContentLength: 5000 }))
      .catch(() => 'cut');
    await sleep(300);
    second.process.kill('SIGTERM');
    await until(async () => ((await fetch(`${second.adminUrl}/readyz`)).status === 503 ? true : undefined), '503');
    // So soon it counts as the same signal, come by two ways.
    second.process.kill('SIGTERM');
    await sleep(600);
    expect((await fetch(`${second.adminUrl}/readyz`)).status).toBe(503);
    second.process.kill('SIGTERM');
    expect(await second.stop()).toBe(0);
    expect(await stuck).toBe('cut');
    client.destroy();
  });
});
