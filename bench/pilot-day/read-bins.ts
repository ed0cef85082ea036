// The day as the gateway itself counted it, bin by bin, beside what it had published of each bin before.
import { join } from 'node:path';
import { openLmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import { keys } from '../../src/catalog/keys.ts';
import { decodeDemandBin } from '../../src/catalog/records/demand-bin.ts';
import { stepSec } from '../forecast/replayed-day.ts';
import type { BinRequests, DayBin, Foreseen } from './record.ts';

/** As GET /v1/forecast answers. */
export interface Said {
  readonly levels: readonly number[];
  readonly originSec?: number;
  readonly partitions: readonly {
    readonly partition: string;
    readonly flows: readonly { readonly flow: string; readonly horizon: number; readonly mean: readonly number[] }[];
  }[];
}

interface ReadBins {
  readonly data: string;
  readonly factor: number;
  readonly fromSec: number;
  readonly requests: readonly BinRequests[];
  /** By the start of the bin after which it was said. */
  readonly said: ReadonlyMap<number, Said>;
}

const watchedMin = 0.5;

export async function readBins({ data, factor, fromSec, requests, said }: ReadBins): Promise<DayBin[]> {
  const catalog = openLmdbCatalog({ path: join(data, 'catalog') });
  const bins = requests.map((of, at): DayBin => {
    const startSec = fromSec + at * stepSec;
    const row = catalog.get(keys.demandBin(stepSec, startSec));
    const bin = row && decodeDemandBin(row.value);
    const forecast = foreseenOf(said.get(startSec - stepSec), factor);
    if (bin === undefined || bin.seconds < watchedMin * stepSec)
      return { isWatched: false, demand: [], served: {}, forecast, requests: of };
    const perSec = (count: number): number => rounded((count / Math.min(stepSec, bin.seconds)) * factor);
    const served: Record<string, number> = {};
    for (const { partition, readOps } of bin.served) served[partition] = (served[partition] ?? 0) + perSec(readOps);
    const demand = bin.demand.map(({ area, partition, readOps }) => ({ area, partition, reads: perSec(readOps) }));
    return { isWatched: true, demand, served, forecast, requests: of };
  });
  await catalog.close();
  return bins;
}

function foreseenOf(said: Said | undefined, factor: number): Record<string, Foreseen> {
  const found: Record<string, Foreseen> = {};
  for (const { partition, flows } of said?.partitions ?? []) {
    const row = flows.find(({ flow, horizon }) => flow === 'readOps' && horizon === 1)?.mean;
    if (row === undefined) continue;
    const at = (level: number): number => rounded(row[said!.levels.indexOf(level)]! * factor);
    found[partition] = { q05: at(0.05), median: at(0.5), q90: at(0.9), q95: at(0.95) };
  }
  return found;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
