// The house checks itself: every rule holds on the tree, and every rule fails on a tree that breaks it.
import { describe, expect, it } from 'vitest';
import { fixtures } from './fixtures.ts';
import { rules } from './rules.ts';
import { readTree, sourceFile } from './sources.ts';

const tree = readTree(process.cwd(), ['src', 'test', 'bench']).filter((file) => !file.path.startsWith('test/house/'));

describe.each(rules.map((rule) => [rule.name, rule] as const))('%s', (name, rule) => {
  it('holds', () => {
    const found = rule.check(tree).map((one) => `${one.path}:${one.line} ${one.what}`);
    expect(found, `${name}, because ${rule.because}`).toEqual([]);
  });

  it('bites', () => {
    const broken = fixtures[name];
    expect(broken, `rule "${name}" needs a fixture that breaks it`).toBeDefined();
    const files = Object.entries(broken!).map(([path, text]) => sourceFile(path, text));
    expect(rule.check(files).length).toBeGreaterThan(0);
  });
});

describe('fixtures', () => {
  it('belong to rules', () => {
    expect(Object.keys(fixtures).sort()).toEqual(rules.map((rule) => rule.name).sort());
  });
});
