// Why the reads of an object go where they go: its home and its echoes as this worker sees them, how many echoes are wanted and who says so, and
// which copy a read would try now.
import { keys } from '../catalog/keys.ts';
import { decodeBlock } from '../catalog/records/block.ts';
import { pinnedCount } from '../echo/acts/pins.ts';
import type { BlockRef } from '../model/block.ts';
import type { BlockId, PartitionId } from '../model/ids.ts';
import type { PartitionHealth } from '../partition/health.ts';
import { heatedMax } from '../telemetry/telemetry.ts';
import type { OpenEchoTools } from './echo-calls.ts';
import { described } from './list-echoes.ts';
import { type ObjectName, objectBlocks } from './object-blocks.ts';

/** Enough to see what goes on; they are read in turn. */
const blocksShownMax = 8;

export async function explainEchoes(tools: OpenEchoTools, name: ObjectName): Promise<object> {
  const { blocks, isMore } = await objectBlocks(tools, name, blocksShownMax);
  const { count, rule } = tools.echoes.wanted(name.bucket, name.key);
  const wanted = { count, because: rule === undefined ? 'default' : 'rule', ...(rule && { rule }) };
  const heat = await heats(tools);
  const shown: object[] = [];
  for (const block of blocks) shown.push(await explainBlock(tools, block, wanted, heat?.get(block.id)));
  return { ...name, mode: tools.echoes.mode, wanted, blocks: shown, isMore };
}

async function explainBlock(
  tools: OpenEchoTools,
  { id, length }: BlockRef,
  wanted: object,
  heat: number | undefined,
): Promise<object> {
  const { catalog, echoes, clock } = tools;
  const found = await catalog.get(keys.block(id));
  if (found === undefined) return { block: id, bytes: length, isGone: true };
  const row = decodeBlock(found.value);
  const pinned = await pinnedCount(catalog, id);
  const known = await echoes.map.of(id);
  const replicas = echoes.copies.replicasOf(row.partition);
  const { order, because } = await echoes.copies.look(id, row);
  return {
    block: id,
    bytes: length,
    wanted: pinned === undefined ? wanted : { count: pinned, because: 'pin' },
    ...(heat !== undefined && { heat: Math.round(heat) }),
    home: healthOf(tools, row.partition),
    echoes: known.map((echo) => ({ ...described(echo, clock.steadyMs()), at: healthOf(tools, echo.partition) })),
    ...(replicas.length > 0 && {
      replicas: replicas.map(({ of, partition, health }) => ({ ...shownHealth(partition.id, health), replicaOf: of })),
    }),
    read: {
      because,
      order: order.map(({ partition }) => (partition === row.partition ? 'primary' : `echo:${partition}`)),
    },
  };
}

/** As this worker sees it. */
const healthOf = ({ partitions }: OpenEchoTools, partition: PartitionId): object =>
  shownHealth(partition, partitions.get(partition)?.health);

function shownHealth(partition: PartitionId, health: PartitionHealth | undefined): object {
  if (health === undefined) return { partition, state: 'unknown' };
  const { state, inFlight, limit, latencyMs, usualMs } = health;
  const known = Number.isNaN(latencyMs) ? {} : { latencyMs: rounded(latencyMs), usualMs: rounded(usualMs) };
  return { partition, state, inFlight, limit: Math.floor(limit), ...known };
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

/** Reads of the last minute or so, of the hottest blocks. */
async function heats({ counters }: OpenEchoTools): Promise<ReadonlyMap<BlockId, number> | undefined> {
  try {
    const hottest = await counters.store?.hottest(heatedMax, counters.clock.wallMs() / 1000);
    return hottest && new Map(hottest.map(({ block, heat }) => [block, heat]));
  } catch {
    return undefined; // the counters are away; the rest is worth knowing
  }
}
