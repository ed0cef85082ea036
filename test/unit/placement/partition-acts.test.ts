// Partitions that are brought online from a pool: begun by whoever leads, ended by whoever leads next, and nothing left of what cannot be made.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { because, PartitionWorld } from './partition-world.ts';

let own: PartitionWorld;
beforeEach(async () => {
  own = await PartitionWorld.open();
});
afterEach(() => own.world.close());

const grow = () => own.acts.carryOut({ kind: 'grow', pool: 'spare', because });

describe('a partition from a pool', () => {
  it('is begun at once, under way until it is online, and makes one fewer', async () => {
    expect(own.acts.pools()).toMatchObject([{ name: 'spare', capacityDomain: 'd', left: 2 }]);
    expect(await grow()).toMatchObject({ outcome: 'begun', because: 'spare-1 is being made' });
    expect(own.acts.underWay()).toEqual([{ kind: 'grow', pool: 'spare', partition: 'spare-1' }]);
    await own.acts.settled();
    expect([own.dutyOf('spare-1'), own.acts.underWay(), own.acts.pools()[0]?.left]).toEqual(['online', [], 1]);
    expect(await own.acts.add('spare')).toEqual({ outcome: 'done', because: 'spare-2 is online' });
    expect(await own.acts.add('spare')).toMatchObject({
      outcome: 'refused',
      because: expect.stringMatching(/all of the 2/),
    });
  });

  it.each(['nothing', 'a folder', 'a claimed folder', 'a folder that was tried out'])(
    'that was begun and is %s, is made by whoever leads next',
    async (state) => {
      const { id, made } = own.member(1);
      await own.write(id, { duty: 'coming', sinceMs: 0, made });
      if (state === 'a folder') await mkdir(own.at('spare-1'));
      if (state.includes('claimed') || state.includes('tried')) {
        const partition = await own.place(1);
        if (state.includes('tried')) {
          const writer = await partition.open('0'.repeat(32));
          writer.append([Buffer.from('half a trial')]);
          await writer.flush();
          await writer.abort();
        }
        await partition.close();
      }
      await own.tickToEnd();
      expect([own.dutyOf('spare-1'), own.failures]).toEqual(['online', []]);
      expect(await readdir(own.at('spare-1/packs/00')).catch(() => [])).toEqual([]);
    },
  );

  it('that cannot be made leaves nothing, and its pool rests unless it is asked for by name', async () => {
    await writeFile(own.at('spare-1'), 'no directory');
    await grow();
    await own.acts.settled();
    expect(own.failures).toEqual([expect.stringMatching(/^spare-1: .*(ENOTDIR|EEXIST)/)]);
    expect([own.rows.size, own.acts.pools()[0]?.left]).toEqual([0, 0]);
    expect(await grow()).toMatchObject({ outcome: 'refused', because: expect.stringMatching(/failed of late: .*E/) });
    expect(await own.acts.add('spare')).toMatchObject({
      outcome: 'refused',
      because: expect.stringMatching(/^pool spare cannot make spare-1: /),
    });
    own.aheadMs = 11 * 60_000;
    expect(own.acts.pools()[0]?.left).toBe(2);
    expect((await grow()).outcome).toBe('begun');
    await own.acts.settled();
  });

  it('is not made where packs of an earlier life lie, and those are left alone', async () => {
    const partition = await own.place(1);
    const writer = await partition.open('0a'.repeat(16));
    writer.append([Buffer.from('bytes')]);
    await writer.seal();
    await partition.close();
    expect((await own.acts.add('spare')).because).toMatch(/it holds packs of an earlier life, such as 0a0a/);
    expect(await readdir(own.at('spare-1/packs/0a'))).toHaveLength(1);
    expect(own.rows.size).toBe(0);
  });
});

it('whatever goes wrong with the right to lead is thrown, and other steps are refused', async () => {
  expect((await own.acts.carryOut({ kind: 'split-area', area: 'a', home: 'p', because })).outcome).toBe('refused');
  own.world.raw.commit = async () => {
    throw new Error('fenced');
  };
  await expect(grow()).rejects.toThrow('fenced');
  await expect(own.acts.tick()).resolves.toBeUndefined();
});
