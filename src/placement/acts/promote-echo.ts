// Makes a block of its echo: the copy that lies on the target already becomes the primary, and not one byte is written. The echo leaves the map
// first: from then on it is ours alone, and nobody else counts it off. Dying in between leaves a pack that no entry names, which the sweeper
// finds; the block is served from where it was.
import { reached } from '../../base/crash-points.ts';
import { Fault } from '../../base/fault.ts';
import type { Catalog, Change } from '../../catalog/catalog.ts';
import { keys } from '../../catalog/keys.ts';
import { encodeBlock } from '../../catalog/records/block.ts';
import { encodeDelta } from '../../catalog/records/delta.ts';
import { decodePack, encodePack } from '../../catalog/records/pack.ts';
import type { EchoMap } from '../../echo/echo.ts';
import type { BlockRow } from '../../model/block.ts';
import type { Echo } from '../../model/echo.ts';
import type { PartitionId } from '../../model/ids.ts';
import type { BlockAt } from '../../objects/copy-blocks.ts';
import { packedBytes } from '../../objects/packed-bytes.ts';
import { verifiedBytes } from '../../objects/read-copies.ts';
import type { Partition } from '../../partition/partition.ts';

export interface PromoteDeps {
  readonly catalog: Catalog;
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
  readonly deltaKey: () => Buffer;
  readonly partition: (id: PartitionId) => Partition | undefined;
  readonly echoes: Pick<EchoMap, 'change'>;
}

/** False: nothing was changed, or the echo is lost; the block is where it was, and may be copied. */
export async function promoteEcho(deps: PromoteDeps, { id, row, version }: BlockAt, echo: Echo): Promise<boolean> {
  if (echo.state !== 'ready' || echo.place === undefined || echo.length !== row.length) return false;
  // Read before the entry is taken: whoever counts the pack off writes its row.
  const pack = await deps.catalog.get(keys.pack(echo.place.pack));
  if (pack === undefined) return false;
  const packRow = decodePack(pack.value);
  if (packRow.state !== 'sealed' || packRow.holds !== 'echo' || packRow.partition !== echo.partition) return false;
  const there: BlockRow = { ...row, partition: echo.partition, ...echo.place, generation: row.generation + 1 };
  if (!(await isSound(deps, id, there))) return false;
  reached('promotion: echo read back');
  if (!(await deps.echoes.change(echo, echo, undefined))) return false;
  reached('promotion: entry taken');
  // The echo is counted already; what it was a copy of dies.
  const delta = encodeDelta({ packs: [[row.pack, -packedBytes(row.length)]], areas: [], buckets: [] });
  const change: Change = {
    checks: [
      [keys.block(id), version],
      [pack.key, pack.version],
    ],
    writes: [
      [keys.block(id), encodeBlock(there)],
      [pack.key, encodePack({ ...packRow, holds: 'blocks', areaPure: row.area })],
      [deps.deltaKey(), delta],
    ],
  };
  const isDone = (await deps.commit(change)) === 'done';
  reached('promotion: flipped');
  return isDone;
}

/** It becomes the only copy. */
async function isSound(deps: PromoteDeps, id: string, there: BlockRow): Promise<boolean> {
  try {
    for await (const _ of verifiedBytes(deps, id, there, { start: 0, end: there.length }));
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}
