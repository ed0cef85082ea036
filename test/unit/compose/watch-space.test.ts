// Bodies are refused before the catalog's disk is full, and taken again when there is room.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../../src/base/fault.ts';
import { keepCatalogReserve, keepReserve, watchSpace } from '../../../src/compose/watch-space.ts';
import type { BlockStore } from '../../../src/objects/block-store.ts';
import type { Objects } from '../../../src/objects/objects.ts';

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

it('keepCatalogReserve refuses what grows the catalog, and nothing that frees it', async () => {
  let isFull = false;
  const space = {
    hasRoom: async () => !isFull,
    async assertRoom() {
      if (isFull) throw new Fault({ kind: 'space-reserve-reached' });
    },
  };
  const growing = ['createBucket', 'copy', 'copyPart', 'createUpload'] as const;
  const others = ['remove', 'abortUpload', 'completeUpload', 'deleteBucket', 'read', 'list'] as const;
  const inner = Object.fromEntries([...growing, ...others].map((name) => [name, async () => name]));
  const objects = keepCatalogReserve(inner as unknown as Objects, space) as unknown as typeof inner;
  for (const name of [...growing, ...others]) expect(await objects[name]?.()).toBe(name);
  isFull = true;
  for (const name of growing) await expect(objects[name]?.()).rejects.toThrow('space-reserve');
  for (const name of others) expect(await objects[name]?.()).toBe(name);
});
