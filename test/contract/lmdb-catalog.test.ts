// LMDB under the Catalog contract, and what is its own: it never outlives a failed flush, and the dead hold nothing back.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MiB } from '../../src/base/units.ts';
import { type LmdbCatalog, openLmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import { catalogContract } from './catalog.contract.ts';
import { CatalogChild } from './catalog-child.ts';
import type { CatalogPlace } from './catalog-place.ts';
import { type Compiled, compiled } from './compiled.ts';

/** While others commit; ECHOGATE_CONTRACT_OPENS says another number. */
const opens = Number(process.env.ECHOGATE_CONTRACT_OPENS ?? 400);

const host = {
  // A dot in the name: lmdb would otherwise take the path for a file.
  make: (): CatalogPlace => ({ adapter: 'lmdb', path: mkdtempSync(join(tmpdir(), 'echogate-catalog.v1-')) }),
  remove: ({ path }: CatalogPlace): void => rmSync(path, { recursive: true, force: true }),
};

catalogContract('LMDB', host);

describe('LmdbCatalog', () => {
  let place: CatalogPlace;
  let catalog: LmdbCatalog;
  let jobs: Compiled;

  beforeAll(async () => {
    jobs = await compiled('test/contract/catalog-jobs.ts');
  });
  afterAll(() => jobs.remove());
  beforeEach(() => {
    place = host.make();
    catalog = openLmdbCatalog({ path: place.path });
  });
  afterEach(async () => {
    await catalog.close();
    host.remove(place);
  });

  it('ends the process when a commit cannot be made durable, and keeps what it acknowledged', async () => {
    const rowBytes = 64 * 1024;
    const job = { kind: 'fill', prefix: 'fill', rowBytes } as const;
    const child = new CatalogChild(jobs.file, place, job, { fileBytesMax: 2 * MiB, quiet: true });
    expect(await child.exitCode()).toBe(1);
    expect(child.acknowledged()).toBeGreaterThan(5);
    const rows = catalog.range(Buffer.from('fill'), Buffer.from('fill~'), { limit: 1000 });
    expect(rows.length).toBeGreaterThanOrEqual(child.acknowledged());
    rows.forEach((row, at) => {
      expect(row.value.equals(Buffer.alloc(rowBytes, at + 1))).toBe(true);
    });
    expect(await catalog.commit({ checks: [], writes: [[Buffer.from('after'), Buffer.from('x')]] })).toBe('done');
  });

  it('keeps spare pages in its file, so that commits need no disk for a while', async () => {
    await catalog.keepSpare(4 * MiB);
    const { fileBytes, liveBytes, rows } = catalog.stat();
    expect(fileBytes).toBeGreaterThan(4 * MiB);
    expect(liveBytes).toBeLessThan(MiB);
    expect(rows).toBe(0);
    await catalog.keepSpare(4 * MiB); // there are enough
    for (let at = 0; at < 20; at++) {
      await catalog.commit({ checks: [], writes: [[Buffer.from(`row ${at}`), Buffer.alloc(100_000, at)]] });
    }
    // What was freed last can be used from the next commit but one on.
    expect(catalog.stat().fileBytes).toBeLessThan(fileBytes + 200_000);
  });

  it(`loses nothing acknowledged while processes open it ${opens} times`, async () => {
    const openers = 2;
    const writers = ['one', 'two'].map((prefix) => {
      const job = { kind: 'fill', prefix, rowBytes: 100 } as const;
      return { prefix, child: new CatalogChild(jobs.file, place, job, { keeper: catalog }) };
    });
    await Promise.all(writers.map(({ child }) => child.next('acknowledged')));
    const job = { kind: 'open', times: opens / openers } as const;
    const coming = Array.from(
      { length: openers },
      () => new CatalogChild(jobs.file, place, job, { keeper: catalog, quiet: true }),
    );
    await Promise.all(coming.map((child) => child.next('done')));
    for (const { prefix, child } of writers) {
      await child.kill();
      const rows = catalog.range(Buffer.from(prefix), Buffer.from(`${prefix}~`), { limit: Number.MAX_SAFE_INTEGER });
      const there = new Set(rows.map(({ key }) => key.toString()));
      const lost = Array.from({ length: child.acknowledged() }, (_, at) => at + 1).filter(
        (generation) => !there.has(`${prefix}${String(generation).padStart(4, '0')}`),
      );
      expect(lost).toEqual([]);
      expect(child.acknowledged()).toBeGreaterThan(10);
    }
  }, 600_000);

  it('lets go of the write lock when whoever kept others from committing is killed', async () => {
    const keeper = new CatalogChild(jobs.file, place, { kind: 'keep' }, { keeper: catalog });
    await keeper.next('ready');
    const committed = catalog.commit({ checks: [], writes: [[Buffer.from('waits'), Buffer.from('x')]] });
    expect(await Promise.race([committed, sleep(300, 'waits')])).toBe('waits');
    await keeper.kill();
    expect(await committed).toBe('done');
  });

  it('reaps the read slots of killed processes and has room for many', async () => {
    const children = Array.from({ length: 3 }, () => new CatalogChild(jobs.file, place, { kind: 'read' }));
    await Promise.all(children.map((child) => child.next('ready')));
    expect(catalog.reapReaders()).toBe(0);
    for (const child of children) await child.kill();
    expect(catalog.reapReaders()).toBe(3);
    expect(statSync(join(place.path, 'lock.mdb')).size).toBeGreaterThan(2000 * 64);
  });

  it('refuses a file that is not its own with a fault, where the engine would crash', async () => {
    await catalog.close();
    const contents = [Buffer.from('x'), Buffer.alloc(100_000), Buffer.alloc(100_000, 'text')];
    for (const content of contents) {
      writeFileSync(join(place.path, 'data.mdb'), content);
      expect(() => openLmdbCatalog({ path: place.path })).toThrow('is not a catalog, or damaged');
    }
    expect(() => openLmdbCatalog({ path: join(place.path, 'data.mdb') })).toThrow('cannot be opened');
    writeFileSync(join(place.path, 'data.mdb'), '');
    catalog = openLmdbCatalog({ path: join(place.path, 'made/on/the/way') });
    expect(catalog.stat().rows).toBe(0);
  });

  it('says what its rows cost', async () => {
    const before = catalog.stat();
    const writes = Array.from({ length: 500 }, (_, row) => [Buffer.from(`row${row}`), Buffer.alloc(1000)] as const);
    await catalog.commit({ checks: [], writes });
    const after = catalog.stat();
    expect(after.rows - before.rows).toBe(500);
    expect(after.liveBytes - before.liveBytes).toBeGreaterThan(500 * 1000);
    expect(after.fileBytes).toBeGreaterThanOrEqual(after.liveBytes);
    await catalog.commit({ checks: [], writes: writes.map(([key]) => [key, undefined]) });
    expect(catalog.stat().liveBytes).toBeLessThanOrEqual(before.liveBytes + 4096);
  });
});
