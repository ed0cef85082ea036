// Jobs, hints, calendars and capacity domains as operators write them: taken as meant, or refused with what would be right.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, type DeclaredKind, loadConfig, readDeclared, showConfig } from '../../../src/config/config.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'echogate-declared-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const load = (yaml: string) => {
  writeFileSync(join(dir, 'c.yaml'), yaml);
  return loadConfig({ env: {}, flags: {}, cwd: dir, file: 'c.yaml' });
};
const mistakesOf = (yaml: string): string[] => {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.mistakes.map(({ key, line, message }) => `${line}: ${key}: ${message}`);
    throw error;
  }
  return [];
};

const sample = `jobs:
  - name: nightly
    cron: "30 2 * * *"
    timeZone: Europe/Berlin
    bucket: backups
    prefix: db/
    requests: 20000
    writeBytes: 400 GiB
    duration: 90m
hints:
  - { name: launch, bucket: shop, prefix: images/, from: 2026-11-27T06:00:00Z, to: 2026-11-28T07:00+01:00, factor: 5 }
calendars:
  - name: holidays
    timeZone: Europe/Berlin
    days: [2026-12-25, 2026-12-28..2026-12-31]
    like: sunday
    factor: 0.8
capacityDomains:
  - { id: disk0, quota: { readOps: 1000, writeBytesPerSec: 100 MiB } }
`;

describe('in the file', () => {
  it('are taken as they are meant', () => {
    const { config, origins } = load(sample);
    expect(config.jobs).toEqual([
      {
        name: 'nightly',
        cron: '30 2 * * *',
        timeZone: 'Europe/Berlin',
        bucket: 'backups',
        prefix: 'db/',
        requests: 20_000,
        writeBytes: 400 * 2 ** 30,
        durationSec: 5400,
      },
    ]);
    expect(config.hints).toEqual([
      {
        name: 'launch',
        bucket: 'shop',
        prefix: 'images/',
        fromSec: Date.parse('2026-11-27T06:00Z') / 1000,
        toSec: Date.parse('2026-11-28T06:00Z') / 1000,
        factor: 5,
      },
    ]);
    expect(config.calendars).toEqual([
      {
        name: 'holidays',
        timeZone: 'Europe/Berlin',
        days: ['2026-12-25', '2026-12-28..2026-12-31'],
        like: 'sunday',
        factor: 0.8,
      },
    ]);
    expect(config.capacityDomains).toEqual([
      { id: 'disk0', quota: { readOps: 1000, writeBytesPerSec: 100 * 2 ** 20 } },
    ]);
    expect(showConfig(config, origins).find(({ key }) => key === 'jobs')?.origin).toBe('c.yaml:1');
  });

  it('are empty lists when nothing is written', () => {
    const { jobs, hints, calendars, capacityDomains } = load('region: us-east-1\n').config;
    expect({ jobs, hints, calendars, capacityDomains }).toEqual({
      jobs: [],
      hints: [],
      calendars: [],
      capacityDomains: [],
    });
  });

  it('are refused with all mistakes at once, each by key and line', () => {
    const wrong = `jobs:
  - { name: a, cron: "30 2 * *", requests: 1, duration: 1h }
  - { name: a, cron: "30 2 * * *", requests: 1, duration: 30d }
  - { name: c, cron: "30 2 * * *", requests: 1, duration: 1h, buckt: b }
hints:
  - { name: h, bucket: b, from: 2026-11-27T06:00:00Z, to: 2026-11-27T06:00:00Z, factor: 5 }
  - { name: i, bucket: b, from: tomorrow, to: 2026-11-27T06:00:00Z, factor: -5 }
calendars:
  - { name: x, days: [2026-02-30], timeZone: Mars/Olympus }
  - { name: y, days: [2026-02-01] }
partitions:
  - { id: p1, directory: ./p1, capacityDomain: disk1 }
capacityDomains:
  - { id: disc1, quota: { readOps: 5 } }
  - { id: disk1, quota: {} }
`;
    expect(mistakesOf(wrong)).toEqual([
      '2: jobs[0].cron: must have five fields (minute hour day month weekday), such as "30 2 * * *", not "30 2 * *"',
      '3: jobs[1].duration: may be 7 days at most, not 30d: a job that never ends is usual load, which is learned without it',
      '3: jobs[1].name: "a" is already used by jobs[0]',
      '4: jobs[2].buckt: is unknown; did you mean bucket?',
      '6: hints[0].to: must lie behind from',
      expect.stringMatching(/^7: hints\[1\]\.from: must be a time such as 2026-11-27T06:00:00Z .*, not tomorrow$/),
      '7: hints[1].factor: must be above 0 and at most 1000, not -5',
      expect.stringMatching(/^9: calendars\[0\]\.timeZone: names no time zone that is known here: "Mars\/Olympus"/),
      '9: calendars[0].days: must be a date such as 2026-12-25, or a range such as 2026-12-28..2026-12-31, not "2026-02-30"',
      '10: calendars[1].like: or factor is required: what are these days like?',
      '14: capacityDomains[0].id: "disc1" is the capacityDomain of no partition; did you mean disk1?',
      '15: capacityDomains[1].quota: grants nothing; name what it may do, such as readOps',
    ]);
  });
});

describe('one of them', () => {
  const job = { name: 'j', cron: '0 0 * * *', requests: '5', duration: '1h' };
  const hint = { name: 'h', bucket: 'b', from: '2026-11-27T06:00Z', to: '2026-11-27T07:00Z', factor: 2 };
  const calendar = { name: 'c', days: '2026-12-25,2026-12-26', like: 'sunday' };

  it('may be given as texts, as a command line has them', () => {
    expect(readDeclared('jobs', { ...job, readBytes: '1 MiB', reads: '0.5' })).toEqual({
      value: {
        name: 'j',
        cron: '0 0 * * *',
        requests: 5,
        readBytes: 2 ** 20,
        reads: 0.5,
        durationSec: 3600,
        timeZone: 'UTC',
      },
    });
    expect(readDeclared('calendars', calendar)).toMatchObject({ value: { days: ['2026-12-25', '2026-12-26'] } });
  });

  const wrong: [DeclaredKind, object, string | RegExp][] = [
    ['jobs', { ...job, requests: 0 }, /^requests must be between 1 and/],
    ['jobs', { ...job, reads: 1.5 }, 'reads must be between 0 and 1, not 1.5'],
    ['jobs', { ...job, reads: -0.5 }, 'reads must be between 0 and 1, not -0.5'],
    ['jobs', { ...job, reads: 0, readBytes: 5 }, /^readBytes stand there, but reads is 0/],
    ['jobs', { ...job, duration: 3600 }, 'duration must be a time such as 30m or 6h, not 3600'],
    ['jobs', { ...job, duration: '0s' }, 'duration must be a second at least, not 0s'],
    ['jobs', { ...job, duration: undefined }, 'duration is required'],
    ['jobs', { ...job, cron: '0 0 30 2 *' }, /^cron never fires/],
    ['jobs', { ...job, name: '../x' }, /^name must be a short name/],
    ['jobs', { ...job, prefix: 'x/' }, 'prefix needs a bucket beside it'],
    ['hints', { ...hint, factor: 0 }, 'factor must be above 0 and at most 1000, not 0'],
    ['hints', { ...hint, factor: 1001 }, 'factor must be above 0 and at most 1000, not 1001'],
    ['hints', { ...hint, factor: 'NaN' }, 'factor must be a number, not NaN'],
    ['hints', { ...hint, to: '2026-11-27T05:00Z' }, 'to must lie behind from'],
    ['hints', { ...hint, bukcet: 'b' }, 'bukcet is unknown; did you mean bucket?'],
    ['calendars', { ...calendar, days: [] }, 'days must be a list of dates such as 2026-12-25'],
    ['calendars', { ...calendar, days: ['2020-01-01..2029-01-01'] }, /^days names 3289 days; at most 2000/],
    ['calendars', { ...calendar, like: 'Sun' }, /^like must be sunday or monday/],
    ['calendars', { ...calendar, like: undefined }, /^like or factor is required/],
  ];
  it.each(wrong)('%s %j is refused', (kind, raw, message) => {
    const read = readDeclared(kind, raw);
    if (!('mistakes' in read)) throw new Error(`taken: ${JSON.stringify(read.value)}`);
    const [first, ...more] = read.mistakes;
    expect(more).toEqual([]);
    expect(first).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });
});
