// What the forecaster is told is declared: rows and configuration together, with the areas of today.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { type LmdbCatalog, openLmdbCatalog } from '../../../src/catalog/adapters/lmdb-catalog.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { encodeArea } from '../../../src/catalog/records/area.ts';
import { encodeBucket } from '../../../src/catalog/records/bucket.ts';
import { type DeclaredRow, encodeDeclared } from '../../../src/catalog/records/declared.ts';
import { encodeDemandBin } from '../../../src/catalog/records/demand-bin.ts';
import type { FleetForecast, FleetLayout, Forecaster } from '../../../src/forecast/forecast.ts';
import { privateAcl } from '../../../src/model/acl.ts';
import { type DeclaredJob, noMetadata } from '../../../src/model/metadata.ts';
import { ForecastKeeper } from '../../../src/pilot/forecast-keeper.ts';
import { areaRanges, readFleetDeclared, readMetadata } from '../../../src/pilot/read-declared.ts';

let dir: string;
let catalog: LmdbCatalog;
const photos = '11'.repeat(16);
const logs = '22'.repeat(16);
const startSec = Date.parse('2026-03-02T00:00Z') / 1000;

const job = (name: string, requests: number): DeclaredJob => ({
  name,
  cron: '0 * * * *',
  timeZone: 'UTC',
  bucket: 'photos',
  requests,
  durationSec: 600,
});

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'echogate-declared-'));
  catalog = openLmdbCatalog({ path: join(dir, 'catalog') });
  const bucket = (id: string, name: string) =>
    [
      keys.bucket(name),
      encodeBucket({
        id,
        name,
        createdMs: 1,
        state: 'active',
        acl: privateAcl('ab'.repeat(32)),
        versioning: 'unversioned',
        tags: [],
        region: 'us-east-1',
      }),
    ] as const;
  const area = (of: string, from: string, id: string) => [keys.area(of, from), encodeArea({ id, homes: [] })] as const;
  const row = (each: DeclaredRow) => [keys.declared(each.kind, each.value.name), encodeDeclared(each)] as const;
  await catalog.commit({
    checks: [],
    writes: [
      bucket(photos, 'photos'),
      bucket(logs, 'logs'),
      area(photos, '', 'a1'),
      area(photos, 'm', 'a2'),
      area(logs, '', 'b1'),
      area('33'.repeat(16), '', 'removed'),
      row({ kind: 'jobs', value: job('rows', 6000) }),
      row({ kind: 'jobs', value: job('both', 1) }),
      row({
        kind: 'hints',
        value: { name: 'hot', bucket: 'logs', fromSec: startSec, toSec: startSec + 9000, factor: 3 },
      }),
    ],
  });
});
afterEach(async () => {
  await catalog.close();
  rmSync(dir, { recursive: true });
});

it('ranges of areas end where the next begins, within their bucket', async () => {
  expect((await areaRanges(catalog)).map(({ area, bucket, from, to }) => [area, bucket, from, to])).toEqual([
    ['a1', 'photos', '', 'm'],
    ['a2', 'photos', 'm', undefined],
    ['b1', 'logs', '', undefined],
  ]);
});

it('a name that stands in the configuration means what stands there', async () => {
  const configured = { ...noMetadata, jobs: [job('both', 7)] };
  const { jobs, hints } = await readMetadata(catalog, configured);
  expect(jobs.map(({ name, requests }) => [name, requests])).toEqual([
    ['both', 7],
    ['rows', 6000],
  ]);
  expect(hints.map(({ name }) => name)).toEqual(['hot']);
});

it('is undefined when nothing is declared, so that nobody walks the areas for it', async () => {
  await catalog.commit({
    checks: [],
    writes: [
      [keys.declared('jobs', 'rows'), undefined],
      [keys.declared('jobs', 'both'), undefined],
      [keys.declared('hints', 'hot'), undefined],
    ],
  });
  expect(await readFleetDeclared(catalog, noMetadata, { fromSec: 0, toSec: startSec })).toBeUndefined();
});

it('reaches the forecaster with each bin: past runs to begin with, those of the horizon to go on', async () => {
  const layouts: FleetLayout[] = [];
  const forecaster: Forecaster = {
    begin: async (_, __, layout) => void layouts.push(layout),
    push: async (bin, layout) => {
      layouts.push(layout);
      return { originSec: bin.startSec, stepSec: 300 } as FleetForecast;
    },
    close: async () => {},
  };
  const of = (at: number) => startSec + at * 300;
  const bins = Array.from({ length: 13 }, (_, at) => ({ startSec: of(at), seconds: 300, demand: [], served: [] }));
  await catalog.commit({
    checks: [],
    writes: bins.map((bin) => [keys.demandBin(300, bin.startSec), encodeDemandBin(bin)] as const),
  });
  const nowSec = of(13) + 10;
  const keeper = new ForecastKeeper({
    catalog,
    forecaster,
    clock: { wallMs: () => nowSec * 1000 } as Clock,
    settleSec: 2,
    horizons: [1, 12],
    treesMax: 0,
    partitions: () => [],
    quotas: () => new Map(),
    declared: { ...noMetadata, jobs: [job('filed', 60)] },
  });
  await keeper.tick();
  const startsOf = (layout: FleetLayout) => layout.declared?.jobs.find(({ name }) => name === 'rows')?.starts;
  // Begun with bins 0 … 11, then bin 12 (01:00) is pushed: its run goes on, and that of 02:00 is to come.
  expect(layouts.map(startsOf)).toEqual([
    [of(0), of(12), of(24)],
    [of(12), of(24)],
  ]);
  expect(layouts[1]!.declared!.jobs.map(({ name }) => name)).toEqual(['filed', 'both', 'rows']);
  expect([...layouts[1]!.declared!.hints[0]!.parts]).toEqual([['b1', 1]]);
});
