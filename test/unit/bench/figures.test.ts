// The arithmetic behind published figures.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseOutside } from '../../../bench/arms/outside.ts';
import { median } from '../../../bench/contest.ts';
import { slopePerMinute } from '../../../bench/least-squares.ts';
import { sumProfiles } from '../../../bench/sum-profiles.ts';
import { judge } from '../../../bench/target.ts';

describe('a target', () => {
  const figures = new Map([
    ['echogate', 100],
    ['disk', 120],
    ['minio', 40],
  ]);
  const verdict = (anyOf: Parameters<typeof judge>[0]['anyOf']) =>
    judge({ anyOf }, 'load', 'echogate', (arm) => figures.get(arm));

  it('is reached, missed, or not measured', () => {
    expect(verdict([{ against: 'minio', factor: 2.5 }])).toEqual({
      what: 'load: ≥ 2.5 × minio',
      measured: '2.50 × minio',
      reached: true,
    });
    expect(verdict([{ against: 'minio', factor: 2.6 }]).reached).toBe(false);
    expect(verdict([{ against: 'nginx', factor: 1 }]).reached).toBeUndefined();
    expect(verdict([{ against: 'minio', factor: 2.5, atMost: true }]).reached).toBe(true);
    expect(verdict([{ against: 'minio', factor: 2.4, atMost: true }]).reached).toBe(false);
  });

  it('with two ways is reached by either, and missed only when both were measured', () => {
    const disk = { against: 'disk', factor: 0.8 };
    expect(verdict([{ against: 'nginx', factor: 1 }, disk]).reached).toBe(true);
    expect(
      verdict([
        { against: 'nginx', factor: 1 },
        { ...disk, factor: 0.9 },
      ]).reached,
    ).toBeUndefined();
    expect(
      verdict([
        { against: 'minio', factor: 3 },
        { ...disk, factor: 0.9 },
      ]).reached,
    ).toBe(false);
  });
});

describe('figures', () => {
  it('median and slope', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
    expect(slopePerMinute([0, 1, 2, 3].map((minute) => [minute, 100 - 2 * minute]))).toBeCloseTo(-2);
    expect(slopePerMinute([[1, 5]])).toBe(0);
  });

  it('only servers of this machine are loaded', () => {
    expect(parseOutside('minio=http://127.0.0.1:9100,KEY,a,secret')).toEqual({
      ...{ name: 'minio', origin: 'http://127.0.0.1:9100', accessKey: 'KEY', secretKey: 'a,secret' },
    });
    expect(parseOutside('far=http://192.0.2.1:9000,KEY,secret')).toContain('this machine only');
    expect(parseOutside('minio')).toContain('--against wants');
  });
});

describe('profiles', () => {
  const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
    ...{ id, callFrame: { functionName, url, lineNumber: 4 }, children },
  });
  const nodes = [
    node(1, '(root)', '', [2, 5, 6]),
    node(2, 'serve', 'file:///x/dist/gateway/serve.js', [3, 4]),
    node(3, 'serve', 'file:///x/dist/gateway/serve.js'),
    node(4, 'read', ''),
    node(5, '(idle)', ''),
    node(6, 'dispatch', ''),
  ];

  it('count recursion once, leave idling and the profiler out, and say who called what is native', () => {
    const samples = [2, 3, 4, 5, 6];
    const summed = sumProfiles([{ nodes, samples, timeDeltas: [10, 20, 40, 80, 160] }]);
    expect([summed.busyMicros, summed.idleMicros]).toEqual([70, 80]);
    const serve = 'serve  dist/gateway/serve.js:5';
    expect(summed.functions.slice(0, 2)).toEqual([
      { name: `read ← ${serve}`, selfMicros: 40, totalMicros: 40 },
      { name: serve, selfMicros: 30, totalMicros: 70 },
    ]);
    expect(summed.files.find(({ name }) => name === 'dist/gateway/serve.js')).toMatchObject({ totalMicros: 70 });
  });

  it('name the source of what the build put together', () => {
    const root = mkdtempSync(join(tmpdir(), 'echogate-profiles-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    mkdirSync(join(root, 'dist'));
    const lines = ['import x', '// src/base/a.ts', 'const a', '// node_modules/pack/b.js', '', 'const b'];
    writeFileSync(join(root, 'dist/both.js'), lines.join('\n'));
    const at = (id: number, lineNumber: number) => ({
      ...{ id, callFrame: { functionName: 'f', url: `file://${root}/dist/both.js`, lineNumber } },
    });
    const top = node(1, '(root)', '', [2, 3, 4]);
    const profile = { nodes: [top, at(2, 2), at(3, 5), at(4, 0)], samples: [2, 3, 4], timeDeltas: [4, 2, 1] };
    expect(sumProfiles([profile]).functions.slice(0, 3)).toMatchObject([
      { name: 'f  src/base/a.ts:1' },
      { name: 'f  pack/b.js:2' },
      { name: 'f  dist/both.js:1' },
    ]);
  });
});
