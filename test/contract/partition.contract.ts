// What every partition must honour, whatever lies behind it and whatever is wrapped around it.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultKind } from '../../src/base/fault.ts';
import { Fault } from '../../src/base/fault.ts';
import type { ByteRange } from '../../src/base/range.ts';
import { MiB } from '../../src/base/units.ts';
import type { PackInfo, Partition } from '../../src/partition/partition.ts';

export interface PartitionBench {
  readonly partition: Partition;
  /** The same packs seen by somebody else: another process, another set of descriptors or connections. */
  readonly other: Partition;
  /** Cuts a stored pack behind the partition's back. */
  cut(pack: string, bytes: number): Promise<void>;
  /** Set where a wrapper makes every small synchronous read an asynchronous one. */
  readonly neverSmall?: boolean;
  dispose(): Promise<void>;
}

export const newPackId = (): string => randomBytes(16).toString('hex');

export async function readAll(
  partition: Partition,
  pack: string,
  ranges: readonly ByteRange[],
  signal?: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of partition.read(pack, ranges, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function faultOf(work: Promise<unknown>): Promise<Fault['fault'] | undefined> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
  return undefined;
}

export async function storePack(partition: Partition, bytes: Buffer, pack = newPackId()): Promise<string> {
  const writer = await partition.open(pack, bytes.length);
  writer.append([bytes]);
  await writer.seal();
  return pack;
}

/** toEqual walks buffers byte by byte in script: seconds for a megabyte. */
export function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length);
  expect(Buffer.compare(actual, expected)).toBe(0);
}

const whole = (bytes: Buffer): ByteRange[] => [{ start: 0, end: bytes.length }];

async function packsOf(partition: Partition, after?: string): Promise<PackInfo[]> {
  const packs: PackInfo[] = [];
  for await (const pack of partition.list(after)) packs.push(pack);
  return packs;
}

export function partitionContract(name: string, makeBench: () => Promise<PartitionBench>): void {
  describe(`partition contract: ${name}`, () => {
    let bench: PartitionBench;
    let partition: Partition;

    beforeAll(async () => {
      bench = await makeBench();
      partition = bench.partition;
    });
    afterAll(async () => {
      await bench?.dispose();
    });

    describe('writing', () => {
      it('gives back what was appended, at the offsets it named', async () => {
        const pack = newPackId();
        const pieces = [1, 70_000, 3, 300_000, 12].map((length) => randomBytes(length));
        const writer = await partition.open(pack);
        expect(writer.pack).toBe(pack);
        let at = 0;
        for (const piece of pieces) {
          expect(writer.append([piece.subarray(0, 1), piece.subarray(1)])).toBe(at);
          at += piece.length;
          expect(writer.size).toBe(at);
        }
        await writer.flush();
        await writer.seal();
        expectBytes(await readAll(partition, pack, [{ start: 0, end: at }]), Buffer.concat(pieces));
      });

      it('shows a pack to others as soon as it is durable', async () => {
        const bytes = randomBytes(100_000);
        const pack = newPackId();
        const writer = await partition.open(pack);
        writer.append([bytes]);
        await (writer.flushes ? writer.flush() : writer.seal());
        expectBytes(await readAll(bench.other, pack, whole(bytes)), bytes);
        if (writer.flushes) {
          const more = randomBytes(50);
          const offset = writer.append([more]);
          await writer.flush();
          expectBytes(await readAll(bench.other, pack, [{ start: offset, end: offset + 50 }]), more);
          await writer.seal();
        }
      });

      it('takes an append of nothing, and a pack of nothing', async () => {
        const pack = newPackId();
        const writer = await partition.open(pack);
        expect(writer.append([])).toBe(0);
        expect(writer.append([Buffer.alloc(0), Buffer.alloc(0)])).toBe(0);
        expect(writer.append([Buffer.from('a')])).toBe(0);
        expect(writer.append([Buffer.alloc(0)])).toBe(1);
        await writer.seal();
        expect((await readAll(partition, pack, [{ start: 0, end: 1 }])).toString()).toBe('a');
        const empty = await storePack(partition, Buffer.alloc(0));
        expect((await packsOf(partition)).find((info) => info.pack === empty)?.bytes).toBe(0);
        expect(await readAll(partition, empty, [{ start: 0, end: 0 }])).toHaveLength(0);
      });

      it('keeps many flushes of many writers apart', async () => {
        const writers = await Promise.all(Array.from({ length: 4 }, () => partition.open(newPackId())));
        const parts = writers.map(() => [] as Buffer[]);
        await Promise.all(
          Array.from({ length: 80 }, async (_, turn) => {
            await new Promise((resolve) => setTimeout(resolve, turn % 5));
            const bytes = randomBytes(1 + ((turn * 7919) % 5000));
            const which = turn % writers.length;
            const offset = writers[which]!.append([bytes]);
            expect(offset).toBe(parts[which]!.reduce((sum, part) => sum + part.length, 0));
            parts[which]!.push(bytes);
            await writers[which]!.flush();
          }),
        );
        await Promise.all(writers.map((writer) => writer.seal()));
        for (const [which, writer] of writers.entries()) {
          const bytes = Buffer.concat(parts[which]!);
          expectBytes(await readAll(partition, writer.pack, whole(bytes)), bytes);
        }
      });

      it('moves a big pack under backpressure, with and without its length told', async () => {
        const piece = randomBytes(256 * 1024);
        for (const hint of [undefined, 48 * piece.length]) {
          const writer = await partition.open(newPackId(), hint);
          for (let turn = 0; turn < 48; turn++) {
            writer.append([piece]);
            await writer.ready();
          }
          await writer.seal();
          const bytes = await readAll(partition, writer.pack, [{ start: 0, end: 12 * MiB }]);
          expect(bytes.equals(Buffer.concat(Array(48).fill(piece)))).toBe(true);
        }
      });

      it('refuses the same pack id twice and leaves the first untouched', async () => {
        const bytes = randomBytes(1000);
        const pack = await storePack(partition, bytes);
        for (const who of [partition, bench.other]) {
          const fault = await faultOf(storePack(who, randomBytes(2000), pack));
          expect(fault).toEqual({ kind: 'pack-exists', partition: partition.id, pack });
        }
        expectBytes(await readAll(partition, pack, whole(bytes)), bytes);
      });

      it('takes nothing after the end', async () => {
        const writer = await partition.open(newPackId());
        writer.append([Buffer.from('x')]);
        await writer.seal();
        await writer.seal();
        expect(() => writer.append([Buffer.from('y')])).toThrow();
      });

      it('that was given up shows none of its bytes as a pack of that length', async () => {
        const pack = newPackId();
        const writer = await partition.open(pack);
        writer.append([randomBytes(5000)]);
        await writer.abort();
        await writer.abort();
        expect(() => writer.append([Buffer.from('y')])).toThrow();
        const fault = await faultOf(readAll(bench.other, pack, [{ start: 0, end: 5000 }]));
        expect(['pack-missing', 'pack-short'] satisfies FaultKind[]).toContain(fault?.kind);
        await partition.remove([pack]);
      });

      it('never lets an id become a path', async () => {
        for (const id of ['', '../../../etc/passwd', 'A'.repeat(32), `${'a'.repeat(31)}/`, `${'a'.repeat(32)}\n`]) {
          await expect(partition.open(id)).rejects.toThrow(/^not a pack id/);
          await expect(readAll(partition, id, [{ start: 0, end: 1 }])).rejects.toThrow(/^not a pack id/);
          await expect(partition.remove([id])).rejects.toThrow(/^not a pack id/);
        }
      });
    });

    describe('reading', () => {
      const bytes = randomBytes(700_000);
      let pack: string;
      beforeAll(async () => {
        pack = await storePack(partition, bytes);
      });

      it('gives many ranges in the order asked, near, far, overlapping and empty', async () => {
        const ranges: ByteRange[] = [{ start: 699_999, end: 700_000 }];
        for (let turn = 0; turn < 60; turn++) {
          const start = (turn * 104_729) % 690_000;
          ranges.push({ start, end: start + ((turn * 31) % 3000) });
        }
        ranges.push({ start: 100, end: 200 }, { start: 200, end: 300 }, { start: 150, end: 250 }, { start: 5, end: 5 });
        const expected = Buffer.concat(ranges.map(({ start, end }) => bytes.subarray(start, end)));
        expectBytes(await readAll(partition, pack, ranges), expected);
        expect(await readAll(partition, pack, [])).toHaveLength(0);
      });

      it('of a missing pack', async () => {
        const missing = newPackId();
        const fault = await faultOf(readAll(partition, missing, [{ start: 0, end: 1 }]));
        expect(fault).toEqual({ kind: 'pack-missing', partition: partition.id, pack: missing });
      });

      it('past the end', async () => {
        const short = { kind: 'pack-short', partition: partition.id, pack, size: 700_000 };
        for (const [start, end] of [
          [699_000, 700_001],
          [700_000, 700_001],
          [900_000, 900_100],
          [0, 1_400_000],
        ] as const)
          expect(await faultOf(readAll(partition, pack, [{ start, end }]))).toEqual({ ...short, wanted: end });
        const several = [
          { start: 0, end: 10 },
          { start: 699_999, end: 700_005 },
        ];
        expect(await faultOf(readAll(partition, pack, several))).toEqual({ ...short, wanted: 700_005 });
      });

      it('of a pack that was cut', async () => {
        const cut = await storePack(partition, bytes);
        expectBytes(await readAll(partition, cut, [{ start: 0, end: 10 }]), bytes.subarray(0, 10));
        await bench.cut(cut, 600_000);
        const fault = await faultOf(readAll(partition, cut, whole(bytes)));
        expect(fault).toEqual({
          kind: 'pack-short',
          partition: partition.id,
          pack: cut,
          wanted: 700_000,
          size: 600_000,
        });
        expectBytes(await readAll(partition, cut, [{ start: 0, end: 600_000 }]), bytes.subarray(0, 600_000));
      });

      it('stops when told to, before and in the midst', async () => {
        const reason = new Error('client went away');
        await expect(readAll(partition, pack, whole(bytes), AbortSignal.abort(reason))).rejects.toBe(reason);
        const stop = new AbortController();
        const started = (async () => {
          for await (const _ of partition.read(pack, whole(bytes), stop.signal)) stop.abort(reason);
        })();
        await expect(started).rejects.toBe(reason);
        expectBytes(await readAll(partition, pack, whole(bytes)), bytes);
      });

      it('may be left half-way', async () => {
        for (let turn = 0; turn < 5; turn++) for await (const _ of partition.read(pack, whole(bytes))) break;
        expectBytes(await readAll(partition, pack, whole(bytes)), bytes);
      });

      it('serves many at once', async () => {
        const reads = Array.from({ length: 40 }, async (_, turn) => {
          const range = { start: turn * 1000, end: turn * 1000 + 200_000 };
          return (await readAll(partition, pack, [range])).equals(bytes.subarray(range.start, range.end));
        });
        expect(await Promise.all(reads)).toEqual(Array(40).fill(true));
      });

      it('small and synchronous, gives the same bytes or says no', async () => {
        if (partition.readSmall === undefined) return;
        await readAll(partition, pack, [{ start: 0, end: 1 }]); // opens it
        let served = 0;
        const into = Buffer.alloc(65_536);
        for (let turn = 0; turn < 50; turn++) {
          const length = partition.readSmall(pack, turn * 10_007, 1 + turn * 1300, into);
          if (length < 0) continue;
          served += 1;
          expectBytes(into.subarray(0, length), bytes.subarray(turn * 10_007, turn * 10_007 + 1 + turn * 1300));
        }
        expect(partition.readSmall(pack, 699_990, 11, into)).toBe(-1);
        expect(partition.readSmall(newPackId(), 0, 10, into)).toBe(-1);
        expect(served > 0).toBe(bench.neverSmall !== true);
      });
    });

    describe('removing', () => {
      it('removes, and what is missing is no error', async () => {
        const packs = await Promise.all([1, 2, 3].map(() => storePack(partition, randomBytes(100))));
        await partition.remove([...packs.slice(0, 2), newPackId()]);
        await partition.remove(packs.slice(0, 2));
        await partition.remove([]);
        for (const pack of packs.slice(0, 2))
          expect(await faultOf(readAll(partition, pack, [{ start: 0, end: 1 }]))).toMatchObject({
            kind: 'pack-missing',
          });
        expect(await readAll(partition, packs[2]!, [{ start: 0, end: 100 }])).toHaveLength(100);
      });

      it('under a reader never gives it wrong bytes', async () => {
        const bytes = randomBytes(4 * MiB);
        const pack = await storePack(partition, bytes);
        const got: Buffer[] = [];
        const read = (async () => {
          for await (const chunk of partition.read(pack, whole(bytes))) {
            if (got.length === 0) await partition.remove([pack]);
            got.push(chunk);
          }
        })();
        const fault = await faultOf(read);
        const all = Buffer.concat(got);
        if (fault === undefined) expect(all.equals(bytes)).toBe(true);
        else expect(all.equals(bytes.subarray(0, all.length))).toBe(true);
        expect(await faultOf(readAll(partition, pack, [{ start: 0, end: 1 }]))).toMatchObject({ kind: 'pack-missing' });
      });
    });

    describe('listing and facts', () => {
      it('lists in id order with sizes, from anywhere', async () => {
        const made = new Map<string, number>();
        for (let turn = 0; turn < 12; turn++)
          made.set(await storePack(partition, Buffer.alloc(turn * 11), newPackId()), turn * 11);
        const packs = await packsOf(partition);
        const ids = packs.map((info) => info.pack);
        expect(ids).toEqual([...ids].sort());
        for (const [pack, size] of made) expect(packs.find((info) => info.pack === pack)?.bytes).toBe(size);
        for (const { modifiedMs } of packs) expect(Math.abs(Date.now() - modifiedMs)).toBeLessThan(600_000);
        const middle = ids[Math.floor(ids.length / 2)]!;
        expect((await packsOf(partition, middle)).map((info) => info.pack)).toEqual(ids.filter((id) => id > middle));
        const between = `${middle.slice(0, 31)}${middle.at(-1) === '0' ? '1' : '0'}`;
        expect((await packsOf(partition, between)).map((info) => info.pack)).toEqual(ids.filter((id) => id > between));
        expect(await packsOf(partition, 'f'.repeat(32))).toEqual([]);
      });

      it('may be left half-way through a list', async () => {
        for await (const _ of partition.list()) break;
      });

      it('says how much room there is', async () => {
        const { usedBytes, freeBytes } = await partition.stat();
        expect(freeBytes).toBeGreaterThan(0);
        expect(usedBytes < 0).toBe(false);
      });

      it('answers a probe', async () => {
        const before = (await packsOf(partition)).length;
        const probe = await partition.probe();
        expect(probe).toEqual({ ok: true, latencyMs: expect.any(Number) });
        expect(probe.latencyMs).toBeGreaterThan(0);
        expect((await packsOf(partition)).length).toBe(before);
        expect((await partition.probe(AbortSignal.abort(new Error('enough')))).ok).toBe(false);
      });
    });
  });
}
