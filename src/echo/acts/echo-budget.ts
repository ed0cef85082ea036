// What all echoes together may take: a share of what is stored.
import type { Clock } from '../../base/clock.ts';
import { MiB, secondMs } from '../../base/units.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { keys, prefixEnd } from '../../catalog/keys.ts';
import { decodeUsage } from '../../catalog/records/delta.ts';
import { packedBytes } from '../../objects/packed-bytes.ts';
import { type EchoMap, firstPart } from '../echo.ts';
import { walkEchoes } from './walk-echoes.ts';

/** However little is stored, a few echoes are no burden. */
const budgetBytesMin = 4 * MiB;
const lookEveryMs = 5 * secondMs;

/**
 * What all echoes may take, by what is stored. It looks now and then, and between looks has its part of what was left: others take at the same
 * time, and all together must not take more.
 */
export class EchoBudget {
  readonly #share: number;
  readonly #part: number;
  readonly #map: EchoMap;
  readonly #catalog: Catalog;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #leftBytes: number;
  #firstBytes: number;
  #takenBytes = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #looking = false;

  /** `part`: of those who make echoes, this one's. */
  constructor(
    { share, part }: { readonly share: number; readonly part: number },
    map: EchoMap,
    catalog: Catalog,
    clock: Pick<Clock, 'monotonicMs'>,
  ) {
    this.#share = share;
    this.#part = part;
    this.#leftBytes = part * budgetBytesMin;
    this.#firstBytes = firstPart * this.#leftBytes;
    this.#map = map;
    this.#catalog = catalog;
    this.#clock = clock;
  }

  /** `isFirst`: for a block that has no echo yet. */
  take(bytes: number, isFirst = true): boolean {
    if (this.#clock.monotonicMs() - this.#lookedMs >= lookEveryMs && !this.#looking) void this.#look();
    if (this.#leftBytes - bytes < (isFirst ? 0 : this.#firstBytes)) return false;
    this.#leftBytes -= bytes;
    this.#takenBytes += bytes;
    return true;
  }

  async #look(): Promise<void> {
    this.#looking = true;
    this.#takenBytes = 0;
    try {
      const [stored, taken] = await Promise.all([storedBytes(this.#catalog), this.#taken()]);
      const budget = budgetOf(stored, this.#share);
      this.#leftBytes = this.#part * (budget - taken) - this.#takenBytes; // the look may have missed what was taken meanwhile
      this.#firstBytes = this.#part * firstPart * budget;
      this.#lookedMs = this.#clock.monotonicMs();
    } catch {
      // What is left by the last look stands.
    } finally {
      this.#looking = false;
    }
  }

  async #taken(): Promise<number> {
    let bytes = 0;
    for await (const { state, length } of walkEchoes(this.#map))
      if (state !== 'descriptor') bytes += packedBytes(length);
    return bytes;
  }
}

const partitionsMax = 10_000;

/** Bytes that echoes may take. */
export const budgetOf = (stored: number, share: number): number =>
  Math.max(budgetBytesMin, (share * stored) / (1 + share)); // what is stored has the echoes in it

/** On all partitions together. */
export async function storedBytes(catalog: Catalog): Promise<number> {
  const from = keys.usage('partition', '');
  const rows = await catalog.range(from, prefixEnd(from), { limit: partitionsMax });
  return rows.reduce((sum, { value }) => sum + Math.max(0, decodeUsage(value).bytes), 0);
}
