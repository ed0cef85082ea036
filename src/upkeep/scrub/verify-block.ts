// Reads one block whole where a row says that it lies, and says what is wrong with it.
import { Fault } from '../../base/fault.ts';
import type { BlockRow } from '../../model/block.ts';
import type { BlockId } from '../../model/ids.ts';
import { verifiedBytes } from '../../objects/read-copies.ts';
import type { SeatMap } from '../../objects/seats.ts';

export interface Damage {
  readonly said: string;
  /** The partition gave no answer that says something of the bytes. */
  readonly isDown: boolean;
}

/** `undefined`: every slice has its CRC. */
export async function damageOf(partitions: SeatMap, id: BlockId, row: BlockRow): Promise<Damage | undefined> {
  const partition = (name: string) => partitions.get(name)?.partition;
  try {
    for await (const _ of verifiedBytes({ partition }, id, row, { start: 0, end: row.length }));
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { kind } = error.fault;
    return { said: saidOf(error), isDown: kind === 'partition-down' || kind === 'partition-busy' };
  }
}

function saidOf({ fault }: Fault): string {
  switch (fault.kind) {
    case 'block-corrupt':
      return 'a slice does not have its CRC';
    case 'pack-missing':
      return 'its pack is not there';
    case 'pack-short':
      return `its pack ends at ${fault.size}`;
    case 'partition-down':
      return `partition ${fault.partition}: ${fault.message}`;
    default:
      return fault.kind;
  }
}
