// What echoes may take: a share of what is stored, however many make them at once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { GiB, KiB, MiB } from '../../../src/base/units.ts';
import { openLmdbCatalog } from '../../../src/catalog/adapters/lmdb-catalog.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { encodeUsage } from '../../../src/catalog/records/delta.ts';
import { budgetOf, EchoBudget } from '../../../src/echo/acts/echo-budget.ts';
import { CatalogEchoMap } from '../../../src/echo/adapters/catalog-echo-map.ts';
import { packedBytes } from '../../../src/objects/packed-bytes.ts';

const share = 0.02;
const stored = 2 * GiB;
const length = 64 * KiB;

async function world() {
  const dir = mkdtempSync(join(tmpdir(), 'echogate-echo-budget-'));
  const catalog = openLmdbCatalog({ path: join(dir, 'catalog') });
  onTestFinished(async () => {
    await catalog.close();
    rmSync(dir, { recursive: true });
  });
  const usage = encodeUsage({ bytes: stored, objects: 1 });
  await catalog.commit({ checks: [], writes: [[keys.usage('partition', 'p1'), usage]] });
  const map = new CatalogEchoMap(catalog);
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs };
  const budget = (part: number) => new EchoBudget({ share, part }, map, catalog, clock);
  let made = 0;
  const make = async (): Promise<void> => {
    made += 1;
    const block = made.toString(16).padStart(32, '0');
    const place = { pack: block, offset: 0 };
    const echo = { block, partition: 'p2', state: 'ready', length, sinceMs: 0, isPinned: false, place } as const;
    await map.change(echo, undefined, echo);
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { budget, make, made: () => made, pass };
}

it('is not passed by several who make echoes at once, and is used up nearly whole in a few looks', async () => {
  const { budget, make, made, pass } = await world();
  const all = [budget(0.45), budget(0.45)];
  const bytes = packedBytes(length);
  const budgetBytes = budgetOf(stored, share);
  for (let look = 0; look < 6; look++) {
    pass(6_000);
    for (const each of all) each.take(0); // looks
    await sleep(20);
    const wants = all.map((each) => {
      let count = 0;
      while (each.take(bytes)) count += 1;
      return count;
    });
    for (let at = 0; at < wants.reduce((sum, each) => sum + each, 0); at++) await make();
    expect(made() * bytes).toBeLessThanOrEqual(budgetBytes);
  }
  expect(made() * bytes).toBeGreaterThan(0.95 * budgetBytes);
});

it('keeps its last fifth for first echoes', async () => {
  const { budget, pass } = await world();
  const own = budget(1);
  pass(6_000);
  own.take(0); // looks
  await sleep(20);
  const bytes = packedBytes(length);
  const count = (isFirst: boolean): number => {
    let taken = 0;
    while (own.take(bytes, isFirst)) taken += 1;
    return taken;
  };
  const further = count(false);
  expect((further * bytes) / budgetOf(stored, share)).toBeCloseTo(0.8, 2);
  expect(((further + count(true)) * bytes) / budgetOf(stored, share)).toBeCloseTo(1, 2);
});

it('lets a small server have a few', () => {
  expect(budgetOf(0, share)).toBe(4 * MiB);
  expect(budgetOf(stored, share)).toBeCloseTo((share * stored) / (1 + share), 0);
});
