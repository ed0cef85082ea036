// Partitions that come and go, in the pilot: what makes and removes them, as plans and operators ask for it.
import { secondMs } from '../base/units.ts';
import { keys } from '../catalog/keys.ts';
import { decodeUsage } from '../catalog/records/delta.ts';
import type { MadePartition } from '../catalog/records/partition.ts';
import { unknownCapacity } from '../model/capacity.ts';
import type { PartitionId } from '../model/ids.ts';
import type { Outcome } from '../placement/acts/outcome.ts';
import { PartitionActs } from '../placement/acts/partition-acts.ts';
import { whatLiesThere } from '../placement/acts/what-lies-there.ts';
import { type Control, DoerLoop, type DoerStatus } from '../upkeep/upkeep.ts';
import { grantedCapacities } from './granted-capacity.ts';
import { byOf, placeOf } from './live-partitions.ts';
import type { Ground } from './open-ground.ts';
import { madeBy, makePlace, removePlace } from './places.ts';
import { Refusal } from './refusal.ts';

type Params = Readonly<Record<string, unknown>>;

export interface ComingAndGoing {
  /** What plans are carried out by. */
  readonly acts: PartitionActs;
  status(): readonly DoerStatus[];
  /** `partitions.list`, `.add`, `.drain`, `.retire`. */
  answer(method: string, params: Params): Promise<object>;
  stop(): Promise<void>;
}

/** Whoever asked is told that it goes on: a backend may be slow to say no. */
const patienceMs = 20 * secondMs;

/** `control`: whose commits are logged. */
export function letComeAndGo(ground: Ground, control: Control): ComingAndGoing {
  const { config, clock, log, storage, partitions } = ground;
  const tools = { clock, random: ground.random };
  const placed = (id: PartitionId, made: MadePartition) => {
    const place = placeOf(config, id, made);
    if (place === undefined) throw new Error(`the configuration names no pool ${made.pool} any more`);
    return place;
  };
  const acts = new PartitionActs({
    catalog: storage.catalog,
    commit: (change) => control.commit(change),
    live: () => partitions.live(),
    look: () => partitions.look(),
    pools: () =>
      config.pools.map((pool) => ({
        name: pool.name,
        max: pool.max,
        member(n) {
          const { id, made } = madeBy(pool, n);
          const there = partitions.live().filter((one) => one.id !== id);
          const place = { ...placed(id, made), duty: 'online' };
          const capacity = grantedCapacities([...there, place], config.capacityDomains).get(id) ?? unknownCapacity;
          return { id, made, capacity };
        },
      })),
    places: {
      make: (id, made) => makePlace(placed(id, made), tools),
      remove: async (id, made) => await removePlace(placed(id, made), tools),
    },
    clock,
    graceMs: config.retiredGraceMs,
    onFailed: (partition, because) => log.error({ partition, because }, 'a partition could not come or go'),
  });
  const stopping = new AbortController();
  const loop = new DoerLoop([acts], {
    clock,
    signal: stopping.signal,
    onError: (doer, err) => log.error({ doer, err }, 'partitions cannot come and go; it is tried again'),
    everyMsMax: Number.POSITIVE_INFINITY,
  });
  const ended = loop.ended.catch(() => {}); // who leads no more is told so by upkeep
  return {
    acts,
    status: () => loop.status(),
    async answer(method, params) {
      if (method === 'partitions.list') return { partitions: await listPartitions(ground, acts), pools: acts.pools() };
      const name = params.name;
      if (typeof name !== 'string' || name === '') throw new Refusal('bad-request', 'name is required');
      if (method === 'partitions.drain') return answered(await acts.carryOut(stepOf('drain', name), 'operator'));
      if (method === 'partitions.retire') return answered(await acts.carryOut(stepOf('retire', name), 'operator'));
      if (method !== 'partitions.add') throw new Refusal('not-found', `there is no call ${method}`);
      const patience = new AbortController();
      const late = clock.sleep(patienceMs, patience.signal).then(
        (): Outcome => ({
          outcome: 'begun',
          because: `${name} takes its time; "echogate partition list" shows what becomes of it`,
        }),
      );
      late.catch(() => {});
      try {
        return answered(await Promise.race([acts.add(name), late]));
      } finally {
        patience.abort();
      }
    },
    async stop() {
      stopping.abort();
      await ended;
      await acts.settled();
    },
  };
}

const stepOf = (kind: 'drain' | 'retire', partition: PartitionId) =>
  ({ kind, partition, because: { text: 'an operator wants it' } }) as const;

function answered({ outcome, because }: Outcome): object {
  if (outcome === 'refused') throw new Refusal('conflict', because);
  return { outcome, message: because };
}

async function listPartitions({ config, storage, partitions }: Ground, acts: PartitionActs): Promise<object[]> {
  const { catalog } = storage;
  const granted = grantedCapacities(partitions.live(), config.capacityDomains);
  const rows = acts.rows();
  const live = partitions.live().map((each) => ({ ...each, duty: each.duty as string }));
  const known = new Set(live.map(({ id }) => id));
  // Those that are being made or removed are used by nobody.
  const others = [...rows].flatMap(([id, row]) => {
    const { duty, made } = row;
    return known.has(id) || made === undefined ? [] : [{ ...made, id, duty, by: byOf(row), capacityBytes: undefined }];
  });
  return await Promise.all(
    [...live, ...others].map(async ({ id, pool, duty, by, capacityDomain, failureDomain, capacityBytes }) => {
      const usage = await catalog.get(keys.usage('partition', id));
      const row = rows.get(id);
      return {
        ...{ id, pool, duty, by, capacityDomain, failureDomain, capacityBytes },
        since: row && new Date(row.sinceMs).toISOString(),
        health: partitions.seats.get(id)?.health?.state,
        granted: granted.get(id)?.load,
        storedBytes: usage === undefined ? 0 : Math.max(0, decodeUsage(usage.value).bytes),
        holds: duty === 'draining' ? ((await whatLiesThere(catalog, id)) ?? 'nothing') : undefined,
      };
    }),
  );
}
