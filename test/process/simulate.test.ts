// `echogate simulate` as a user meets it: looks before it runs, says what is wrong and where, and says the same however many threads there are.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Simulation } from '../../src/sim/simulate.ts';

const command = resolve('bin/echogate.js');
let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'echogate-simulate-'));
  cpSync('test/sim/loads', join(dir, 'loads'), { recursive: true });
  writeFileSync(
    join(dir, 'small.yaml'),
    `loads:
  - { files: [loads/steady.csv], areas: 12 }
partitions: { count: 3 }
days: { warmUp: 0, scored: 1 }
forecast: { aheadMinutes: [5, 60] }
policies: [reactive, ours]
`,
  );
});
afterAll(() => rmSync(dir, { recursive: true }));

function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [command, 'simulate', ...args], { cwd: dir, timeout: 120_000 }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    );
  });
}

describe('before it runs', () => {
  it('--check says what would be run', async () => {
    const { code, out } = await run('small.yaml', '--check', '--seeds', '1..4');
    expect(code).toBe(0);
    expect(out).toContain('3 partitions in 3 capacity domains');
    expect(out).toContain('8 runs: reactive, ours with 4 seeds (1..4)');
    expect(readdirSync(dir)).not.toContain('.cache');
  });

  it('names every mistake, with its line', async () => {
    writeFileSync(join(dir, 'wrong.yaml'), 'loads:\n  - files: [loads/steady.csv]\nutilisatoin: 0.5\nreadShare: 2\n');
    const { code, err } = await run('wrong.yaml', '--check');
    expect(code).toBe(78);
    expect(err).toContain('wrong.yaml:3: utilisatoin: is unknown; did you mean utilisation?');
    expect(err).toContain('wrong.yaml:4: readShare: must be at most 1');
  });

  it('names what is wrong in the data', async () => {
    writeFileSync(join(dir, 'words.csv'), 'timestamp,value\n2024-01-01,1\nyesterday,2\n');
    writeFileSync(
      join(dir, 'data.yaml'),
      'loads: [{ files: [words.csv, nowhere.csv.gz] }]\nskew: { files: [words.csv] }\n',
    );
    const { code, err } = await run('data.yaml', '--check');
    expect(code).toBe(78);
    expect(err).toContain(
      'words.csv: loads[0].files[0]: words.csv, line 3: "yesterday" is neither ISO 8601 nor epoch seconds',
    );
    expect(err).toContain('nowhere.csv.gz: loads[0].files[1]: ENOENT');
    expect(err).toContain('skew.files[0]');
  });

  it.each([
    [['small.yaml', '--seeds', '3..1'], 2, '--seeds takes a range'],
    [['small.yaml', '--threads', '0'], 2, '--threads takes'],
    [['small.yaml', '--policies', 'our'], 78, 'there is no policy our; did you mean ours?'],
    [['absent.yaml'], 78, 'cannot be read'],
  ])('refuses %j', async (args, code, told) => {
    const said = await run(...args);
    expect(said).toMatchObject({ code });
    expect(said.err).toContain(told);
  });
});

describe('a run', () => {
  it('makes its forecasts once', async () => {
    expect((await run('forecasts', 'small.yaml')).out).toContain('1 of 1 series forecast');
    expect((await run('forecasts', 'small.yaml')).out).toContain('0 of 1 series forecast');
  });

  it('says the same in one thread and in two, and writes minutes and moves', async () => {
    const runs = await Promise.all(
      ['1', '2'].map((threads) =>
        run('small.yaml', '--seeds', '1..2', '--threads', threads, '--json', `${threads}.json`, '--out', threads),
      ),
    );
    expect(runs.map(({ code, err }) => ({ code, err: code === 0 ? '' : err }))).toEqual(
      Array(2).fill({ code: 0, err: '' }),
    );
    expect(runs[0]!.out).toContain('violating min');
    const [one, two] = ['1', '2'].map((threads) => {
      const said = JSON.parse(readFileSync(join(dir, `${threads}.json`), 'utf8')) as Simulation;
      return { ...said, results: said.results.map(({ wallMs: _, ...figures }) => figures) };
    });
    expect(one!.results).toEqual(two!.results);
    expect(one!.digest).toBe(two!.digest);
    expect(one!.results.map(({ policy, seed }) => `${policy} ${seed}`)).toEqual([
      'reactive 1',
      'ours 1',
      'reactive 2',
      'ours 2',
    ]);
    const files = readdirSync(join(dir, '1')).sort();
    expect(files).toHaveLength(8);
    for (const file of files) {
      expect(readFileSync(join(dir, '1', file), 'utf8')).toBe(readFileSync(join(dir, '2', file), 'utf8'));
    }
    const minutes = readFileSync(join(dir, '1', 'ours-1-minutes.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(minutes[0]).toBe('minute,partition,reads,writes,served_reads,capacity,q50,q90');
    expect(minutes.length).toBeGreaterThanOrEqual(1 + 3 * 1440);
  });
});
