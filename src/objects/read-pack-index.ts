// Which blocks a pack was written with: from its index, or, where a crash cut it off, by walking its frames.
import { MiB } from '../base/units.ts';
import type { PackId } from '../model/ids.ts';
import { footerBytes, type IndexEntry, PackScanner, parseFooter, parseIndex } from '../pack/pack.ts';
import type { Partition } from '../partition/partition.ts';

const scanStepBytes = 8 * MiB;

export interface PackContents {
  readonly bytes: number;
  readonly blocks: readonly IndexEntry[];
}

/** `undefined` when the partition has no such pack. `knownBytes` spares asking for its size. */
export async function readPackIndex(
  partition: Partition,
  pack: PackId,
  knownBytes?: number,
): Promise<PackContents | undefined> {
  const bytes = knownBytes ?? (await packBytes(partition, pack));
  if (bytes === undefined) return undefined;
  return { bytes, blocks: (await sealedIndex(partition, pack, bytes)) ?? (await scan(partition, pack, bytes)) };
}

async function packBytes(partition: Partition, pack: PackId): Promise<number | undefined> {
  for await (const info of partition.list(idBefore(pack))) return info.pack === pack ? info.bytes : undefined;
  return undefined;
}

async function sealedIndex(partition: Partition, pack: PackId, bytes: number): Promise<IndexEntry[] | undefined> {
  if (bytes < footerBytes) return undefined;
  const footer = parseFooter(await readRange(partition, pack, bytes - footerBytes, bytes));
  if (footer === undefined || footer.pack !== pack || footer.indexOffset + footer.indexBytes > bytes) return undefined;
  const { indexOffset, indexBytes } = footer;
  const index = parseIndex(await readRange(partition, pack, indexOffset, indexOffset + indexBytes), footer);
  return index?.filter(({ kind }) => kind === 'block');
}

async function scan(partition: Partition, pack: PackId, bytes: number): Promise<IndexEntry[]> {
  const scanner = new PackScanner();
  const blocks: IndexEntry[] = [];
  for (let start = 0; start < bytes; start += scanStepBytes) {
    const range = { start, end: Math.min(bytes, start + scanStepBytes) };
    for await (const chunk of partition.read(pack, [range])) {
      for (const event of scanner.push(chunk)) {
        if (event.event === 'frame' && event.frame.kind === 'block') blocks.push(event.frame);
      }
    }
  }
  return blocks;
}

async function readRange(partition: Partition, pack: PackId, start: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of partition.read(pack, [{ start, end }])) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The greatest id below `pack`; all zeros has none, and no random id is all zeros. */
function idBefore(pack: PackId): PackId {
  return (BigInt(`0x${pack}`) - 1n).toString(16).padStart(32, '0');
}
