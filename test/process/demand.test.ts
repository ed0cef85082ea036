// What clients ask is counted and kept: the map shows it, the metrics show it, and it outlives a restart. No forecast is shown before there is one.
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, type Place, type Served } from './place.ts';
import { keysEnv, s3 } from './s3.ts';

let place: Place;
let server: Served;

interface Shown {
  readonly id: string;
  readonly demand: { readonly readOps: number; readonly writeOps: number; readonly readBytes: number };
  readonly served: { readonly readOps: number };
  readonly areas: readonly { readonly bucket: string; readonly demand: { readonly readOps: number } }[];
}

beforeAll(async () => {
  place = await makePlace();
  server = await place.serve(['up', join(place.dir, 'data')], keysEnv);
});
afterAll(() => place.remove());

const mapNow = async (): Promise<readonly Shown[]> => {
  const { stdout, code, stderr } = await place.run(['map', '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { partitions: Shown[] }).partitions;
};
const sum = (map: readonly Shown[], of: (one: Shown) => number): number => map.reduce((all, one) => all + of(one), 0);

async function untilSeen(isSeen: (map: readonly Shown[]) => boolean): Promise<readonly Shown[]> {
  for (let tries = 0; tries < 60; tries++) {
    const map = await mapNow();
    if (isSeen(map)) return map;
    await new Promise((done) => setTimeout(done, 500));
  }
  return await mapNow();
}

describe('demand', () => {
  it('of reads and writes stands on the map, by partition and area', async () => {
    const client = s3(server.endpoint);
    for (let at = 0; at < 4; at++) {
      await client.send(new PutObjectCommand({ Bucket: 'demo', Key: `k${at}`, Body: Buffer.alloc(5000, at) }));
    }
    for (let at = 0; at < 12; at++) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'demo', Key: `k${at % 4}` }));
      await Body?.transformToByteArray();
    }
    const map = await untilSeen((now) => sum(now, ({ demand }) => demand.readOps) > 0);
    const ops = (of: 'readOps' | 'writeOps') => sum(map, ({ demand }) => demand[of]);
    expect(ops('readOps') / ops('writeOps')).toBeCloseTo(3, 5);
    expect(sum(map, ({ demand }) => demand.readBytes) / ops('readOps')).toBeCloseTo(5000, 5);
    expect(sum(map, ({ served }) => served.readOps)).toBeGreaterThan(0);
    const [busy] = map.filter(({ demand }) => demand.readOps > 0);
    expect(busy!.areas[0]).toMatchObject({ bucket: 'demo' });
  });

  it('is told to people as well', async () => {
    const { stdout } = await place.run(['map']);
    expect(stdout).toMatch(/^PARTITION +DUTY +DOMAIN/);
    const one = await place.run(['map', 'p1']);
    expect(one.stdout).toMatch(/clients want/);
    const none = await place.run(['map', 'p99']);
    expect(none.code).not.toBe(0);
    expect(none.stderr).toMatch(/no partition p99/);
  });

  it('is not told of what nobody counts', async () => {
    const { code, stderr } = await place.run(['forecast', 'show', '--resource', 'reads']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/no resource reads\n.*readOps, writeOps/)]);
  });

  it('is no forecast yet, and says so', async () => {
    const { stdout, stderr, code } = await place.run(['forecast', 'show', 'p1']);
    expect(code).toBe(0);
    // A bin may have ended just now.
    expect(stderr + stdout).toMatch(/^no forecast yet: the first bin of five minutes is not over yet|^p1 /);
  });

  it('outlives a restart', async () => {
    await server.stop();
    server = await place.serve(['up', join(place.dir, 'data')], keysEnv);
    expect(sum(await mapNow(), ({ demand }) => demand.readOps)).toBeGreaterThan(0);
  });
});
