// The contract of port Catalog, run on every adapter: what stories and processes may rely on.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import type { Change, Row } from '../../src/catalog/catalog.ts';
import { keyBytesMax } from '../../src/catalog/limits.ts';
import { CatalogChild } from './catalog-child.ts';
import type { Job } from './catalog-jobs.ts';
import { type CatalogPlace, openAt } from './catalog-place.ts';
import { type Compiled, compiled } from './compiled.ts';

export interface CatalogHost {
  /** An empty place for one test. */
  make(): CatalogPlace;
  remove(place: CatalogPlace): void;
}

const bytes = (text: string): Buffer => Buffer.from(text);
const texts = (rows: readonly Row[]): string[] => rows.map((row) => row.key.toString());
/** Increments of each of two processes; ECHOGATE_CONTRACT_INCREMENTS says another number. */
const increments = Number(process.env.ECHOGATE_CONTRACT_INCREMENTS ?? 10_000);

export function catalogContract(name: string, host: CatalogHost): void {
  describe(`${name} as a Catalog`, () => {
    let place: CatalogPlace;
    let catalog: LmdbCatalog;
    let jobs: Compiled;
    const children: CatalogChild[] = [];

    const start = (job: Job): CatalogChild => {
      const child = new CatalogChild(jobs.file, place, job, { keeper: catalog });
      children.push(child);
      return child;
    };
    const put = (key: string, value: string): Promise<'done' | 'conflict'> =>
      catalog.commit({ checks: [], writes: [[bytes(key), bytes(value)]] });
    const remove = (key: string): Promise<'done' | 'conflict'> =>
      catalog.commit({ checks: [], writes: [[bytes(key), undefined]] });
    const textAt = async (key: string): Promise<string | undefined> =>
      (await catalog.get(bytes(key)))?.value.toString();
    const versionOf = async (key: string): Promise<number> => (await catalog.get(bytes(key)))!.version;
    const all = async (): Promise<Row[]> =>
      await catalog.range(Buffer.alloc(0), Buffer.of(0xff), { limit: Number.MAX_SAFE_INTEGER });

    beforeAll(async () => {
      jobs = await compiled('test/contract/catalog-jobs.ts');
    });
    afterAll(() => jobs.remove());
    beforeEach(() => {
      place = host.make();
      catalog = openAt(place);
    });
    afterEach(async () => {
      for (const child of children.splice(0)) await child.kill();
      await catalog.close();
      host.remove(place);
    });

    describe('between processes', () => {
      it(`lets two processes increment one counter ${increments} times each`, async () => {
        const job: Job = { kind: 'increment', key: 'counter', times: increments, width: 4 };
        await Promise.all([start(job).next('done'), start(job).next('done')]);
        expect(await textAt('counter')).toBe(String(2 * increments));
      }, 300_000);

      it('holds no lock while code of ours runs', async () => {
        const writes = Array.from({ length: 1000 }, (_, row) => [bytes(`row${row}`), bytes('x')] as const);
        const committed = catalog.commit({ checks: [], writes });
        const job: Job = { kind: 'increment', key: 'counter', times: 1, width: 1 };
        // Our turn of the event loop goes on until another process has committed.
        execFileSync(process.execPath, [jobs.file, JSON.stringify(place), JSON.stringify(job)], { timeout: 10_000 });
        expect(await committed).toBe('done');
        expect(await textAt('counter')).toBe('1');
      });

      it('shows a commit to another process as soon as it is acknowledged', async () => {
        const reader = start({ kind: 'read' });
        await reader.next('ready');
        for (let round = 1; round <= 300; round++) {
          await put('fresh', String(round));
          expect(await reader.read('fresh')).toBe(String(round));
        }
      });

      it('loses nothing acknowledged, nor the lock, when a writer is killed', async () => {
        const survivor = start({ kind: 'generations', prefix: 'survivor', rows: 3 });
        for (let round = 0; round < 3; round++) {
          const prefix = `victim${round}-`;
          const victim = start({ kind: 'generations', prefix, rows: 3 });
          await victim.next('acknowledged', 0, (report) => report.generation >= 50 + 17 * round);
          await victim.kill();
          expect(Number(await textAt(`${prefix}0000`))).toBeGreaterThanOrEqual(victim.acknowledged());
          await survivor.next('acknowledged', survivor.reports.length);
          expect(await put('alive', String(round))).toBe('done');
        }
        await survivor.kill();
        expect(Number(await textAt('survivor0000'))).toBeGreaterThanOrEqual(survivor.acknowledged());
      });

      it('commits 1,000 rows or none of them when the writer is killed', async () => {
        for (let round = 0; round < 4; round++) {
          const prefix = `whole${round}-`;
          const writer = start({ kind: 'generations', prefix, rows: 1000 });
          await writer.next('acknowledged', 0, (report) => report.generation >= 2 + round);
          await writer.kill();
          const rows = await catalog.range(bytes(prefix), bytes(`${prefix}~`), { limit: 2000 });
          expect(rows.length).toBe(1000);
          const generations = new Set(rows.map((row) => row.value.toString()));
          expect(generations.size).toBe(1);
          expect(Number([...generations][0])).toBeGreaterThanOrEqual(writer.acknowledged());
        }
      });
    });

    describe('commits', () => {
      beforeEach(async () => {
        await put('here', '1');
      });

      const refused = (checks: () => Promise<Change['checks']>) => async () => {
        const judged = await checks();
        const before = await all();
        const writes: Change['writes'] = [
          [bytes('new'), bytes('x')],
          [bytes('here'), undefined],
          [bytes('missing'), bytes('x')],
        ];
        expect(await catalog.commit({ checks: judged, writes })).toBe('conflict');
        expect(await all()).toEqual(before);
      };

      it(
        'write nothing when a row has another version',
        refused(async () => [[bytes('here'), (await versionOf('here')) + 1]]),
      );
      it(
        'write nothing when a row should be absent',
        refused(async () => [[bytes('here'), 'absent']]),
      );
      it(
        'write nothing when a row is absent',
        refused(async () => [[bytes('missing'), await versionOf('here')]]),
      );
      it(
        'write nothing when only the last of many checks fails',
        refused(async () => [
          [bytes('here'), await versionOf('here')],
          [bytes('missing'), 'absent'],
          [bytes('also missing'), 'absent'],
          [bytes('here'), 'absent'],
        ]),
      );
      it(
        'write nothing when only the first of many checks fails',
        refused(async () => [
          [bytes('missing'), 1],
          [bytes('here'), await versionOf('here')],
          [bytes('also missing'), 'absent'],
        ]),
      );
      it(
        'write nothing when a row was deleted and made again with the same bytes',
        refused(async () => {
          const version = await versionOf('here');
          await remove('here');
          await put('here', '1');
          return [[bytes('here'), version]];
        }),
      );
      it(
        'write nothing when a row was made again after the catalog was opened anew',
        refused(async () => {
          const version = await versionOf('here');
          await remove('here');
          await catalog.close();
          catalog = openAt(place);
          await put('here', '1');
          return [[bytes('here'), version]];
        }),
      );

      it('write all when every check holds, the checked row among them', async () => {
        const version = await versionOf('here');
        const outcome = await catalog.commit({
          checks: [
            [bytes('here'), version],
            [bytes('missing'), 'absent'],
          ],
          writes: [
            [bytes('here'), bytes('2')],
            [bytes('missing'), bytes('')],
            [bytes('never there'), undefined],
          ],
        });
        expect(outcome).toBe('done');
        expect(await textAt('here')).toBe('2');
        expect(await versionOf('here')).not.toBe(version);
        expect(await textAt('missing')).toBe('');
        expect(texts(await all())).toEqual(['here', 'missing']);
      });

      it('may consist of checks alone, or of nothing', async () => {
        const version = await versionOf('here');
        expect(await catalog.commit({ checks: [[bytes('here'), version]], writes: [] })).toBe('done');
        expect(await catalog.commit({ checks: [[bytes('here'), 'absent']], writes: [] })).toBe('conflict');
        expect(await catalog.commit({ checks: [[bytes('missing'), 'absent']], writes: [] })).toBe('done');
        expect(await catalog.commit({ checks: [[bytes('missing'), version]], writes: [] })).toBe('conflict');
        expect(await catalog.commit({ checks: [], writes: [] })).toBe('done');
      });

      it('let the last of two writes of one row win', async () => {
        await catalog.commit({
          checks: [],
          writes: [
            [bytes('twice'), bytes('1')],
            [bytes('twice'), bytes('2')],
            [bytes('here'), undefined],
            [bytes('here'), bytes('again')],
            [bytes('gone'), bytes('x')],
            [bytes('gone'), undefined],
          ],
        });
        expect(texts(await all())).toEqual(['here', 'twice']);
        expect(await textAt('twice')).toBe('2');
        expect(await textAt('here')).toBe('again');
      });

      it('have one winner among racers, started in one turn or in many', async () => {
        const race = async (key: string, racer: number, turns: number): Promise<'done' | 'conflict'> => {
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
          return catalog.commit({ checks: [[bytes(key), 'absent']], writes: [[bytes(key), bytes(String(racer))]] });
        };
        for (const spread of [0, 1]) {
          const key = `race${spread}`;
          const outcomes = await Promise.all(
            Array.from({ length: 32 }, (_, racer) => race(key, racer, racer * spread)),
          );
          expect(outcomes.filter((outcome) => outcome === 'done').length).toBe(1);
          expect(await textAt(key)).toBe(String(outcomes.indexOf('done')));
        }
      });

      it('of one turn are judged one by one', async () => {
        const version = await versionOf('here');
        const outcomes = await Promise.all([
          catalog.commit({ checks: [[bytes('here'), version]], writes: [[bytes('here'), bytes('2')]] }),
          catalog.commit({ checks: [[bytes('here'), version]], writes: [[bytes('a'), bytes('no')]] }),
          catalog.commit({ checks: [], writes: [[bytes('b'), bytes('yes')]] }),
          catalog.commit({ checks: [[bytes('b'), 'absent']], writes: [[bytes('c'), bytes('no')]] }),
        ]);
        expect(outcomes).toEqual(['done', 'conflict', 'done', 'conflict']);
        expect(texts(await all())).toEqual(['b', 'here']);
      });

      it('take 1,000 rows and refuse more, and refuse what the engine cannot hold, whole', async () => {
        const writes = (count: number): Change['writes'] =>
          Array.from({ length: count }, (_, row) => [bytes(`row${row}`), bytes('x')]);
        const reject = (change: Change): Promise<unknown> => catalog.commit(change).catch((error: Error) => error.name);
        const before = await all();
        expect(await reject({ checks: [], writes: writes(1001) })).toBe('RangeError');
        const longest = Buffer.alloc(keyBytesMax, 'k');
        const good = writes(1);
        expect(await reject({ checks: [], writes: [...good, [Buffer.concat([longest, longest]), bytes('')]] })).toBe(
          'RangeError',
        );
        expect(await reject({ checks: [], writes: [...good, [Buffer.alloc(0), bytes('')]] })).toBe('RangeError');
        expect(await reject({ checks: [[Buffer.alloc(0), 1]], writes: good })).toBe('RangeError');
        expect(await reject({ checks: [[bytes('here'), Number.NaN]], writes: good })).toBe('TypeError');
        expect(await all()).toEqual(before);
        const absent = writes(1000).map(([key]) => [key, 'absent'] as const);
        expect(await catalog.commit({ checks: absent, writes: writes(1000) })).toBe('done');
        expect(await catalog.commit({ checks: absent, writes: [[bytes('no'), bytes('x')]] })).toBe('conflict');
        expect(await textAt('no')).toBe(undefined);
        expect(await catalog.commit({ checks: [], writes: [[longest, bytes('long')]] })).toBe('done');
        expect((await catalog.get(longest))?.value.toString()).toBe('long');
      });

      it('survive close and open, those not awaited included', async () => {
        const outcome = put('late', 'kept');
        await catalog.close();
        expect(await outcome).toBe('done');
        catalog = openAt(place);
        expect(await textAt('late')).toBe('kept');
        await catalog.close();
        await expect((async () => catalog.get(bytes('late')))()).rejects.toThrow('closed');
        await expect(put('late', 'no')).rejects.toThrow('closed');
        catalog = openAt(place);
      });
    });

    describe('rows', () => {
      it('belong to the caller, whatever their size', async () => {
        const sizes = [0, 1, 100, 2000, 4000, 5000, 8200, 33_000, 70_000, 1_000_000];
        await catalog.commit({
          checks: [],
          writes: sizes.map((size) => [bytes(`size${size}`), Buffer.alloc(size, 7)]),
        });
        const found = await Promise.all(sizes.map(async (size) => (await catalog.get(bytes(`size${size}`)))!));
        const ranged = await catalog.range(bytes('size'), bytes('size~'), { limit: 99 });
        for (const { key, value } of [...found, ...ranged]) {
          expect(Buffer.isBuffer(key) && Buffer.isBuffer(value)).toBe(true);
          expect(value.equals(Buffer.alloc(Number(key.toString().slice(4)), 7))).toBe(true);
          key.fill(0xff);
          value.fill(0xff);
        }
        for (const size of sizes) {
          expect((await catalog.get(bytes(`size${size}`)))!.value.equals(Buffer.alloc(size, 7))).toBe(true);
        }
      });

      it('have one version per commit, new each time', async () => {
        const seen = new Set<number>();
        for (let round = 0; round < 10; round++) {
          await put('row', 'same');
          seen.add(await versionOf('row'));
          await remove('row');
        }
        expect(seen.size).toBe(10);
        for (const version of seen) expect(Number.isSafeInteger(version) && version > 0).toBe(true);
      });

      it('have keys of 1,024 bytes in the order of their bytes', async () => {
        const letters = ['\x01', ' ', '/', '0', 'z', '\x7f', 'é', '\ud7ff', '\ue000', '\uffff', '😀'];
        const longest = letters.map((letter) => {
          const whole = letter.repeat(Math.floor(1024 / bytes(letter).length));
          return whole.padEnd(whole.length + 1024 - bytes(whole).length, '~');
        });
        const names = [...longest, ...letters, ...longest.map((name) => name.slice(0, 40))];
        await catalog.commit({ checks: [], writes: names.map((name) => [bytes(name), bytes(name)]) });
        const sorted = [...new Set(names)].map(bytes).sort(Buffer.compare);
        expect((await all()).map((row) => row.key)).toEqual(sorted);
        for (const key of sorted) expect((await catalog.get(key))!.value.equals(key)).toBe(true);
      });
    });

    describe('ranges', () => {
      beforeEach(async () => {
        await catalog.commit({ checks: [], writes: ['a', 'b', 'ba', 'c', 'd'].map((key) => [bytes(key), bytes(key)]) });
      });
      const range = async (from: string, to: string, limit = 99, reverse?: boolean): Promise<string[]> =>
        texts(await catalog.range(bytes(from), bytes(to), reverse === undefined ? { limit } : { limit, reverse }));

      it('hold from and not to', async () => {
        expect(await range('b', 'd')).toEqual(['b', 'ba', 'c']);
        expect(await range('b', 'd', 99, true)).toEqual(['c', 'ba', 'b']);
        expect(await range('', '~')).toEqual(['a', 'b', 'ba', 'c', 'd']);
        expect(await range('', '~', 99, true)).toEqual(['d', 'c', 'ba', 'b', 'a']);
        expect(await range('aa', 'bz')).toEqual(['b', 'ba']);
        expect(await range('aa', 'bz', 99, true)).toEqual(['ba', 'b']);
      });
      it('take bounds as long as keys and refuse longer ones', async () => {
        const [longest, longer] = ['b'.repeat(keyBytesMax), 'b'.repeat(keyBytesMax + 1)];
        expect(await range('a', longest)).toEqual(['a', 'b', 'ba']);
        expect(await range(longest, 'd')).toEqual(['c']);
        expect(await range(longest, 'd', 99, true)).toEqual(['c']);
        await expect(range(longer, 'd')).rejects.toThrow(RangeError);
        await expect(range('a', longer)).rejects.toThrow(RangeError);
      });
      it('stop at the limit, from the right end', async () => {
        expect(await range('', '~', 2)).toEqual(['a', 'b']);
        expect(await range('', '~', 2, true)).toEqual(['d', 'c']);
        expect(await range('', '~', 0)).toEqual([]);
      });
      it('are empty where there is nothing', async () => {
        expect(await range('c', 'c')).toEqual([]);
        expect(await range('d', 'a')).toEqual([]);
        expect(await range('d', 'a', 99, true)).toEqual([]);
        expect(await range('bb', 'bz', 99, true)).toEqual([]);
        expect(await range('e', 'f')).toEqual([]);
        expect(await range('', '')).toEqual([]);
        expect(await range('a', '')).toEqual([]);
        expect(await range('a', '', 99, true)).toEqual([]);
      });

      it('answer as a sorted list would, through any changes', async () => {
        const key = fc.string({
          unit: fc.constantFrom('\x01', 'a', '~', 'é', '\uffff', '😀'),
          minLength: 1,
          maxLength: 3,
        });
        const step = fc.record({
          writes: fc.array(fc.tuple(key, fc.option(fc.string({ maxLength: 5 }), { nil: undefined })), {
            maxLength: 12,
          }),
          from: fc.oneof(key, fc.constant('')),
          to: key,
          limit: fc.nat(8),
          reverse: fc.boolean(),
        });
        const model = new Map((await all()).map((row) => [row.key.toString(), row.value.toString()]));
        await fc.assert(
          fc.asyncProperty(step, async ({ writes, from, to, limit, reverse }) => {
            await catalog.commit({
              checks: [],
              writes: writes.map(([name, value]) => [bytes(name), value === undefined ? undefined : bytes(value)]),
            });
            for (const [name, value] of writes) {
              if (value === undefined) model.delete(name);
              else model.set(name, value);
            }
            const expected = [...model.keys()]
              .map(bytes)
              .filter((name) => Buffer.compare(bytes(from), name) <= 0 && Buffer.compare(name, bytes(to)) < 0)
              .sort((a, b) => (reverse ? Buffer.compare(b, a) : Buffer.compare(a, b)))
              .slice(0, limit);
            const rows = await catalog.range(bytes(from), bytes(to), { limit, reverse });
            expect(rows.map((row) => row.key)).toEqual(expected);
            for (const row of rows) expect(row.value.toString()).toBe(model.get(row.key.toString()));
          }),
          { numRuns: 200 },
        );
      });
    });
  });
}
