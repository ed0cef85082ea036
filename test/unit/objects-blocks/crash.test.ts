// kill -9 in the middle of writes: whatever was acknowledged reads back, and whatever was not is collected to nothing.
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fenceSessions } from '../../../src/objects/sessions.ts';
import { takeCensus } from '../../../src/upkeep/upkeep.ts';
import { type Compiled, compiled } from '../../contract/compiled.ts';
import { collectUntil, filesOn, openPilot, packsOf } from '../upkeep/pilot.ts';
import type { Acknowledged } from './crash-child.ts';
import { hurriedClock, openWorld, readAll } from './world.ts';

let program: Compiled;

beforeAll(async () => {
  program = await compiled('test/unit/objects-blocks/crash-child.ts');
});
afterAll(() => program.remove());

async function writeUntilKilled(folder: string, count: number): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  const child = fork(program.file, [folder], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const closed = once(child, 'close');
  await new Promise<void>((resolve, reject) => {
    child.on('message', (report: Acknowledged) => {
      if (acknowledged.push(report) === count) resolve();
    });
    child.on('exit', () => reject(new Error('the child ended by itself')));
  });
  child.kill('SIGKILL');
  await closed;
  return acknowledged;
}

test('nothing acknowledged is lost, nothing else stays', async () => {
  const world = await openWorld({ clock: hurriedClock, partitions: ['p1', 'p2'] });
  try {
    const acknowledged = [...(await writeUntilKilled(world.folder, 60)), ...(await writeUntilKilled(world.folder, 25))];
    expect(acknowledged.length).toBeGreaterThanOrEqual(85);
    expect(await fenceSessions(world.raw)).toBe(2);
    const atFirst = await takeCensus(world.raw, world.seats);
    expect(atFirst.fencedSessions).toBe(2);
    expect(atFirst.abandonedPacks).toBeGreaterThan(0);
    const pilot = await openPilot(world);
    const check = async (): Promise<void> => {
      for (const { blocks, size, sha } of acknowledged) {
        const bytes = await readAll(pilot.worker.store.read(blocks, { start: 0, end: size }));
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha);
      }
    };
    await check();

    // Collection knows which of the packs that were left behind hold something, and keeps just those.
    const left = () => packsOf(world).filter(({ session }) => session !== pilot.worker.session.id);
    await collectUntil(pilot, () => left().every(({ state }) => state === 'sealed'));
    await check();
    const census = await takeCensus(world.raw, world.seats);
    expect(census.abandonedPacks).toBe(0);
    for (const one of census.partitions.values()) {
      expect({ ...one, packs: 0, packBytes: 0, liveBytes: 0 }).toEqual({
        packs: 0,
        packBytes: 0,
        liveBytes: 0,
        orphanPacks: 0,
        missingPacks: 0,
      });
      expect(one.liveBytes).toBeLessThanOrEqual(one.packBytes);
    }
    expect(await filesOn(world)).toBe(left().length + packsOf(world, 'log').length);
    expect(left().length).toBeGreaterThan(0);
  } finally {
    await world.close();
  }
});
