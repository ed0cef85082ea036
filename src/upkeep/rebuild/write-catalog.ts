// The new catalog out of the gathered rows: what clients made as it stood; what only says how packs lie and what is counted anew.
// Sessions, leases, heartbeats and half-folded counts belong to the life that is over.
import type { Catalog, Write } from '../../catalog/catalog.ts';
import { idOf, keys, tag, textOf } from '../../catalog/keys.ts';
import { decodeBlock } from '../../catalog/records/block.ts';
import { decodePack, encodePack, type PackRow } from '../../catalog/records/pack.ts';
import { decodePartition, type PartitionRow } from '../../catalog/records/partition.ts';
import { decodeSequence, encodeSequence } from '../../catalog/records/sequence.ts';
import { decodeSetting, encodeSetting } from '../../catalog/records/setting.ts';
import { listViewOf } from '../../catalog/records/version.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import { runKey } from '../../objects/runs.ts';
import { type CheckpointNote, checkpointKey } from '../checkpoint.ts';
import { writeInSteps } from '../write-in-steps.ts';
import type { StampedRows } from './stamped-rows.ts';

export interface Counted {
  buckets: number;
  /** Newest versions that are objects. */
  objects: number;
  /** All other versions, delete markers too. */
  versions: number;
  uploads: number;
  blocks: number;
}

export interface Written {
  readonly counted: Counted;
  /** Pack rows as the old catalog had them. */
  readonly known: ReadonlyMap<PackId, PackRow>;
  /** Where blocks lie: packs and their partitions. */
  readonly wanted: ReadonlyMap<PackId, PartitionId>;
  /** Partitions that were made while the server ran, and may hold something. */
  readonly made: readonly PartitionId[];
  /** Greatest sequence of any version. */
  readonly sequence: number;
  readonly watermark: number;
  /** As the rows say. */
  readonly run: number;
}

const passing: ReadonlySet<number> = new Set([
  tag.session,
  tag.heartbeat,
  tag.lease,
  tag.pack,
  tag.delta,
  tag.usage,
  tag.watermark,
  // Copies of blocks are made anew.
  tag.echo,
  // What was moved is there; the rest is thought over anew.
  tag.act,
]);

export async function writeRows(rows: StampedRows, target: Catalog, onRow: (count: number) => void): Promise<Written> {
  const counted: Counted = { buckets: 0, objects: 0, versions: 0, uploads: 0, blocks: 0 };
  const known = new Map<PackId, PackRow>();
  const wanted = new Map<PackId, PartitionId>();
  const made: PartitionId[] = [];
  let [sequence, watermark, run] = [0, 0, 0];
  const take = (key: Buffer, value: Buffer): boolean => {
    const kind = key[0]!;
    if (kind === tag.pack) known.set(idOf(key), decodePack(value));
    if (kind === tag.watermark) watermark = decodeSequence(value);
    if (passing.has(kind) || key.equals(checkpointKey)) return false;
    if (key.equals(runKey)) {
      run = Number(decodeSetting(value));
      return false;
    }
    if (kind === tag.partition && mayHold(decodePartition(value))) made.push(textOf(key, 0));
    if (kind === tag.bucket) counted.buckets += 1;
    if (kind === tag.upload) counted.uploads += 1;
    if (kind === tag.block) {
      const { pack, partition } = decodeBlock(value);
      wanted.set(pack, partition);
      counted.blocks += 1;
    }
    if (kind === tag.current || kind === tag.version) {
      const version = listViewOf(value);
      sequence = Math.max(sequence, version.sequence);
      if (kind === tag.current && version.kind === 'object') counted.objects += 1;
      else if (version.kind !== 'gone') counted.versions += 1;
    }
    return true;
  };
  for await (const page of rows.standing()) {
    const writes: Write[] = page.filter(([key, value]) => take(key, value));
    await writeInSteps(target, writes);
    onRow(page.length);
  }
  return { counted, known, wanted, made, sequence, watermark, run };
}

const mayHold = ({ duty, made }: PartitionRow): boolean =>
  made !== undefined && (duty === 'online' || duty === 'draining');

export interface Closing {
  /** Rows of all packs there are. */
  readonly packs: ReadonlyMap<PackId, PackRow>;
  readonly run: number;
  readonly watermark: number;
  /** What was replayed: kept until a new one stands. */
  readonly checkpoint: CheckpointNote | undefined;
}

export async function writeClosing(target: Catalog, { packs, run, watermark, checkpoint }: Closing): Promise<void> {
  await writeInSteps(
    target,
    [...packs].map(([id, pack]): Write => [keys.pack(id), encodePack(pack)]),
  );
  await writeInSteps(target, [
    [runKey, encodeSetting(String(run))],
    [keys.watermark(), encodeSequence(watermark)],
    ...(checkpoint === undefined ? [] : [[checkpointKey, encodeSetting(JSON.stringify(checkpoint))] as const]),
  ]);
}
