// A pilot over a test world: the doers, to be ticked by hand, and counts of what there is.
import { setTimeout as sleep } from 'node:timers/promises';
import { systemRandom } from '../../../src/base/random.ts';
import { keys, prefixEnd, type Tag, tag } from '../../../src/catalog/keys.ts';
import { decodePack, type PackRow } from '../../../src/catalog/records/pack.ts';
import { AreaSplitter } from '../../../src/upkeep/area-splitter.ts';
import { Checkpointer } from '../../../src/upkeep/checkpoint.ts';
import { Collector } from '../../../src/upkeep/collector.ts';
import { Compactor } from '../../../src/upkeep/compactor.ts';
import { Folder } from '../../../src/upkeep/folder.ts';
import { acquireLease } from '../../../src/upkeep/lease.ts';
import { PackCollector } from '../../../src/upkeep/pack-collector.ts';
import { Control, type UpkeepDeps, type UpkeepKnobs } from '../../../src/upkeep/upkeep-deps.ts';
import type { Worker, World } from '../objects-blocks/world.ts';

export interface TestPilot {
  readonly deps: UpkeepDeps;
  readonly worker: Worker;
  readonly folder: Folder;
  readonly collector: Collector;
  readonly packs: PackCollector;
  readonly compactor: Compactor;
  readonly splitter: AreaSplitter;
  readonly checkpointer: Checkpointer;
}

export async function openPilot(world: World, knobs: Partial<UpkeepKnobs> = {}): Promise<TestPilot> {
  const worker = await world.worker();
  const { clock, seats: partitions } = world;
  const lease = await acquireLease({ catalog: world.raw, clock, session: worker.session.id });
  const deps: UpkeepDeps = {
    storage: worker.storage,
    partitions,
    clock,
    random: systemRandom,
    control: new Control(worker.catalog, lease),
    knobs: {
      readMarginMs: 0,
      dropMarginMs: 0,
      areaBytesMax: 1 << 30,
      areaBytesMin: 1 << 26,
      orphanGraceMs: 0,
      checkpointEveryMs: 0,
      checkpointMarginMs: 120_000,
      compactBytesPerTick: 1 << 26,
      settledMs: 5_000,
      everyMsMax: Number.POSITIVE_INFINITY,
      scrubEveryDays: 0,
      ...knobs,
    },
  };
  const folder = new Folder(world.raw, deps.control);
  return {
    deps,
    worker,
    folder,
    collector: new Collector(deps),
    packs: new PackCollector(deps, folder),
    compactor: new Compactor(deps),
    splitter: new AreaSplitter(deps),
    checkpointer: new Checkpointer(deps),
  };
}

/** Ticks collection until `isDone`, or fails. */
export async function collectUntil(pilot: TestPilot, isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 300; round++) {
    await pilot.folder.tick();
    await pilot.collector.tick();
    await pilot.packs.tick();
    if (await isDone()) return;
    await sleep(10);
  }
  throw new Error('collection does not come to its end');
}

export const rowsOf = (world: World, kind: Tag) =>
  world.raw.range(keys.first(kind), prefixEnd(keys.first(kind)), { limit: 100_000 });

export const packsOf = (world: World, holds: PackRow['holds'] = 'blocks'): PackRow[] =>
  rowsOf(world, tag.pack)
    .map(({ value }) => decodePack(value))
    .filter((pack) => pack.holds === holds);

export async function filesOn(world: World): Promise<number> {
  let files = 0;
  for (const { partition } of world.seats.values()) for await (const _ of partition.list()) files += 1;
  return files;
}
