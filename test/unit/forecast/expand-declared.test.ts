// From declarations to what each area's series is told: which areas are meant, how load is shared, what counts where two contradict.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declaredOf } from '../../../src/forecast/declared.ts';
import { type AreaRange, expandDeclared, jobLoad, touched } from '../../../src/forecast/expand-declared.ts';
import { mergeEffects } from '../../../src/forecast/merge-effects.ts';
import { settleHints } from '../../../src/forecast/settle-declared.ts';
import type { DeclaredJob, Metadata } from '../../../src/model/metadata.ts';
import { noMetadata } from '../../../src/model/metadata.ts';

const sec = (iso: string): number => Date.parse(iso) / 1000;
const range = (area: string, bucket: string, from: string, to?: string): AreaRange => ({ area, bucket, from, to });
const areas = [
  range('a1', 'photos', '', 'hot/'),
  range('a2', 'photos', 'hot/', 'hot/m'),
  range('a3', 'photos', 'hot/m', 'z'),
  range('a4', 'photos', 'z'),
  range('b1', 'logs', ''),
];
const span = { fromSec: sec('2026-03-28T00:00Z'), toSec: sec('2026-03-31T00:00Z') };
const expand = (metadata: Partial<Metadata>, more = {}) =>
  expandDeclared({ ...noMetadata, ...metadata }, { areas, ...span, ...more });

const backup: DeclaredJob = {
  name: 'backup',
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
  bucket: 'photos',
  requests: 3600,
  readBytes: 7200,
  writeBytes: 0,
  durationSec: 3600,
};

describe('areas that a prefix means', () => {
  it('are those that hold such keys; whole where they hold no others', () => {
    expect(touched(areas, 'photos', 'hot/')).toEqual([
      { area: 'a2', isWhole: true },
      { area: 'a3', isWhole: false },
    ]);
    expect(touched(areas, 'photos').map(({ area }) => area)).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(touched(areas, undefined).every(({ isWhole }) => isWhole)).toBe(true);
    expect(touched(areas, 'nowhere', 'x')).toEqual([]);
  });

  it('hold every key that begins with it, in the order of UTF-8', () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\uffff', '😀'), maxLength: 4 });
    const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 5 }), key, key, (cuts, prefix, rest) => {
        const from = ['', ...cuts.filter(Boolean).sort(order)];
        const ranges = from.map((first, at) => range(String(at), 'b', first, from[at + 1]));
        const holder = from.findLastIndex((first) => order(first, prefix + rest) <= 0);
        const found = touched(ranges, 'b', prefix);
        expect(found.map(({ area }) => area)).toContain(String(holder));
        for (const { area, isWhole } of found) {
          if (isWhole) expect(from[Number(area)]!.startsWith(prefix)).toBe(true);
        }
      }),
    );
  });
});

describe('a job', () => {
  it('runs by its clock, with what one run brings spread over its duration and its areas', () => {
    const [job] = expand({ jobs: [backup] }).jobs;
    expect(job!.starts).toEqual([sec('2026-03-28T01:30Z'), sec('2026-03-29T01:00Z'), sec('2026-03-30T00:30Z')]);
    expect(job!.load).toEqual({ readOps: 1, writeOps: 0, readBytes: 2, writeBytes: 0 });
    expect([...job!.parts.values()]).toEqual([0.25, 0.25, 0.25, 0.25]);
    const asked = new Map([
      ['a1', 3],
      ['a4', 1],
    ]);
    expect([...expand({ jobs: [backup] }, { asked }).jobs[0]!.parts.values()]).toEqual([0.75, 0, 0, 0.25]);
  });

  it('that still runs is told, though it began before', () => {
    const { starts } = expand({ jobs: [backup] }, { fromSec: sec('2026-03-28T02:00Z') }).jobs[0]!;
    expect(starts[0]).toBe(sec('2026-03-28T01:30Z'));
  });

  it('reads and writes as told, else as its bytes do, else reads', () => {
    const share = (more: object): number[] => {
      const { readOps, writeOps } = jobLoad({
        ...backup,
        readBytes: undefined,
        writeBytes: undefined,
        ...more,
      } as never);
      return [readOps, writeOps];
    };
    expect(share({})).toEqual([1, 0]);
    expect(share({ writeBytes: 5 })).toEqual([0, 1]);
    expect(share({ readBytes: 1, writeBytes: 3 })).toEqual([0.25, 0.75]);
    expect(share({ writeBytes: 5, reads: 0.5 })).toEqual([0.5, 0.5]);
  });

  it('is told only to series of what it does, where it does it', () => {
    const declared = expand({ jobs: [backup] });
    expect(declaredOf(declared, 'a1', 'readOps')?.jobs[0]?.runs[0]).toEqual({
      startSec: sec('2026-03-28T01:30Z'),
      durationSec: 3600,
      load: 0.25,
    });
    expect(declaredOf(declared, 'a1', 'writeOps')).toBeUndefined();
    expect(declaredOf(declared, 'b1', 'readOps')).toBeUndefined();
    expect(declaredOf(undefined, 'a1', 'readOps')).toBeUndefined();
  });
});

describe('hints that contradict', () => {
  const claim = (name: string, where: string, fromSec: number, toSec: number, factor: number) => ({
    name,
    where,
    fromSec,
    toSec,
    factor,
  });

  it('for the same keys: the larger counts while they overlap, and says so', () => {
    const [five, two] = settleHints([claim('two', 'b/x', 0, 100, 2), claim('five', 'b/x', 40, 60, 5)]);
    expect([five!.claim.name, five!.spans]).toEqual(['five', [claim('five', 'b/x', 40, 60, 5)]]);
    expect(five!.note).toBe('counts, being the larger, in place of two (×2)');
    expect(two!.spans).toEqual([
      { fromSec: 0, toSec: 40 },
      { fromSec: 60, toSec: 100 },
    ]);
  });

  it('for keys within each other too, for others not', () => {
    const spans = (a: string, b: string) =>
      settleHints([claim('a', a, 0, 9, 3), claim('b', b, 0, 9, 2)]).map((each) => each.spans.length);
    expect(spans('b/', 'b/x')).toEqual([1, 0]);
    expect(spans('b/x', 'b/y')).toEqual([1, 1]);
  });

  it('never count twice for a moment, and always once', () => {
    const any = fc.record({ fromSec: fc.nat(20), length: fc.integer({ min: 1, max: 20 }), factor: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), fc.nat(40), (list, moment) => {
        const claims = list.map((each, at) =>
          claim(`h${at}`, 'b/', each.fromSec, each.fromSec + each.length, each.factor),
        );
        const holds = (one: { fromSec: number; toSec: number }) => one.fromSec <= moment && moment < one.toSec;
        const counting = settleHints(claims).filter(({ spans }) => spans.some(holds));
        const best = Math.max(...claims.filter(holds).map(({ factor }) => factor));
        expect(counting.map((each) => each.claim.factor)).toEqual(claims.some(holds) ? [best] : []);
      }),
    );
  });

  it('tell each area its part', () => {
    const hint = { bucket: 'photos', prefix: 'hot/', fromSec: span.fromSec, toSec: span.toSec };
    const declared = expand({ hints: [{ ...hint, name: 'sale', factor: 4 }] });
    expect(declaredOf(declared, 'a2', 'readOps')?.factors[0]).toMatchObject({ name: 'sale', factor: 4, part: 1 });
    expect(declaredOf(declared, 'a3', 'readOps')?.factors[0]).toMatchObject({
      part: 0.5,
      note: expect.stringMatching(/half/),
    });
    expect(declaredOf(declared, 'a1', 'readOps')).toBeUndefined();
  });
});

describe('calendars', () => {
  const calendar = (name: string, more: object) => ({ name, timeZone: 'Europe/Berlin', days: ['2026-03-30'], ...more });

  it('know how far back the weekday lies that a day is like', () => {
    const declared = expand({ calendars: [calendar('easter', { like: 'sunday', factor: 0.5 })] });
    expect(declaredOf(declared, 'b1', 'readOps')?.likeDays).toEqual([
      {
        name: 'easter',
        factor: 0.5,
        days: [
          {
            date: '2026-03-30',
            weekday: 'monday',
            fromSec: sec('2026-03-29T22:00Z'),
            toSec: sec('2026-03-30T22:00Z'),
            daysBack: 1,
          },
        ],
      },
    ]);
  });

  it('of one day: that of the bucket counts, and says so', () => {
    const declared = expand({
      calendars: [calendar('all', { factor: 3 }), calendar('own', { factor: 2, bucket: 'photos' })],
    });
    const factors = (area: string) =>
      declaredOf(declared, area, 'readOps')!.factors.map(({ name, spans, note }) => [name, spans.length, note]);
    expect(factors('a1')).toEqual([
      ['own', 1, 'counts in place of all (×3) on the same day'],
      ['all', 0, undefined],
    ]);
    expect(factors('b1')).toEqual([['all', 1, undefined]]);
  });
});

it('effects of areas add up to those of a partition, the greatest first', () => {
  const effect = (name: string, load: number, factor: number) => ({
    kind: 'job' as const,
    name,
    load,
    factor,
    runs: 1,
  });
  expect(
    mergeEffects([
      { share: 0.5, effects: [effect('small', 2, 1), effect('big', 10, 1)] },
      { share: 1, effects: [effect('big', 5, 0.5), effect('none', 0, 1)] },
    ]),
  ).toEqual([effect('big', 10, 0.75), effect('small', 1, 1)]);
});
