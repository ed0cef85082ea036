// Pools in the configuration: what they can make, and what is refused before anybody makes anything.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, memberOf, showConfig } from '../../../src/config/config.ts';

const dir = mkdtempSync(join(tmpdir(), 'echogate-pools-'));
afterAll(() => rmSync(dir, { recursive: true }));

function load(text: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(dir, 'c.yaml'), text);
  return loadConfig({ file: 'c.yaml', env, flags: {}, cwd: dir });
}

function mistakesOf(text: string, env: NodeJS.ProcessEnv = {}): string[] {
  try {
    load(text, env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes.map(({ key, message }) => `${key}: ${message}`);
  }
}

const s3 = 'endpoint: http://127.0.0.1:9100, credentials: { accessKey: A, secretKey: secret-of-a }';

describe('pools', () => {
  it('make partitions of their own, each in a place of its own', () => {
    const { config, origins } = load(`pools:
  - { name: spare, directory: "./more/{n}", capacity: 2 GiB, quota: { readOps: 9 }, latencyTarget: 40ms, max: 3 }
  - { name: cloud, s3: { bucket: "echogate-{id}", ${s3} }, failureDomain: "zone-{n}" }`);
    const [spare, cloud] = config.pools;
    expect(memberOf(spare!, 2)).toEqual({
      ...{
        id: 'spare-2',
        directory: join(dir, 'more/2'),
        capacityBytes: 2 ** 31,
        quota: { readOps: 9 },
        latencyTargetMs: 40,
      },
      ...{ capacityDomain: 'disk0', failureDomain: 'disk0', duty: 'online' },
    });
    expect(memberOf(cloud!, 7)).toMatchObject({
      ...{ id: 'cloud-7', capacityDomain: 'cloud-7', failureDomain: 'zone-7' },
      s3: { bucket: 'echogate-cloud-7', region: 'us-east-1', pathStyle: true, createBucket: true },
    });
    expect([spare?.max, cloud?.max]).toEqual([3, 1]);
    expect(origins.get('pools')).toBe('c.yaml:1');
  });

  it('are none when the file names none, and are shown without their secrets', () => {
    const none = load('region: here');
    expect(none.config.pools).toEqual([]);
    expect(none.origins.get('pools')).toBe('default');
    const { config, origins } = load(`pools: [{ name: cloud, s3: { bucket: "b-{n}", ${s3} } }]`);
    const shown = showConfig(config, origins).find(({ key }) => key === 'pools');
    expect(shown?.origin).toBe('c.yaml:1');
    expect(JSON.stringify(shown?.value)).toContain('"secretKey":"********"');
  });

  it('take keys from the environment, their own before others', () => {
    const text = 'pools: [{ name: my.cloud, s3: { endpoint: "http://h", bucket: "b-{n}", credentials: env } }]';
    const env = {
      ...{ AWS_ACCESS_KEY_ID: 'THEIRS', AWS_SECRET_ACCESS_KEY: 'theirs' },
      ...{ ECHOGATE_POOL_MY_CLOUD_ACCESS_KEY: 'OURS', ECHOGATE_POOL_MY_CLOUD_SECRET_KEY: 'ours' },
    };
    expect(load(text, env).config.pools[0]?.s3?.credentials).toEqual({ accessKey: 'OURS', secretKey: 'ours' });
    expect(mistakesOf(text)[0]).toMatch(/^pools\[0\].s3.credentials: are to come .* nor ECHOGATE_POOL_MY_CLOUD_ACC/);
  });

  it.each([
    ['{ name: a }', 'pools[0]: needs a directory or an s3 bucket'],
    ['{ name: a, directory: x }', 'pools[0].directory: must have {n} or {id} in it'],
    ['{ name: a, directory: "x-{n}", maxx: 3 }', 'pools[0].maxx: is unknown; did you mean max?'],
    ['{ name: a, directory: "x-{n}", max: 101 }', 'pools[0].max: must be between 1 and 100, not 101'],
    [`{ name: a, s3: { bucket: plain, ${s3} } }`, 'pools[0].s3.bucket: must be a bucket name with {n} or {id} in it'],
    [`{ name: a, s3: { bucket: "b{n}", createBucket: true, ${s3} } }`, 'pools[0].s3.createBucket: is unknown'],
    [`{ name: a, directory: "x{n}", s3: { bucket: "b{n}", ${s3} } }`, 'pools[0].s3: stands beside directory'],
    ['{ name: p, directory: "x-{n}", max: 2 }', 'pools[0].name: would make a partition p-2, which partitions[1] is'],
    ['{ name: a, directory: "./p{n}" }', 'pools[0].directory: would make a-1 where partitions[0] is already'],
    ['{ name: a, directory: "x{n}" }, { name: b, directory: "./x{n}" }', 'pools[1].directory: would make b-1 where po'],
    [
      '{ name: a, directory: "x{n}" }, { name: a, directory: "y{n}" }',
      'pools[1].name: "a" is already used by pools[0]',
    ],
    ['{ name: a, directory: "x{n}", capacityDomain: "d {n}" }', 'pools[0].capacityDomain: must be a short name'],
  ])('%s is refused', (pools, mistake) => {
    const partitions = '[{ id: p1, directory: ./p1 }, { id: p-2, directory: ./other }]';
    const said = mistakesOf(`partitions: ${partitions}\npools: [${pools}]`);
    expect(
      said.some((each) => each.startsWith(mistake)),
      said.join('\n'),
    ).toBe(true);
  });

  it('name capacity domains that may be granted something', () => {
    const pool = 'pools: [{ name: a, directory: "x{n}", capacityDomain: "disk-{n}", max: 2 }]';
    expect(mistakesOf(`${pool}\ncapacityDomains: [{ id: disk-2, quota: { readOps: 1 } }]`)).toEqual([]);
    expect(mistakesOf(`${pool}\ncapacityDomains: [{ id: disk-3, quota: { readOps: 1 } }]`)[0]).toMatch(
      /of no partition/,
    );
  });
});
