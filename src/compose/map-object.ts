// An object from its version down to the copies of its blocks: where each lies, how often it is read, which echoes it has and how far they are.

import { EchoMapAway, readsPerSec } from '../echo/echo.ts';
import type { Echo } from '../model/echo.ts';
import type { BlockId } from '../model/ids.ts';
import type { Objects } from '../objects/objects.ts';
import { heatedMax } from '../telemetry/telemetry.ts';
import { describeObject } from './describe-object.ts';
import type { EchoTools } from './echo-calls.ts';

/** Enough to see what goes on; further ones are counted. */
const blocksShownMax = 200;

type MapTools = Pick<EchoTools, 'catalog' | 'counters' | 'echoes'> & { readonly objects: Objects };

export async function mapObject(tools: MapTools, name: { readonly bucket: string; readonly key: string }) {
  const { blocks, ...object } = await describeObject(tools, { ...name, versionId: undefined });
  const heats = await heatsOf(tools);
  const shown = await Promise.all(
    blocks.slice(0, blocksShownMax).map(async ({ id, start, length, partition, generation }) => {
      const heat = heats?.get(id);
      return {
        ...{ block: id, start, length, partition, generation },
        // Nothing is known where nobody counts; of a block that is not among the hottest, that it is read seldom.
        ...(heats !== undefined && { readsPerSec: heat === undefined ? 0 : readsPerSec(heat) }),
        echoes: await echoesOf(tools, id),
      };
    }),
  );
  return { ...object, blocks: shown, countsReads: heats !== undefined };
}

async function heatsOf({ counters }: MapTools): Promise<ReadonlyMap<BlockId, number> | undefined> {
  try {
    const hottest = await counters.store?.hottest(heatedMax, counters.clock.wallMs() / 1000);
    return hottest && new Map(hottest.map(({ block, heat }) => [block, heat]));
  } catch {
    return undefined; // the counters are away; the rest is worth knowing
  }
}

async function echoesOf(
  { echoes }: MapTools,
  block: BlockId,
): Promise<Pick<Echo, 'partition' | 'state' | 'isPinned'>[]> {
  try {
    const found = (await echoes?.map.of(block)) ?? [];
    return found.map(({ partition, state, isPinned }) => ({ partition, state, isPinned }));
  } catch (error) {
    if (error instanceof EchoMapAway) return [];
    throw error;
  }
}
