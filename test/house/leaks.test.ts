// Nothing of anybody's machine or of a package registry stands in a tracked file.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const bad: readonly (readonly [RegExp, string])[] = [
  [
    /registry\.[a-z]+js\.org|registry\.yarnpkg|proxy\.golang\.org|deb\.debian\.org|pypi\.org\/simple/,
    'a package-registry host',
  ],
  [/(^|[\s"'`(=])\/(work|home\/[a-z]+|root)\//, 'a path of one machine'],
];

function leaksIn(text: string): string[] {
  return bad.filter(([pattern]) => pattern.test(text)).map(([, what]) => what);
}

describe('tracked files', () => {
  it('name no registry host and no path of a machine', () => {
    const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const found = files
      .filter((file) => file !== 'test/house/leaks.test.ts')
      .flatMap((file) => leaksIn(safeRead(file)).map((what) => `${file}: ${what}`));
    expect(files.length).toBeGreaterThan(50);
    expect(found).toEqual([]);
  });

  it('would be caught if they did', () => {
    expect(leaksIn(`"resolved": "https://registry.${'npmjs'}.org/x"`)).toHaveLength(1);
    expect(leaksIn(`cd ${'/wo'}rk/main`)).toHaveLength(1);
  });
});

function safeRead(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
