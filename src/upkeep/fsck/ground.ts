// What several checks need, gathered once and when first wanted: pack rows, what lies on the partitions, who holds what.
import type { Catalog } from '../../catalog/catalog.ts';
import { idOf, tag } from '../../catalog/keys.ts';
import { decodePack, type PackRow } from '../../catalog/records/pack.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import type { PackInfo } from '../../partition/partition.ts';
import { walkKind } from '../walk-rows.ts';
import type { FsckDeps } from './check.ts';
import { gatherHoldings, type Holdings } from './holdings.ts';

/** A partition's packs, or why they cannot be listed. */
export type Listing = ReadonlyMap<PackId, PackInfo> | Error;

export class Ground {
  readonly deps: FsckDeps;
  readonly catalog: Catalog;
  #packs: Promise<ReadonlyMap<PackId, PackRow>> | undefined;
  #listings: Promise<ReadonlyMap<PartitionId, Listing>> | undefined;
  #holdings: Promise<Holdings> | undefined;

  constructor(deps: FsckDeps) {
    this.deps = deps;
    this.catalog = deps.catalog;
  }

  packs(): Promise<ReadonlyMap<PackId, PackRow>> {
    this.#packs ??= packRows(this.catalog);
    return this.#packs;
  }

  listings(): Promise<ReadonlyMap<PartitionId, Listing>> {
    this.#listings ??= listAll(this.deps);
    return this.#listings;
  }

  holdings(): Promise<Holdings> {
    this.#holdings ??= gatherHoldings(this.catalog);
    return this.#holdings;
  }
}

async function packRows(catalog: Catalog): Promise<Map<PackId, PackRow>> {
  const rows = new Map<PackId, PackRow>();
  for await (const row of walkKind(catalog, tag.pack)) rows.set(idOf(row.key), decodePack(row.value));
  return rows;
}

async function listAll({ partitions }: FsckDeps): Promise<Map<PartitionId, Listing>> {
  const listings = new Map<PartitionId, Listing>();
  for (const [id, { partition }] of partitions) {
    const found = new Map<PackId, PackInfo>();
    try {
      for await (const info of partition.list()) found.set(info.pack, info);
      listings.set(id, found);
    } catch (error) {
      listings.set(id, error as Error);
    }
  }
  return listings;
}
