// Rows of one ring between two times, in order.
import type { Catalog } from '../catalog/catalog.ts';
import { after, keys } from '../catalog/keys.ts';
import { decodeDemandBin } from '../catalog/records/demand-bin.ts';
import type { BinCounts } from '../telemetry/telemetry.ts';

const pageRows = 500;

/** Bins of `stepSec` that start in [fromSec, toSec). */
export async function readRing(
  catalog: Catalog,
  stepSec: number,
  fromSec: number,
  toSec: number,
): Promise<BinCounts[]> {
  const bins: BinCounts[] = [];
  const end = keys.demandBin(stepSec, Math.max(0, Math.ceil(toSec)));
  let from: Buffer = keys.demandBin(stepSec, Math.max(0, Math.ceil(fromSec)));
  for (;;) {
    const rows = await catalog.range(from, end, { limit: pageRows });
    for (const { value } of rows) bins.push(decodeDemandBin(value));
    if (rows.length < pageRows) return bins;
    from = after(rows.at(-1)!.key);
  }
}
