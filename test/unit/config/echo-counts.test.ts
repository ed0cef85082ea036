// Rules of how many echoes there are, in the file: taken as meant, or refused with the place and what would be right.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConfigError, loadConfig, showConfig, shownConfig } from '../../../src/config/config.ts';
import { mistakeLine } from '../../../src/config/mistakes.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'echogate-counts-'));
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
    if (error instanceof ConfigError) return error.mistakes.map(mistakeLine);
    throw error;
  }
  return [];
};

it('are taken as they are meant, and none is needed', () => {
  expect(load('region: eu-central-1\n').config).toMatchObject({ echoCount: 2, echoCounts: [], echoMode: 'block' });
  const { config, origins } = load(`echo:
  mode: metadata
  count: 1
  counts:
    - { bucket: shop, prefix: images/, count: 4 }
    - { bucket: shop, count: 0 }
`);
  expect(config).toMatchObject({ echoCount: 1, echoMode: 'metadata' });
  expect(config.echoCounts).toEqual([
    { bucket: 'shop', prefix: 'images/', count: 4 },
    { bucket: 'shop', count: 0 },
  ]);
  expect(shownConfig(showConfig(config, origins))).toMatch(
    /\necho\.counts: +# c\.yaml:4\n {2}- \{"bucket":"shop","prefix":"images\/","count":4\}\n/,
  );
});

it('are refused with what would be right, and the rest of the file is still read', () => {
  expect(
    mistakesOf(`listen: 127.0.0.1:7000
admin: 127.0.0.1:7000
echo:
  mode: bytes
  counts:
    - { bucket: shop, count: 5 }
    - { bukcet: shop, count: 1 }
    - { bucket: shop, prefix: "", count: many }
    - { bucket: shop, count: 1 }
`),
  ).toEqual([
    'c.yaml:2: admin: port 7000 is used by both listen and admin; choose two',
    'c.yaml:4: echo.mode: must be block or metadata, not bytes',
    'c.yaml:6: echo.counts[0].count: must be between 0 and 4, not 5',
    'c.yaml:7: echo.counts[1].bucket: is required',
    'c.yaml:7: echo.counts[1].bukcet: is unknown; did you mean bucket?',
    'c.yaml:8: echo.counts[2].prefix: must be the beginning of keys, not ""',
    'c.yaml:8: echo.counts[2].count: must be a whole number, not many',
    'c.yaml:8: echo.counts[2]: is for the same keys as echo.counts[0]: shop/',
    'c.yaml:9: echo.counts[3]: is for the same keys as echo.counts[0]: shop/',
  ]);
  expect(mistakesOf('echo: { counts: 2 }\n')).toEqual([
    'c.yaml:1: echo.counts: must be a list of rules such as { bucket: shop, prefix: images/, count: 4 }',
  ]);
});
