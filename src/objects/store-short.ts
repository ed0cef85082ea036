// A body that is had in one piece becomes one block, or none, without all that cuts longer ones.
import type { ByteBudget } from '../base/budget.ts';
import type { Clock } from '../base/clock.ts';
import { type Random, timedId } from '../base/random.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { sliceCrcsOf } from '../pack/pack.ts';
import { type PlaceDeps, placeBlock, type StoredBlock } from './place-block.ts';
import { SenderPace } from './sender-pace.ts';

export interface ShortDeps extends PlaceDeps {
  readonly budget: ByteBudget;
  readonly random: Random;
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>;
}

export interface ShortBody {
  /** What it is charged until it has come. */
  readonly length: number;
  readonly atOnce: () => Promise<Uint8Array>;
}

/** `wanted`: partitions, best first. Refused soon where too many bodies are under way. */
export async function storeShort(
  deps: ShortDeps,
  { length, atOnce }: ShortBody,
  wanted: readonly PartitionId[],
  area: AreaId,
): Promise<StoredBlock[]> {
  const { budget, random, clock } = deps;
  const pace = new SenderPace();
  let charged = 0;
  let hasCome = false;
  // A sender that lets others wait goes without.
  const isSilent = (): boolean => !hasCome && pace.isSilent(clock.monotonicMs());
  const press = (): boolean => {
    if (isSilent()) giveBack();
    return hasCome;
  };
  const share = budget.join({ press, isSilent });
  const giveBack = (): void => {
    if (charged > 0) share.give(charged);
    charged = 0;
  };
  try {
    await share.take(length);
    charged = length;
    pace.asked(clock.monotonicMs());
    const bytes = await atOnce();
    if (charged === 0) await share.take(bytes.length);
    charged ||= bytes.length;
    hasCome = true;
    if (bytes.length === 0) return [];
    const id = timedId(random, clock.wallMs());
    const block = { id, length: bytes.length, chunks: [bytes], sliceCrcs: sliceCrcsOf(bytes) };
    return [await placeBlock(deps, block, wanted, area)];
  } finally {
    share.end();
    giveBack();
  }
}
