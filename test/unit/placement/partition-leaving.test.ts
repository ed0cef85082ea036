// Partitions that are drained, retired and removed: never the last one, never with anything on it, never what echogate has not made.
import { readdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../../src/catalog/keys.ts';
import { encodeUsage } from '../../../src/catalog/records/delta.ts';
import { encodePack, type PackRow } from '../../../src/catalog/records/pack.ts';
import { because, PartitionWorld } from './partition-world.ts';

let own: PartitionWorld;
beforeEach(async () => {
  own = await PartitionWorld.open();
});
afterEach(() => own.world.close());

const pack = (partition: string, n: number, row: Partial<PackRow>, bytes = 0) => {
  const id = String(n).padStart(32, '0');
  const whole: PackRow = {
    partition,
    state: 'sealed',
    holds: 'blocks',
    session: 'ab'.repeat(16),
    bytes: 9,
    changedMs: 0,
  };
  const usage = bytes === 0 ? [] : [[keys.usage('pack', id), encodeUsage({ objects: 0, bytes })] as const];
  return own.world.raw.commit({ checks: [], writes: [[keys.pack(id), encodePack({ ...whole, ...row })], ...usage] });
};

describe('a partition that shall go', () => {
  const drain = (partition: string) => own.acts.carryOut({ kind: 'drain', partition, because });
  const retire = (partition: string) => own.acts.carryOut({ kind: 'retire', partition, because });

  it('drains while another is online, also when both are asked for at once', async () => {
    const both = await Promise.all([drain('p1'), drain('p2')]);
    expect(both.map(({ outcome }) => outcome)).toEqual(['begun', 'refused']);
    expect(both[1]?.because).toMatch(/p2 is the last partition that is online/);
    expect(own.acts.underWay()).toEqual([{ kind: 'drain', partition: 'p1' }]);
    expect((await drain('p1')).outcome).toBe('done');
    expect((await drain('p9')).because).toBe('there is no partition p9');
    expect(await own.acts.add('p1')).toEqual({ outcome: 'done', because: 'p1 is online again' });
    expect([own.dutyOf('p1'), own.rows.size]).toEqual(['online', 0]);
    await drain('p1');
    const kept = await own.acts.carryOut({ kind: 'keep', partition: 'p1', because });
    expect(kept).toEqual({ outcome: 'done', because: 'p1 is online again' });
    expect(own.acts.underWay()).toEqual([]);
  });

  it('drains by whose word it is: what an operator says stands, also when a plan had said it before', async () => {
    const by = () => own.live().find(({ id }) => id === 'p1')?.by;
    const keep = () => own.acts.carryOut({ kind: 'keep', partition: 'p1', because });
    await drain('p1');
    expect(by()).toBe('plan');
    expect(await own.acts.carryOut({ kind: 'drain', partition: 'p1', because }, 'operator')).toEqual({
      ...{ outcome: 'done', because: 'p1 is draining already' },
    });
    expect(by()).toBe('operator');
    expect(await keep()).toEqual({ outcome: 'refused', because: 'an operator wants p1 to be draining' });
    await own.acts.add('p1');
    expect([own.dutyOf('p1'), by()]).toEqual(['online', undefined]);
    await own.acts.carryOut({ kind: 'grow', pool: 'spare', because });
    await own.acts.settled();
    expect(own.live().at(-1)).toMatchObject({ id: 'spare-1', by: 'plan' });
    await own.acts.add('spare-1');
    expect(own.live().at(-1)).toMatchObject({ id: 'spare-1', by: 'operator', duty: 'online' });
    await own.acts.add('spare');
    expect(own.live().at(-1)).toMatchObject({ id: 'spare-2', by: 'operator' });
  });

  it('and comes back with what was left there meanwhile is not forgotten: it drains again', async () => {
    await own.acts.add('spare');
    await drain('spare-1');
    own.aheadMs = 6000;
    await retire('spare-1');
    // By a process that stood still for so long: its bytes and its row.
    const partition = await own.place(1);
    const writer = await partition.open('1'.padStart(32, '0'), 4);
    writer.append([Buffer.from('late')]);
    await writer.seal();
    await partition.close();
    await pack('spare-1', 1, {}, 4);
    expect((await own.acts.add('spare')).because).toMatch(/cannot make spare-1: it holds packs of an earlier life/);
    expect([own.dutyOf('spare-1'), own.rows.get('spare-1')?.duty]).toEqual(['draining', 'draining']);
    expect(await readdir(own.at('spare-1'))).toContain('partition.json');
  });

  it('is retired when it holds nothing; else it is said how much of what is there', async () => {
    expect((await retire('p1')).because).toMatch(/p1 is online; a partition is drained/);
    await drain('p1');
    expect((await retire('p1')).because).toMatch(/began to drain a moment ago/);
    own.aheadMs = 6000;
    await pack('p1', 1, {}, 700);
    await pack('p1', 2, {}, 50);
    await pack('p1', 3, {});
    await pack('p1', 4, { holds: 'log' });
    await pack('p1', 5, { holds: 'checkpoint' });
    await pack('p1', 6, { holds: 'echo' }, 30);
    await pack('p1', 7, { state: 'reserved' });
    await pack('p1', 8, { state: 'dead' });
    await pack('p2', 9, {}, 1000);
    const { outcome, because: said } = await retire('p1');
    expect(outcome).toBe('refused');
    for (const what of [
      ...['2 packs of live blocks with 750 bytes', '1 pack without live blocks', '1 pack of the redo log'],
      ...['1 pack of checkpoints', '1 pack of echoes with 30 bytes', '1 pack that may still be written'],
      '1 pack that wait for their removal',
    ])
      expect(said).toContain(what);
    for (let n = 1; n <= 8; n++)
      await own.world.raw.commit({ checks: [], writes: [[keys.pack(String(n).padStart(32, '0')), undefined]] });
    expect((await retire('p1')).outcome).toBe('done');
    expect(own.dutyOf('p1')).toBe('retired');
    own.aheadMs += 1e9;
    await own.tickToEnd(); // it stands in the configuration: nobody removes it
    expect(own.dutyOf('p1')).toBe('retired');
    own.configured = own.configured.filter(({ id }) => id !== 'p1');
    await own.tickToEnd();
    expect(own.rows.size).toBe(0);
  });

  it('is removed after its grace, if it is still empty by then, and only what echogate made of it', async () => {
    await own.acts.add('spare');
    await drain('spare-1');
    own.aheadMs = 6000;
    await retire('spare-1');
    own.aheadMs += 50_000;
    await own.tickToEnd();
    expect(own.dutyOf('spare-1')).toBe('retired');
    await pack('spare-1', 1, { state: 'reserved' }); // by a process that stood still for so long
    own.aheadMs += 20_000;
    await own.tickToEnd();
    expect([own.dutyOf('spare-1'), own.failures]).toEqual(['draining', [expect.stringMatching(/it drains again/)]]);
    await own.world.raw.commit({ checks: [], writes: [[keys.pack('1'.padStart(32, '0')), undefined]] });
    own.aheadMs += 6000;
    await retire('spare-1');
    await writeFile(own.at('spare-1/note.txt'), 'mine');
    own.aheadMs += 70_000;
    await own.tickToEnd();
    expect([own.dutyOf('spare-1'), own.rows.get('spare-1')?.duty]).toEqual([undefined, 'going']);
    own.aheadMs += 6000;
    await own.tickToEnd();
    expect(own.failures.at(-1)).toMatch(/it is not removed: .*it holds note.txt/);
    expect([own.dutyOf('spare-1'), await readdir(own.at('spare-1'))]).toEqual([
      'retired',
      expect.arrayContaining(['note.txt', 'partition.json']),
    ]);
    // Still there, it is the first to be taken back.
    expect(await own.acts.add('spare')).toEqual({ outcome: 'done', because: 'spare-1 is online' });
  });

  it('goes by the next leader where the one before died in the middle of it', async () => {
    const { id, made } = own.member(2);
    await (await own.place(2)).close();
    await own.write(id, { duty: 'going', sinceMs: 0, made });
    await own.tickToEnd();
    expect([own.rows.size, (await readdir(own.world.folder)).includes('spare-2')]).toEqual([0, false]);
    await own.write(id, { duty: 'going', sinceMs: 0, made }); // removed, its row not
    await own.tickToEnd();
    expect(own.rows.size).toBe(0);
  });
});
