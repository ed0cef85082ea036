// What a read does with an echo map: it asks only when its primary is in trouble, and does without one that cannot be asked.
import { expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import type { Echo } from '../../../src/model/echo.ts';
import { Copies } from '../../../src/objects/copies.ts';
import { PartitionHealth } from '../../../src/partition/health.ts';

const block = 'ab'.repeat(16);
const row = { partition: 'p1', pack: 'cd'.repeat(16), offset: 0, length: 10, sliceCrcs: [1], area: 'a', generation: 0 };

function world(of: () => Promise<readonly Echo[]>) {
  const home = new PartitionHealth();
  for (let at = 0; at < 40; at++) home.note('good', at, 1);
  for (let at = 0; at < 40; at++) home.note('good', 1000 + at, 50);
  const healths = new Map([
    ['p1', home],
    ['p2', new PartitionHealth()],
  ]);
  const told: string[] = [];
  const copies = new Copies({
    echoes: { of },
    health: (id) => healths.get(id),
    usualInFlight: () => 0,
    clock: systemClock,
    dice: () => 0,
    watcher: {
      chosen: (because, copy) => told.push(`${copy}: ${because}`),
      missed: () => told.push('missed'),
      hedged: () => {},
      broken: () => {},
    },
  });
  return { copies, told, home };
}

async function tried(of: () => Promise<readonly Echo[]>) {
  const { copies, told } = world(of);
  const order: string[] = [];
  for await (const { copy } of copies.inTurn(block, row, {})) order.push(copy);
  return { order, told };
}

it('misses an echo where the map says that there is none', async () => {
  expect(await tried(async () => [])).toEqual({ order: ['primary'], told: ['primary: no-echo', 'missed'] });
});

it('reads the primary and misses nothing while the map is away: nothing could be made', async () => {
  const away = async (): Promise<never> => {
    throw new Error('away');
  };
  expect(await tried(away)).toEqual({ order: ['primary'], told: ['primary: no-echo'] });
});

it('finds out that a primary does well again, where all that is read of it has echoes', async () => {
  const place = { pack: 'ef'.repeat(16), offset: 0 };
  const echo: Echo = { block, partition: 'p2', state: 'ready', length: 10, sinceMs: 0, isPinned: false, place };
  const { copies, home } = world(async () => [echo]);
  const first = { primary: 0, echo: 0 };
  let reads = 0;
  for (; home.isSlow && reads < 100_000; reads++) {
    for await (const { copy } of copies.inTurn(block, row, {})) {
      first[copy === 'primary' ? 'primary' : 'echo'] += 1;
      if (copy === 'primary') home.note('good', 5000 + reads, 1);
      break;
    }
  }
  expect(home.isSlow).toBe(false);
  expect(first.primary / reads).toBeLessThan(0.01);
});
