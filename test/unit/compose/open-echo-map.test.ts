// Where echoes are written down, and that what is left in the catalog goes once they are in Redis.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { openLmdbCatalog } from '../../../src/catalog/adapters/lmdb-catalog.ts';
import { forgetEchoesInCatalog, openEchoMap } from '../../../src/compose/open-echo-map.ts';
import { CatalogEchoMap } from '../../../src/echo/adapters/catalog-echo-map.ts';
import { fleetId } from '../../../src/objects/fleet-id.ts';

function world() {
  const dir = mkdtempSync(join(tmpdir(), 'echogate-open-echo-map-'));
  const catalog = openLmdbCatalog({ path: join(dir, 'catalog') });
  onTestFinished(async () => {
    await catalog.close();
    rmSync(dir, { recursive: true });
  });
  const told: string[] = [];
  const note = (...args: unknown[]): void => void told.push(String(args.at(-1)));
  const log = { warn: note, info: note } as never;
  return { catalog, told, log };
}
const name = (at: number) => ({ block: at.toString(16).padStart(32, '0'), partition: 'p1' });

it('is the catalog without a Redis, and no read waits for a Redis that is not there', async () => {
  const { catalog, log, told } = world();
  const tools = { catalog, clock: systemClock, log };
  expect(await openEchoMap({ ...tools, config: { redisUrl: undefined } })).toBeInstanceOf(CatalogEchoMap);
  const map = await openEchoMap({ ...tools, config: { redisUrl: 'redis://127.0.0.1:1' } });
  onTestFinished(() => map.close());
  for (let at = 0; at < 50; at++)
    await expect(Promise.resolve(map.of(name(at).block))).rejects.toThrow('the echo map is away');
  expect(told).toEqual(['the echo map in Redis is away; reads go on from primaries']);
});

it('forgets what stands in the catalog', async () => {
  const { catalog } = world();
  const map = new CatalogEchoMap(catalog);
  for (let at = 0; at < 520; at++) {
    const echo = { ...name(at), state: 'descriptor', length: 1, sinceMs: 1, isPinned: false } as const;
    expect(await map.change(echo, undefined, echo)).toBe(true);
  }
  await forgetEchoesInCatalog(catalog);
  expect(await map.page(undefined, 10)).toEqual([]);
});

it('stands under one name for all processes of a catalog, and another for each catalog', async () => {
  const [one, other] = [world(), world()];
  const ids = await Promise.all([one, one, one, other].map(({ catalog }) => fleetId(catalog, systemRandom)));
  expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(ids.slice(0, 3)).size).toBe(1);
  expect(ids[3]).not.toBe(ids[0]);
});
