// Counts anew what the usage rows count: live bytes of packs and partitions, those of echoes among them, and stored bytes of areas.
import type { Catalog, Write } from '../catalog/catalog.ts';
import { keys, tag } from '../catalog/keys.ts';
import { decodeBlock } from '../catalog/records/block.ts';
import { encodeUsage } from '../catalog/records/delta.ts';
import { decodeEcho } from '../catalog/records/echo.ts';
import type { PackRow } from '../catalog/records/pack.ts';
import type { AreaId, PackId, PartitionId } from '../model/ids.ts';
import { packedBytes } from '../objects/packed-bytes.ts';
import { walkKind } from './walk-rows.ts';
import { writeInSteps } from './write-in-steps.ts';

export interface Recount {
  readonly packs: Map<PackId, number>;
  readonly partitions: Map<PartitionId, number>;
  readonly areas: ReadonlyMap<AreaId, number>;
}

export async function recount(catalog: Catalog, packs: ReadonlyMap<PackId, PackRow>): Promise<Recount> {
  const counts = {
    packs: new Map<string, number>(),
    partitions: new Map<string, number>(),
    areas: new Map<string, number>(),
  };
  const add = (to: Map<string, number>, name: string, bytes: number) => void to.set(name, (to.get(name) ?? 0) + bytes);
  const addLive = (pack: PackId, length: number): void => {
    add(counts.packs, pack, packedBytes(length));
    const partition = packs.get(pack)?.partition;
    if (partition !== undefined) add(counts.partitions, partition, packedBytes(length));
  };
  for await (const { value } of walkKind(catalog, tag.block)) {
    const { pack, length, area } = decodeBlock(value);
    addLive(pack, length);
    add(counts.areas, area, length);
  }
  for await (const { value } of walkKind(catalog, tag.echo)) {
    const { place, length } = decodeEcho(value);
    if (place !== undefined) addLive(place.pack, length);
  }
  return counts;
}

/** Replaces all totals by recounted ones; nothing is left to be folded. */
export async function writeUsage(catalog: Catalog, { packs, partitions, areas }: Recount): Promise<void> {
  const old: Write[] = [];
  for (const kind of [tag.usage, tag.delta] as const) {
    for await (const { key } of walkKind(catalog, kind)) old.push([key, undefined]);
  }
  const row = (kind: 'pack' | 'partition' | 'area') =>
    (([name, bytes]) => [keys.usage(kind, name), encodeUsage({ objects: 0, bytes })]) satisfies (
      one: readonly [string, number],
    ) => Write;
  await writeInSteps(catalog, old);
  await writeInSteps(catalog, [...packs].map(row('pack')));
  await writeInSteps(catalog, [...partitions].map(row('partition')));
  await writeInSteps(catalog, [...areas].map(row('area')));
}
