// Steps that a trial wants to be carried out without a plan: it writes a file that names a bucket and a partition, and the pilot takes it away. What
// is refused is the trial's to notice: it writes anew.
import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '../catalog/catalog.ts';
import { keys, prefixEnd, tag } from '../catalog/keys.ts';
import { decodeArea } from '../catalog/records/area.ts';
import { readBucket } from '../objects/live-bucket.ts';
import type { PlacementActs } from '../placement/acts/acts.ts';
import type { Step } from '../placement/placement.ts';

export interface StepsOrder {
  readonly kind: 're-home' | 'move' | 'split-area';
  /** With each of its areas. */
  readonly bucket: string;
  readonly to: string;
}

const lookEveryMs = 50;
const areasMax = 1000;
const because = { text: 'a trial wants it' };

export async function followTrialSteps(
  file: string,
  acts: PlacementActs,
  catalog: Catalog,
  from: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (; !signal.aborted; await sleep(lookEveryMs)) {
    const order = takeOrder(file);
    if (order !== undefined) await carryOut(order, acts, catalog, from);
  }
}

function takeOrder(file: string): StepsOrder | undefined {
  try {
    const order = JSON.parse(readFileSync(file, 'utf8')) as StepsOrder;
    rmSync(file);
    return order;
  } catch {
    return undefined; // no order
  }
}

async function carryOut(
  { kind, bucket: name, to }: StepsOrder,
  acts: PlacementActs,
  catalog: Catalog,
  partitions: readonly string[],
) {
  const bucket = (await readBucket(catalog, name))?.bucket.id;
  if (bucket === undefined) return;
  const first = keys.first(tag.area, bucket);
  const rows = await catalog.range(first, prefixEnd(first), { limit: areasMax });
  for (const { id: area, homes } of rows.map(({ value }) => decodeArea(value))) {
    for (const step of stepsOf()) await acts.carryOut(step);
    function stepsOf(): Step[] {
      if (kind === 're-home') return [{ kind, area, from: homes, to: [{ partition: to, weight: 1 }], because }];
      if (kind === 'split-area') return [{ kind, area, home: to, because }];
      const whole = { kind, area, to, bytes: 0, readShare: 1, isWhole: true, startInSec: 0, because };
      return partitions.filter((from) => from !== to).map((from) => ({ ...whole, from }));
    }
  }
}
