// A session is a right to commit: once fenced it is gone for good, at whatever moment that happened.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import { fenceSession, openSession } from '../../../src/objects/session.ts';
import { fenceSessions } from '../../../src/objects/sessions.ts';
import { openWorld, type World } from './world.ts';

const made = { clock: systemClock, random: systemRandom, pid: process.pid };
let world: World;

beforeEach(async () => {
  world = await openWorld();
});

afterEach(() => world.close());

test('a session that is fenced while it is being opened is never had', async () => {
  const { raw } = world;
  const racing: Catalog = {
    get: (key) => raw.get(key),
    range: (from, to, options) => raw.range(from, to, options),
    commit: async (change) => {
      const result = await raw.commit(change);
      await fenceSessions(raw, () => false);
      return result;
    },
    close: () => raw.close(),
  };
  await expect(openSession(racing, made)).rejects.toMatchObject({ fault: { kind: 'session-fenced' } });
});

test('a fenced session knows it and its commits fail', async () => {
  const { raw } = world;
  const session = await openSession(raw, made);
  await session.assertOwn();
  await fenceSession(raw, session.id);
  await fenceSession(raw, session.id); // twice is no error
  await expect(session.assertOwn()).rejects.toMatchObject({ fault: { kind: 'session-fenced' } });
  const change = { checks: [session.check()], writes: [[session.deltaKey(), Buffer.alloc(1)] as const] };
  expect(await raw.commit(change)).toBe('conflict');
});
