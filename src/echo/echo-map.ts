// Port: metadata level 3, block ↔ echoes. Entries change by compare-and-set alone, so a claim, its end and a removal need no lock: whoever was
// overtaken is told so. What is lost of it costs time, never a wrong byte.
import type { Echo, EchoName } from '../model/echo.ts';
import type { BlockId } from '../model/ids.ts';

/** The map cannot be asked: told where it is known, so that not everybody who does without it tells it again. */
export class EchoMapAway extends Error {
  override readonly name = 'EchoMapAway';
  constructor(cause?: unknown) {
    super('the echo map is away', { cause });
  }
}

/** Rejects, or throws, when the map is away; whoever reads goes on without echoes. */
export interface EchoMap {
  /** Of one block, in order of partition. What other processes changed in the last moment may be missing. */
  of(block: BlockId): readonly Echo[] | Promise<readonly Echo[]>;
  /** `count` at most, in an order of the map's own, those after `after`; an entry that stays meanwhile is seen once. */
  page(after: EchoName | undefined, count: number): Promise<readonly Echo[]>;
  /** `next` in place of `known`; undefined: no entry. False when there was another one: nothing is changed then. */
  change(name: EchoName, known: Echo | undefined, next: Echo | undefined): Promise<boolean>;
  close(): Promise<void>;
}
