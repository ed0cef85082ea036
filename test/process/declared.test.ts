// What is declared at run time: by the command line and the admin API, beside the configuration file; it outlives a restart and a lost catalog.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, type Place, type Served } from './place.ts';

let place: Place;
let server: Served;
const config = `data: ./data
workers: 2
jobs:
  - { name: filed, cron: "0 4 * * *", timeZone: Europe/Berlin, requests: 500, duration: 30m }
`;
const file = 'declared.yaml';
const start = () =>
  place.serve(['serve', '--config', join(place.dir, file)], {
    ECHOGATE_ACCESS_KEY: 'KEYONE',
    ECHOGATE_SECRET_KEY: 'secret-of-one',
  });
const run = (...args: string[]) => place.run([...args, '--data', 'data']);

beforeAll(async () => {
  place = await makePlace();
  await writeFile(join(place.dir, file), config);
  server = await start();
});
afterAll(() => place.remove());

const nightly = [
  '--cron',
  '30 2 * * *',
  '--bucket',
  'backups',
  '--requests',
  '20000',
  '--write-bytes',
  '4GiB',
  '--duration',
  '1h',
];
const launch = [
  '--bucket',
  'shop',
  '--prefix',
  'images/',
  '--from',
  '2099-11-27T06:00:00Z',
  '--to',
  '2099-11-28T06:00:00Z',
];

describe('what is declared by command line', () => {
  it('is listed beside what the file declares', async () => {
    const added = await run('job', 'add', 'nightly', ...nightly);
    expect([added.code, added.stdout]).toEqual([
      0,
      expect.stringMatching(/^declared job nightly; next \d{4}-\d\d-\d\dT02:30:00Z\n$/),
    ]);
    expect((await run('hint', 'add', 'launch', ...launch, '--factor', '5')).code).toBe(0);
    const holidays = ['--days', '2099-12-25,2099-12-28..2099-12-31', '--like', 'sunday'];
    expect((await run('calendar', 'add', 'holidays', ...holidays)).stdout).toBe(
      'declared calendar holidays; next 2099-12-25\n',
    );

    const { jobs, version } = JSON.parse((await run('job', 'list', '--json')).stdout);
    expect(version).toBe(1);
    expect(jobs).toMatchObject([
      { name: 'filed', origin: 'file', timeZone: 'Europe/Berlin', durationSec: 1800 },
      { name: 'nightly', origin: 'api', timeZone: 'UTC', requests: 20_000, writeBytes: 4 * 2 ** 30, durationSec: 3600 },
    ]);
    const listed = (await run('job', 'list')).stdout.split('\n');
    expect(listed[0]).toMatch(/^NAME +WHEN +TIME ZONE +WHERE +REQUESTS/);
    expect(listed[2]).toMatch(/^nightly +30 2 \* \* \* +UTC +backups\/ +20000 +- +4\.00 GiB +1h/);
    expect((await run('hint', 'list')).stdout).toMatch(
      /\nlaunch +shop\/images\/ +×5 +2099-11-27T06:00:00Z .* to come +api\n/,
    );
    expect((await run('calendar', 'list')).stdout).toMatch(
      /\nholidays +2099-12-25,2099-12-28\.\.2099-12-31 +UTC +all buckets +sunday/,
    );
  });

  it('says where it contradicts another', async () => {
    const { code, stderr } = await run('hint', 'add', 'bigger', ...launch, '--factor', '9');
    expect([code, stderr]).toEqual([0, 'note: counts, being the larger, in place of launch (×5)\n']);
    const { hints } = JSON.parse((await run('hint', 'list', '--json')).stdout);
    expect(hints.find((each: { name: string }) => each.name === 'launch').notes).toEqual([
      'a hint with a larger factor for the same keys counts in its place while both run',
    ]);
    expect((await run('hint', 'rm', 'bigger')).code).toBe(0);
  });

  it('is refused with what would be right', async () => {
    const wrong = await run(
      'job',
      'add',
      'x',
      '--cron',
      '30 2 * *',
      '--time-zone',
      'Berlin',
      '--requests',
      '1',
      '--duration',
      '30d',
    );
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/--cron must have five fields/);
    expect(wrong.stderr).toMatch(/--time-zone names no time zone/);
    expect(wrong.stderr).toMatch(/--duration may be 7 days at most/);
    expect(wrong.stderr).toMatch(/echogate job add --help/);
    const twice = await run('job', 'add', 'nightly', ...nightly);
    expect([twice.code, twice.stderr]).toEqual([1, 'echogate: there is a job nightly already; remove it first\n']);
    const filed = await run('job', 'add', 'filed', ...nightly);
    expect([filed.code, filed.stderr]).toEqual([1, expect.stringMatching(/stands in the configuration file/)]);
    const kept = await run('job', 'rm', 'filed');
    expect([kept.code, kept.stderr]).toEqual([1, expect.stringMatching(/configuration file; remove it there/)]);
    const missing = await run('calendar', 'rm', 'nightly');
    expect([missing.code, missing.stderr]).toEqual([1, 'echogate: there is no calendar nightly\n']);
  });

  it('is refused by the API as well', async () => {
    const token = (
      await (await import('node:fs/promises')).readFile(join(place.dir, 'data', 'admin-token'), 'utf8')
    ).trim();
    const post = async (body: object) => {
      const answer = await fetch(`${server.adminUrl}/v1/hints`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      return [answer.status, ((await answer.json()) as { error?: { message: string } }).error?.message];
    };
    expect(
      await post({ name: 'h', bucket: 'b', from: '2026-01-02T00:00Z', to: '2026-01-01T00:00Z', factor: 2 }),
    ).toEqual([400, 'to must lie behind from']);
    expect(await post({ name: 'h', bukcet: 'b' })).toEqual([
      400,
      expect.stringMatching(/bukcet is unknown; did you mean bucket\?/),
    ]);
  });
});

describe('what was declared', () => {
  const names = async () => {
    const of = async (word: string, kind: string) =>
      JSON.parse((await run(word, 'list', '--json')).stdout)[kind].map(({ name }: { name: string }) => name);
    return [await of('job', 'jobs'), await of('hint', 'hints'), await of('calendar', 'calendars')];
  };
  const all = [['filed', 'nightly'], ['launch'], ['holidays']];

  it('outlives a restart', async () => {
    expect(await server.stop()).toBe(0);
    server = await start();
    expect(await names()).toEqual(all);
  });

  it('outlives a lost catalog, and is sound to fsck', async () => {
    expect((await run('job', 'add', 'late', ...nightly)).code).toBe(0);
    expect((await run('job', 'rm', 'late')).code).toBe(0);
    expect(await server.stop()).toBe(0);
    const checked = await place.run(['fsck', 'data', '--json']);
    expect([checked.code, checked.stderr]).toEqual([0, '']);
    const rebuilt = await place.run(['rebuild', 'data', '--replace']);
    expect([rebuilt.code, rebuilt.code === 0 ? '' : rebuilt.stderr]).toEqual([0, '']);
    server = await start();
    expect(await names()).toEqual(all);
  }, 60_000);

  it('can be taken back', async () => {
    expect((await run('job', 'rm', 'nightly')).stdout).toBe('removed job nightly\n');
    expect((await names())[0]).toEqual(['filed']);
    expect(await server.stop()).toBe(0);
  });
});
