// Reads echoes back, one at a time and slowly: one that nobody has read for long may have rotted, and would fail whoever comes when its home is down.
import { secondMs } from '../../base/units.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { keys } from '../../catalog/keys.ts';
import { decodeBlock } from '../../catalog/records/block.ts';
import type { Echo, EchoName } from '../../model/echo.ts';
import type { PartitionId } from '../../model/ids.ts';
import { isNotThere } from '../../objects/copies.ts';
import { verifiedBytes } from '../../objects/read-copies.ts';
import type { Partition } from '../../partition/partition.ts';
import type { EchoMap } from '../echo.ts';
import { type DropDeps, dropEcho } from './drop-echo.ts';

export interface EchoScrubDeps extends DropDeps {
  readonly map: Pick<EchoMap, 'page' | 'change'>;
  readonly catalog: Catalog;
  readonly partition: (id: PartitionId) => Partition | undefined;
  readonly onBroken: (echo: Echo) => void;
}

export class EchoScrubber {
  readonly name = 'echo-scrubber';
  readonly everyMs = 10 * secondMs;
  readonly #deps: EchoScrubDeps;
  /** The walk goes on behind it. */
  #after: EchoName | undefined;

  constructor(deps: EchoScrubDeps) {
    this.#deps = deps;
  }

  async tick(): Promise<void> {
    const [echo] = await this.#deps.map.page(this.#after, 1);
    this.#after = echo;
    if (echo?.place === undefined || (await this.#isSound(echo))) return;
    if (await dropEcho(this.#deps, echo)) this.#deps.onBroken(echo);
  }

  /** Also when it cannot be told: its partition is away. */
  async #isSound({ block, partition, length, place }: Echo): Promise<boolean> {
    const row = await this.#deps.catalog.get(keys.block(block));
    if (row === undefined || place === undefined) return true; // the sweeper's
    const there = { ...decodeBlock(row.value), partition, ...place };
    try {
      for await (const _ of verifiedBytes(this.#deps, block, there, { start: 0, end: length }));
      return true;
    } catch (error) {
      return !isNotThere(error);
    }
  }
}
