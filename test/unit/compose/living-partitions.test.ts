// The partitions of a process while rows come, change and go.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { encodePartition, type MadePartition, type PartitionRow } from '../../../src/catalog/records/partition.ts';
import { livePartitions } from '../../../src/compose/live-partitions.ts';
import { LivingPartitions } from '../../../src/compose/living-partitions.ts';
import { makePlace } from '../../../src/compose/places.ts';
import type { PartitionConfig, PoolConfig } from '../../../src/config/config.ts';
import { createLogger } from '../../../src/telemetry/telemetry.ts';
import { openWorld, type World } from '../objects-blocks/world.ts';

const domains = { capacityDomain: 'd', failureDomain: 'd' };
const configured = (id: string, duty: PartitionConfig['duty'] = 'online', more = {}): PartitionConfig => ({
  ...{ id, duty, directory: `/nowhere/${id}` },
  ...domains,
  ...more,
});
const pool = (name: string, more: Partial<PoolConfig> = {}): PoolConfig => ({ name, max: 3, ...domains, ...more });
const made = (more: Partial<MadePartition> = {}): MadePartition => ({
  ...{ pool: 'spare', number: 1, place: { directory: '/made/1' } },
  ...{ capacityDomain: 'then', failureDomain: 'then' },
  ...more,
});
const row = (duty: PartitionRow['duty'], of?: MadePartition): PartitionRow => ({
  duty,
  sinceMs: 0,
  ...(of && { made: of }),
});

describe('which partitions there are', () => {
  it('is what the file names, and what was made, without what comes or goes', () => {
    const rows = new Map([
      ['spare-1', row('online', made())],
      ['spare-2', row('coming', made({ number: 2 }))],
      ['spare-3', row('going', made({ number: 3 }))],
      ['old-1', row('draining', made({ pool: 'old' }))],
    ]);
    const quota = { readOps: 5 };
    const live = livePartitions(
      { partitions: [configured('p1')], pools: [pool('spare', { directory: '/now/{n}', quota })] },
      rows,
    );
    expect(live.map(({ id, duty, pool: of }) => [id, duty, of])).toEqual([
      ['p1', 'online', undefined],
      ['spare-1', 'online', 'spare'],
      ['old-1', 'draining', 'old'],
    ]);
    // Where it was made it stays; what it may, its pool says now.
    expect(live[1]).toMatchObject({ directory: '/made/1', capacityDomain: 'then', quota });
    expect(live[2]).toMatchObject({ directory: '/made/1' });
  });

  it('leaves out a bucket whose pool is gone: nobody has its keys', () => {
    const rows = new Map([['cloud-1', row('online', made({ pool: 'cloud', place: { bucket: 'b' } }))]]);
    expect(livePartitions({ partitions: [], pools: [] }, rows)).toEqual([]);
    const s3 = { endpoint: 'http://h', bucket: 'other-{n}', region: 'r', pathStyle: true, createBucket: true };
    const credentials = { accessKey: 'A', secretKey: 'S' };
    const [live] = livePartitions(
      { partitions: [], pools: [pool('cloud', { s3: { ...s3, credentials }, max: 1 })] },
      rows,
    );
    expect(live).toMatchObject({ id: 'cloud-1', s3: { bucket: 'b', endpoint: 'http://h', credentials } });
  });

  it.each([
    ['online', undefined, 'online'],
    ['online', 'draining', 'draining'],
    ['online', 'retired', 'retired'],
    ['draining', undefined, 'draining'],
    ['offline', 'draining', 'offline'],
    ['draining', 'retired', 'retired'],
  ] as const)('the file says %s, the row %s: %s', (file, duty, wanted) => {
    const rows = new Map(duty === undefined ? [] : [['p1', row(duty)]]);
    expect(livePartitions({ partitions: [configured('p1', file)], pools: [] }, rows)[0]?.duty).toBe(wanted);
  });
});

describe('a process', () => {
  let world: World;
  let living: LivingPartitions;
  const tools = { clock: systemClock, random: systemRandom };
  const directory = () => join(world.folder, 'made-1');
  const write = (id: string, value: PartitionRow | undefined) =>
    world.raw.commit({ checks: [], writes: [[keys.partition(id), value && encodePartition(value)]] });
  beforeEach(async () => {
    world = await openWorld({ partitions: [] });
    const place = { ...configured('spare-1'), directory: directory() };
    await (await makePlace(place, tools)).close();
    living = await LivingPartitions.open({
      ...tools,
      config: {
        partitions: [configured('p1', 'online', { directory: join(world.folder, 'p1'), capacityBytes: 100 })],
        pools: [],
      },
      catalog: world.raw,
      log: createLogger({ level: 'silent', role: 'test' }),
      recorder: { note() {} },
    });
  });
  afterEach(async () => {
    await living.close();
    await world.close();
  });
  const place = () => made({ place: { directory: directory() } });

  it('finds one that it has not heard of at once, when it is asked for', async () => {
    expect(living.seats.has('spare-1')).toBe(false);
    await write('spare-1', row('online', place()));
    expect([...living.seats.keys()]).toEqual(['p1']); // nobody has asked yet
    const seat = living.seats.get('spare-1');
    expect(await seat?.partition.probe()).toMatchObject({ ok: true });
    expect([...living.seats.keys()]).toEqual(['p1', 'spare-1']);
    expect(living.seats.get('spare-1')).toBe(seat);
  });

  it('takes in changed duties and capacities within a second, and lets go of what has gone', async () => {
    living.watch(systemClock, (error) => expect.fail(String(error)));
    expect(living.seats.get('p1')?.capacityWeight).toBe(100);
    await write('spare-1', row('online', place()));
    await expect.poll(() => living.seats.size, { timeout: 1000 }).toBe(2);
    expect(living.seats.get('p1')?.capacityWeight).toBe(1); // not all of them state one
    const seat = living.seats.get('spare-1')!;
    expect([seat.online?.(), living.isLeaving('spare-1')]).toEqual([true, false]);
    await write('spare-1', row('draining', place()));
    await expect.poll(() => seat.online?.(), { timeout: 1000 }).toBe(false);
    expect(living.isLeaving('spare-1')).toBe(true);
    await write('spare-1', row('going', place()));
    await expect.poll(() => living.seats.has('spare-1'), { timeout: 1000 }).toBe(false);
    expect(living.live().map(({ id }) => id)).toEqual(['p1']);
  });

  it('never makes anew what was made before: a disk that is not mounted must not look empty', async () => {
    await write('lost-1', row('online', made({ place: { directory: join(world.folder, 'lost') } })));
    const probe = await living.seats.get('lost-1')?.partition.probe();
    expect(probe).toMatchObject({ ok: false, message: expect.stringMatching(/holds no partition|not there|ENOENT/) });
  });
});
