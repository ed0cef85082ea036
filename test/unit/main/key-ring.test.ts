// Keys made at run time: unique, kept, withdrawn; secrets in files that only their owner reads.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/base/random.ts';
import { createUserDirectory } from '../../../src/compose/user-directory.ts';
import { canonicalIdOf } from '../../../src/config/config.ts';
import { KeyRing } from '../../../src/main/key-ring.ts';
import { ensureAdminToken, ensureCredentials, mainUser, readCredentials } from '../../../src/main/secrets.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'echogate-keys-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const main = mainUser({ accessKey: 'MAINKEY', secretKey: 'main-secret' });
const ring = (generated = false) => new KeyRing(data, [main], generated, systemRandom);

describe('credentials', () => {
  it('are generated once', () => {
    const made = ensureCredentials(data, systemRandom);
    expect(made).toMatchObject({ created: true, accessKey: expect.stringMatching(/^EG[A-Z2-7]{18}$/) });
    expect(made.secretKey).toHaveLength(40);
    expect(ensureCredentials(data, systemRandom)).toEqual({ ...made, created: false });
    expect(readCredentials(data)).toEqual({ accessKey: made.accessKey, secretKey: made.secretKey });
    expect(statSync(join(data, 'credentials')).mode & 0o777).toBe(0o600);
    expect(ensureAdminToken(data, systemRandom)).toBe(ensureAdminToken(data, systemRandom));
  });

  it('that are damaged are told, never replaced', () => {
    writeFileSync(join(data, 'credentials'), '{"accessKey":"half');
    expect(() => ensureCredentials(data, systemRandom)).toThrow(/damaged/);
    expect(readFileSync(join(data, 'credentials'), 'utf8')).toBe('{"accessKey":"half');
  });
});

describe('KeyRing', () => {
  it('keeps what it makes over a restart', () => {
    const made = ring().create({ name: 'ada', email: 'ada@example.com' });
    expect(made).toMatchObject({ name: 'ada', canonicalId: canonicalIdOf('ada'), email: 'ada@example.com' });
    expect(ring().users).toEqual([main, made]);
    expect(
      ring(true)
        .list()
        .map((each) => each.origin),
    ).toEqual(['generated', 'run time']);
    expect(JSON.stringify(ring().list())).not.toContain(made.secretKey);
  });

  it('gives a known user a further key', () => {
    const keys = ring();
    const second = keys.create({ name: 'main' });
    expect(second.canonicalId).toBe(main.canonicalId);
    expect(second.accessKey).not.toBe(main.accessKey);
    const users = createUserDirectory(keys.users);
    expect(users.byAccessKey(second.accessKey)?.user).toBe(users.byAccessKey('MAINKEY')?.user);
  });

  it('withdraws what it made, and only that', () => {
    const keys = ring();
    const made = keys.create({ name: 'ada' });
    expect(() => keys.remove('MAINKEY')).toThrow(/configuration/);
    expect(() => keys.remove('NOBODY')).toThrow(/no access key/);
    keys.remove(made.accessKey);
    expect(ring().users).toEqual([main]);
  });

  it.each([
    {},
    { name: '' },
    { name: 'a b' },
    { name: 1 },
    { name: 'a', email: 'no' },
    { name: 'a', displayName: 'x\ny' },
  ])('refuses %j', (params) => {
    expect(() => ring().create(params)).toThrow(/must be/);
  });

  it('refuses an e-mail address that is somebody else’s', () => {
    const keys = ring();
    keys.create({ name: 'ada', email: 'ada@example.com' });
    expect(() => keys.create({ name: 'bob', email: 'ada@example.com' })).toThrow(/another user/);
  });
});

describe('createUserDirectory', () => {
  it('finds by key, id, name and e-mail, and replaces all at once', () => {
    const users = createUserDirectory([{ ...main, email: 'Main@Example.com' }]);
    expect(users.byAccessKey('MAINKEY')).toMatchObject({ secretKey: 'main-secret', user: { name: 'main' } });
    expect(JSON.stringify(users.byAccessKey('MAINKEY')?.user)).not.toContain('secret');
    expect(users.byCanonicalId(main.canonicalId)?.name).toBe('main');
    expect(users.byEmail('main@example.COM')?.name).toBe('main');
    users.replace([]);
    expect([users.byAccessKey('MAINKEY'), users.byEmail('main@example.com'), users.first()]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
