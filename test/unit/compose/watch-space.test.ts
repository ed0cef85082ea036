// Bodies are refused before the catalog's disk is full, and taken again when there is room.
import { describe, expect, it } from 'vitest';
import { keepReserve, watchSpace } from '../../../src/compose/watch-space.ts';
import type { BlockStore } from '../../../src/objects/block-store.ts';

describe('keepReserve', () => {
  it('refuses bodies below the reserve, looking once a second', async () => {
    let nowMs = 0;
    let free = 1000;
    let looks = 0;
    const freeBytes = async () => {
      looks += 1;
      return free;
    };
    const space = watchSpace({ path: '.', reserveBytes: 500, clock: { monotonicMs: () => nowMs }, freeBytes });
    const inner = { write: async () => 'written', sessionCheck: () => 'check' } as unknown as BlockStore;
    const blocks = keepReserve(inner, space);
    const write = () => blocks.write({ bucket: 'b', key: 'k' }, (async function* () {})(), {});
    expect(await write()).toBe('written');
    free = 499;
    expect(await write()).toBe('written');
    expect(looks).toBe(1);
    nowMs += 1_000;
    await expect(write()).rejects.toMatchObject({ fault: { kind: 'space-reserve-reached' } });
    expect(blocks.sessionCheck()).toBe('check');
    free = 501;
    nowMs += 1_000;
    expect(await write()).toBe('written');
  });

  it('asks the real disk', async () => {
    const clock = { monotonicMs: () => 0 };
    await watchSpace({ path: '.', reserveBytes: 1, clock }).assertRoom();
    await expect(watchSpace({ path: '.', reserveBytes: 2 ** 60, clock }).assertRoom()).rejects.toThrow('space-reserve');
  });
});
