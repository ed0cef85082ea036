// A partition that takes nothing new becomes empty of what the house itself keeps there: open packs, reserved rows, logs, checkpoints.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keys } from '../../../src/catalog/keys.ts';
import type { Seat } from '../../../src/objects/seats.ts';
import { bodyOf, bucketId, hurriedClock, openWorld, publish, readAll, type World } from '../objects-blocks/world.ts';
import { openPilot, packsOf, type TestPilot } from './pilot.ts';

let world: World;
let pilot: TestPilot;
let isOnline: boolean;
let aheadMs: number;
const knobs = { checkpointMarginMs: 1000, checkpointEveryMs: 3_600_000 };
beforeEach(async () => {
  [isOnline, aheadMs] = [true, 0];
  world = await openWorld({
    partitions: ['p1', 'p2'],
    clock: { ...hurriedClock, steadyMs: () => hurriedClock.steadyMs() + aheadMs },
  });
  const seats = world.seats as Map<string, Seat>;
  seats.set('p1', { ...seats.get('p1')!, online: () => isOnline });
  pilot = await openPilot(world, knobs);
});
afterEach(() => world.close());

const on = (partition: string) =>
  (['blocks', 'log', 'checkpoint', 'echo'] as const)
    .flatMap((holds) => packsOf(world, holds))
    .filter((pack) => pack.partition === partition && pack.state !== 'dead')
    .map(({ holds, state }) => `${holds} ${state}`);

test('what was being written there ends, new blocks, logs and checkpoints go elsewhere, and what is left is let go', async () => {
  const worker = await world.worker();
  const write = async (key: string) => {
    const where = { bucket: bucketId, key };
    const written = await worker.store.write(where, bodyOf(Buffer.from(`body of ${key}`)), {});
    expect(await publish(worker, written)).toBe('done');
    const row = world.raw.get(keys.block(written.blocks[0]!.id))!;
    return { ...written, place: row };
  };
  const first = await write('one');
  await pilot.checkpointer.tick();
  await expect.poll(() => on('p1')).toEqual(expect.arrayContaining(['log reserved', 'checkpoint sealed']));
  await sleep(300); // nobody writes, so nobody looks at the log

  isOnline = false;
  aheadMs += 1500;
  // Reserved rows go back, open packs are sealed: the heartbeat does it.
  await expect.poll(() => on('p1').filter((pack) => pack.endsWith('reserved'))).toEqual([]);
  await write('two');
  await sleep(200); // and its log
  await expect.poll(() => on('p2')).toContain('log reserved');
  expect(on('p1').filter((pack) => pack.endsWith('reserved'))).toEqual([]);

  for (let round = 0; round < 3; round++) {
    aheadMs += 70_000; // far earlier than an hourly checkpoint
    await pilot.checkpointer.tick();
    await pilot.worker.storage.ledger.close(); // rows of sealed packs are written
  }
  expect(on('p1').filter((pack) => !pack.startsWith('blocks'))).toEqual([]);
  expect(on('p2')).toContain('checkpoint sealed');
  const body = await readAll(worker.store.read(first.blocks, { start: 0, end: first.size }));
  expect(body.toString()).toBe('body of one'); // what lies there is still read
});

test('a log goes even to partitions that take nothing new where there are no others', async () => {
  isOnline = false;
  const seats = world.seats as Map<string, Seat>;
  seats.set('p2', { ...seats.get('p2')!, online: () => false });
  const worker = await world.worker();
  await worker.catalog.commit({ checks: [], writes: [[keys.setting('x'), Buffer.from('y')]] });
  await expect.poll(() => on('p1')).toContain('log reserved');
});
