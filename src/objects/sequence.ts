// The order of commits inside a key: a hybrid clock in 53 bits that no clock step can turn back.
// Milliseconds since 2020 take the upper bits (good until 2089), 12 bits are left for writes within one millisecond.
import { Fault } from '../base/fault.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeSequence } from '../catalog/records/sequence.ts';

const epochMs = Date.UTC(2020, 0, 1);
const stepsPerMs = 4096;

/** The hybrid clock's reading at a wall time: the least sequence of that millisecond. */
export const sequenceAt = (wallMs: number): number => Math.max(0, Math.floor(wallMs) - epochMs) * stepsPerMs;

/** The next sequence of a key: above its head, above the catalog's watermark, and near the clock. */
export function nextSequence(head: number | undefined, watermark: number, wallMs: number): number {
  const next = Math.max((head ?? -1) + 1, watermark + 1, sequenceAt(wallMs));
  if (!Number.isSafeInteger(next))
    throw new Fault({ kind: 'catalog-failed', message: `sequence ${next} out of range` });
  return next;
}

/** No sequence at or below it is issued any more. */
export async function readWatermark(catalog: Catalog): Promise<number> {
  const row = await catalog.get(keys.watermark());
  return row === undefined ? 0 : decodeSequence(row.value);
}
