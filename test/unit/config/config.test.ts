// Settings from every source: what wins, what is refused, and how it is said.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, showConfig, shownConfig } from '../../../src/config/config.ts';
import { mistakeLine } from '../../../src/config/mistakes.ts';
import type { Sources } from '../../../src/config/sources.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'echogate-config-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const load = (yaml: string | undefined, more: Partial<Sources> = {}) => {
  if (yaml !== undefined) writeFileSync(join(dir, 'c.yaml'), yaml);
  return loadConfig({ env: {}, flags: {}, cwd: dir, ...(yaml === undefined ? {} : { file: 'c.yaml' }), ...more });
};

const mistakesOf = (yaml: string | undefined, more: Partial<Sources> = {}): string[] => {
  try {
    load(yaml, more);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.map(mistakeLine);
    throw error;
  }
  return [];
};

const sample = `listen: 127.0.0.1:9000
admin: 127.0.0.1:9001          # /livez and /readyz need no token
data: ./data
region: us-east-1
compat: { profile: aws }
users:
  - { name: main, accessKey: AKIAMAIN, secretKey: \${MAIN_SECRET}, canonicalId: abc123, displayName: M. Tester, email: tester@example.com }
partitions:
  - { id: p1, directory: ./data/p1, capacityDomain: disk0 }
  - { id: p2, s3: { endpoint: http://127.0.0.1:9100, bucket: p2, region: us-east-1, credentials: env }, failureDomain: b, quota: { readOps: 5500, writeOps: 3500 } }
redis: { url: redis://127.0.0.1:6379 }
`;

describe('loadConfig', () => {
  it('needs nothing', () => {
    const { config } = load(undefined);
    expect(config).toMatchObject({ listen: { host: '127.0.0.1', port: 9000 }, region: 'us-east-1', users: [] });
    expect(config.data).toBe(join(dir, 'data'));
    expect(config.partitions.map((each) => each.directory)).toEqual(
      ['p1', 'p2', 'p3', 'p4'].map((id) => join(dir, 'data', id)),
    );
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.partitions[0])).toBe(true);
  });

  it('reads the sample of the design', () => {
    const env = { MAIN_SECRET: 'main-secret', AWS_ACCESS_KEY_ID: 'backend', AWS_SECRET_ACCESS_KEY: 'backend-secret' };
    const { config } = load(sample, { env });
    expect(config.users).toEqual([
      {
        name: 'main',
        accessKey: 'AKIAMAIN',
        secretKey: 'main-secret',
        canonicalId: 'abc123',
        displayName: 'M. Tester',
        email: 'tester@example.com',
      },
    ]);
    expect(config.partitions).toMatchObject([
      { id: 'p1', directory: join(dir, 'data/p1'), capacityDomain: 'disk0', failureDomain: 'disk0' },
      {
        id: 'p2',
        s3: { endpoint: 'http://127.0.0.1:9100', credentials: { accessKey: 'backend', secretKey: 'backend-secret' } },
        failureDomain: 'b',
        quota: { readOps: 5500, writeOps: 3500 },
      },
    ]);
  });

  it('takes flag over environment over file over default, and knows each origin', () => {
    const { config, origins } = load('region: a-file\nworkers: 3\nlisten: 0.0.0.0:1000\ncompat: { profile: rgw }\n', {
      env: { ECHOGATE_REGION: 'b-env', ECHOGATE_WORKERS: '4' },
      flags: { workers: '5', port: '2000' },
    });
    expect([config.workers, config.region, config.profile, config.logLevel]).toEqual([5, 'b-env', 'rgw', 'info']);
    expect(config.listen).toEqual({ host: '0.0.0.0', port: 2000 });
    expect(['workers', 'region', 'compat.profile', 'log.level', 'listen'].map((key) => origins.get(key))).toEqual([
      'flag --workers',
      'env ECHOGATE_REGION',
      'c.yaml:4',
      'default',
      'c.yaml:3, port from flag --port',
    ]);
  });

  it('puts the environment’s keys first, in place of main’s', () => {
    const env = { ECHOGATE_ACCESS_KEY: 'ENVKEY', ECHOGATE_SECRET_KEY: 'env-secret' };
    expect(load(undefined, { env }).config.users).toMatchObject([{ name: 'main', accessKey: 'ENVKEY' }]);
    const both = load('users: [{ name: main, accessKey: A, secretKey: secret-of-a, canonicalId: me }]', { env });
    expect(both.config.users).toMatchObject([{ name: 'main', accessKey: 'ENVKEY', canonicalId: 'me' }]);
    expect(mistakesOf(undefined, { env: { ECHOGATE_ACCESS_KEY: 'ENVKEY' } })).toEqual([
      'environment: ECHOGATE_ACCESS_KEY: needs ECHOGATE_SECRET_KEY beside it',
    ]);
  });

  it('tells replicas from partitions', () => {
    const { config, origins } = load(`partitions:
  - { id: p1, directory: data/p1 }
  - { id: west, replicaOf: p1, directory: data/west, failureDomain: west, quota: { readOps: 9 } }`);
    expect(config.partitions.map(({ id }) => id)).toEqual(['p1']);
    expect(origins.get('replicas')).toBe(origins.get('partitions'));
    expect(config.replicas).toMatchObject([
      { id: 'west', replicaOf: 'p1', directory: join(dir, 'data/west'), failureDomain: 'west', quota: { readOps: 9 } },
    ]);
    const wrong = (rest: string) =>
      mistakesOf(`partitions: [{ id: part, directory: a }, { id: west, directory: b, replicaOf: ${rest} }]`);
    expect(wrong('prat')).toEqual(['c.yaml:1: partitions[1].replicaOf: "prat" is no partition; did you mean part?']);
    expect(wrong('west')).toEqual(['c.yaml:1: partitions[1].replicaOf: "west" is a replica itself']);
    expect(wrong('part, duty: online, capacity: 2 GiB')).toEqual([
      'c.yaml:1: partitions[1].duty: stands beside replicaOf; nothing is ever written to a replica',
      'c.yaml:1: partitions[1].capacity: stands beside replicaOf; nothing is ever written to a replica',
    ]);
    expect(mistakesOf('partitions: [{ id: west, directory: b, replicaOf: p1 }]')).toContain(
      'c.yaml:1: partitions: has replicas alone; name what they are copies of',
    );
  });

  it('keeps an owner whose keys change', () => {
    const idOf = (key: string) =>
      load(`users: [{ name: ann, accessKey: ${key}, secretKey: some-secret }]`).config.users[0]?.canonicalId;
    expect(idOf('ONE')).toBe(idOf('TWO'));
    expect(idOf('ONE')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('reads secrets from files', () => {
    writeFileSync(join(dir, 'secret'), 'from-a-file\n');
    const env = { ECHOGATE_ACCESS_KEY: 'KEY', ECHOGATE_SECRET_KEY_FILE: 'secret' };
    expect(load(undefined, { env }).config.users[0]?.secretKey).toBe('from-a-file');
    const listed = load('users: [{ name: ann, accessKey: K, secretKeyFile: secret }]');
    expect(listed.config.users[0]?.secretKey).toBe('from-a-file');
    expect(mistakesOf('users: [{ name: ann, accessKey: K, secretKeyFile: nowhere }]')[0]).toContain('cannot be read');
  });

  it('fills in variables, their defaults, and a plain dollar', () => {
    const yaml = `region: \${WHERE:-eu-west-1}\nusers: [{ name: ann, accessKey: K, secretKey: "pa$$word-\${N}" }]`;
    const { config } = load(yaml, { env: { N: '7' } });
    expect(config.region).toBe('eu-west-1');
    expect(config.users[0]?.secretKey).toBe('pa$word-7');
  });
});

describe('mistakes', () => {
  it.each([
    ['listen: here', 'c.yaml:1: listen: must be host:port, such as 127.0.0.1:9000, not here'],
    ['listen: 127.0.0.1:70000', 'c.yaml:1: listen: names port 70000; ports end at 65535'],
    ['\nworkers: many', 'c.yaml:2: workers: must be a whole number, not many'],
    ['workers: 1.5', 'c.yaml:1: workers: must be a whole number, not 1.5'],
    [
      'limits:\n  bytesInFlight: 5 parsecs',
      'c.yaml:2: limits.bytesInFlight: must be a size such as 256 MiB, not 5 parsecs',
    ],
    ['drain: { timeout: 2 h }', 'c.yaml:1: drain.timeout: must be between 0 and 1 h, not 2 h'],
    ['log: loud', 'c.yaml:1: log: must be a group of keys, not a single value'],
    ['users: me', 'c.yaml:1: users: must be a list of users'],
    [
      'partitions: []',
      'c.yaml:1: partitions: is empty; name at least one, or leave the key out for four directories under data',
    ],
    ['partitons: []', 'c.yaml:1: partitons: is unknown; did you mean partitions?'],
    ['region:', 'c.yaml:1: region: is required'],
    ['region: a\nregion: b', 'c.yaml:2: region: is written twice here; keep one'],
    ['listen: 127.0.0.1:9001', 'c.yaml:1: listen: port 9001 is used by both listen and admin; choose two'],
    [
      'proxy: { trusted: [10.0.0.0/33] }',
      'c.yaml:1: proxy.trusted: must hold addresses, blocks like 10.0.0.0/8, or loopback, not 10.0.0.0/33',
    ],
    ['region: $' + '{NOWHERE}', 'c.yaml:1: region: the environment variable NOWHERE is not set'],
  ])('%j', (yaml, wanted) => {
    expect(mistakesOf(yaml)).toEqual([wanted]);
  });

  it('of flags and environment are named by flag and variable', () => {
    const found = mistakesOf('workers: 0', {
      flags: { port: 'x' },
      env: { ECHOGATE_REGION: '?', ECHOGATE_WORKRES: '3' },
    });
    expect(found).toEqual([
      'c.yaml:1: workers: must be between 1 and 256, not 0',
      'environment: ECHOGATE_WORKRES: is unknown; did you mean ECHOGATE_WORKERS?',
      'command line: --port: must be a whole number, not x',
      'environment: ECHOGATE_REGION: must be a region name such as us-east-1, not "?"',
    ]);
  });

  it('of certificates are found before a worker finds them', () => {
    const pem = (name: string) => join(process.cwd(), 'test/support/tls', name);
    const tls = (cert: string, key: string) => `tls: { cert: ${cert}, key: ${key} }`;
    writeFileSync(join(dir, 'junk'), 'junk');
    expect(mistakesOf(tls(pem('cert.pem'), pem('key.pem')))).toEqual([]);
    expect(mistakesOf(tls('junk', pem('key.pem')))).toEqual(['c.yaml:1: tls.cert: is no certificate in PEM']);
    expect(mistakesOf(tls(pem('cert.pem'), 'junk'))).toEqual(['c.yaml:1: tls.key: is no private key in PEM']);
    expect(mistakesOf(`tls: { cert: ${pem('cert.pem')} }`)).toEqual(['c.yaml:1: tls.cert: needs tls.key beside it']);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    writeFileSync(join(dir, 'other.pem'), other);
    expect(mistakesOf(tls(pem('cert.pem'), 'other.pem'))).toEqual([
      'c.yaml:1: tls.key: does not belong to the certificate in tls.cert',
    ]);
  });

  it('never repeat a secret', () => {
    const found = mistakesOf('users: [{ name: a, accessKey: K, secretKey: "has space" }]').join();
    expect(found).toContain('users[0].secretKey');
    expect(found).not.toContain('has space');
  });

  it('survive files that are hardly YAML', () => {
    for (const yaml of ['{', '[', ': :', 'a: [1, 2', '\t- x', '&a [*a]', 'a: !!binary x', '"', '- 1\nb: 2', '\u0000']) {
      expect(mistakesOf(yaml).length, JSON.stringify(yaml)).toBeGreaterThan(0);
    }
  });

  it('of a missing file say so', () => {
    expect(mistakesOf(undefined, { file: 'nowhere.yaml' })[0]).toMatch(/nowhere.yaml: config: cannot be read/);
  });
});

describe('showConfig', () => {
  it('masks every secret', () => {
    const env = { MAIN_SECRET: 'main-secret', AWS_ACCESS_KEY_ID: 'backend', AWS_SECRET_ACCESS_KEY: 'backend-secret' };
    const { config, origins } = load(`${sample}adminToken: sixteen-characters-1\n`, { env });
    const text = shownConfig(showConfig(config, origins));
    for (const secret of ['main-secret', 'backend-secret', 'sixteen-characters-1']) expect(text).not.toContain(secret);
    expect(text).toContain('AKIAMAIN');
    expect(text).toMatch(/region: us-east-1 +# c\.yaml:4/);
  });
});
