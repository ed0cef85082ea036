// The second record: newest checkpoint plus logs, replayed by stamp, give every row of the catalog its last value.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { idOf, keys, tag } from '../../../src/catalog/keys.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import { decodeSetting } from '../../../src/catalog/records/setting.ts';
import { compareRedo, decodeRedo, type RedoEntry } from '../../../src/objects/redo-frame.ts';
import { PackScanner } from '../../../src/pack/pack.ts';
import type { Partition } from '../../../src/partition/partition.ts';
import { type CheckpointNote, noteKey } from '../../../src/upkeep/checkpoint.ts';
import { wantCheckpoint } from '../../../src/upkeep/want-checkpoint.ts';
import { hurriedClock, openWorld, type World } from '../objects-blocks/world.ts';
import { openPilot, packsOf, rowsOf, type TestPilot } from './pilot.ts';

let world: World;
let pilot: TestPilot;
let aheadMs: number;

beforeEach(async () => {
  aheadMs = 0;
  world = await openWorld({ clock: { ...hurriedClock, wallMs: () => hurriedClock.wallMs() + aheadMs } });
  pilot = await openPilot(world);
});
afterEach(() => world.close());

async function entriesOf(partition: Partition, pack: string, bytes: number): Promise<RedoEntry[]> {
  const scanner = new PackScanner();
  const entries: RedoEntry[] = [];
  let payload: Buffer[] = [];
  for await (const chunk of partition.read(pack, [{ start: 0, end: bytes }])) {
    for (const event of scanner.push(chunk)) {
      if (event.event === 'frame-start') payload = [];
      if (event.event === 'payload') payload.push(Buffer.from(event.bytes));
      if (event.event === 'frame') entries.push(...decodeRedo(Buffer.concat(payload)));
    }
  }
  return entries;
}

/** What a rebuild would find, knowing nothing of the catalog but which packs are which. */
async function replayed(): Promise<Map<string, string>> {
  const note = JSON.parse(decodeSetting(world.raw.get(keys.setting('checkpoint'))!.value)) as CheckpointNote;
  const rows = new Map<string, string>();
  const logged: RedoEntry[] = [];
  for (const { key, value } of rowsOf(world, tag.pack)) {
    const { holds, partition, state } = decodePack(value);
    const { partition: at } = world.seats.get(partition)!;
    if (holds === 'blocks' || state === 'dead') continue;
    for await (const { pack, bytes } of at.list()) {
      if (pack !== idOf(key)) continue;
      const entries = await entriesOf(at, pack, bytes);
      if (holds === 'log') logged.push(...entries.filter((entry) => compareRedo(entry, note.from) >= 0));
      else if (note.packs.includes(pack)) {
        for (const { writes } of entries) for (const [k, v] of writes) rows.set(k.toString('hex'), v!.toString('hex'));
      }
    }
  }
  rows.delete(noteKey.toString('hex'));
  for (const { writes } of logged.sort(compareRedo)) {
    for (const [k, v] of writes) {
      if (v === undefined) rows.delete(k.toString('hex'));
      else rows.set(k.toString('hex'), v.toString('hex'));
    }
  }
  return rows;
}

const users = [tag.bucket, tag.current, tag.version] as const;

function standing(): Map<string, string> {
  const rows = new Map<string, string>();
  for (const kind of users)
    for (const { key, value } of rowsOf(world, kind)) rows.set(key.toString('hex'), value.toString('hex'));
  return rows;
}

test('rows that change before, during and after a checkpoint come back as they stand', async () => {
  const workers = [await world.worker(), await world.worker()];
  const change = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n++) {
      const { catalog } = workers[n % 2]!;
      const key = keys.current('0b'.repeat(16), `k${randomBytes(1)[0]! % 40}`);
      const row = await catalog.get(key);
      const value = n % 5 === 4 ? undefined : randomBytes(200);
      await catalog.commit({ checks: [[key, row?.version ?? 'absent']], writes: [[key, value]] });
    }
  };
  await change(100);
  await Promise.all([change(100), pilot.checkpointer.tick()]);
  await change(100);
  for (const worker of workers) await worker.close();
  await pilot.worker.close();

  const rebuilt = await replayed();
  const wanted = standing();
  const found = new Map([...rebuilt].filter(([key]) => users.some((kind) => key.startsWith(kind.toString(16)))));
  expect(found).toEqual(wanted);
});

test('a checkpoint lets go of logs and checkpoints that it makes needless, and of nothing else', async () => {
  const worker = await world.worker();
  const write = () => worker.catalog.commit({ checks: [], writes: [[keys.setting('x'), randomBytes(10)]] });
  const states = (holds: 'log' | 'checkpoint') => packsOf(world, holds).map(({ state }) => state);
  await write();
  await worker.close();
  await pilot.checkpointer.tick();
  expect(states('log')).not.toContain('dead');
  for (let round = 0; round < 2; round++) {
    aheadMs += 3 * 60_000;
    await pilot.checkpointer.tick();
    await pilot.worker.storage.ledger.close(); // rows of sealed packs are written
  }
  expect(states('log')).toContain('dead');
  expect(states('checkpoint').filter((state) => state === 'dead')).toHaveLength(1);
});

test('after a process died with commits unlogged, a checkpoint that is replayed from behind them is due early', async () => {
  pilot = await openPilot(world, { checkpointEveryMs: 3_600_000 });
  const run = 5;
  const ids = () => JSON.parse(decodeSetting(world.raw.get(keys.setting('checkpoint'))!.value)).id as string;
  const wishes = () => world.raw.get(keys.setting('checkpoint-wanted'));
  await pilot.checkpointer.tick();
  const first = ids();
  await wantCheckpoint(world.raw, { reason: 'a kill', run, atMs: hurriedClock.steadyMs() });
  await pilot.checkpointer.tick();
  expect(ids()).toBe(first); // in the same run: not before what it lacks lies behind the margin
  aheadMs += 5 * 60_000;
  await pilot.checkpointer.tick();
  const second = ids();
  expect(second).not.toBe(first);
  expect(wishes()).toBeUndefined();
  await wantCheckpoint(world.raw, { reason: 'a kill', run: -1, atMs: hurriedClock.steadyMs() + aheadMs });
  await pilot.checkpointer.tick(); // of an earlier run: at once
  expect(ids()).not.toBe(second);
  expect(wishes()).toBeUndefined();
  await pilot.checkpointer.tick();
});
