// What lies on the partitions, with no catalog to ask: every pack, and what it holds by the start of its first frame.
import type { BlockId, PartitionId } from '../../model/ids.ts';
import { firstKeyIn } from '../../objects/redo-frame.ts';
import type { SeatMap } from '../../objects/seats.ts';
import { frameHeaderBytes, headerBytesMax, type IndexEntry, PackScanner, sealedPackBytes } from '../../pack/pack.ts';
import type { PackInfo, Partition } from '../../partition/partition.ts';
import { noteKey } from '../checkpoint.ts';

export interface FoundPack extends PackInfo {
  readonly partition: PartitionId;
  /** `nothing`: not one frame could be read. */
  readonly holds: 'blocks' | 'log' | 'checkpoint' | 'nothing';
  /** Where it holds one block and nothing else, as an echo does: which. */
  readonly only?: BlockId;
}

export interface FoundPacks {
  readonly packs: readonly FoundPack[];
  /** Partitions that cannot be listed, and why. */
  readonly unreachable: ReadonlyMap<PartitionId, string>;
}

const lanes = 16;
/** Header, frame header and the first row's key, if that is a note's. */
const startBytes = headerBytesMax + frameHeaderBytes + 64;

export async function findPacks(partitions: SeatMap, onFound: () => void): Promise<FoundPacks> {
  const packs: FoundPack[] = [];
  const unreachable = new Map<PartitionId, string>();
  for (const [id, { partition }] of partitions) {
    try {
      const listed: PackInfo[] = [];
      for await (const info of partition.list()) listed.push(info);
      const lane = async (): Promise<void> => {
        for (let info = listed.pop(); info !== undefined; info = listed.pop()) {
          packs.push({ ...info, partition: id, ...(await contentsOf(partition, info)) });
          onFound();
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
    } catch (error) {
      unreachable.set(id, (error as Error).message);
    }
  }
  return { packs, unreachable };
}

/** A checkpoint is a log whose first entry's first row is the note. */
async function contentsOf(partition: Partition, { pack, bytes }: PackInfo): Promise<Pick<FoundPack, 'holds' | 'only'>> {
  if (bytes === 0) return { holds: 'nothing' };
  const scanner = new PackScanner();
  let first: IndexEntry | undefined;
  const payload: Buffer[] = [];
  for await (const chunk of partition.read(pack, [{ start: 0, end: Math.min(bytes, startBytes) }])) {
    for (const event of scanner.push(chunk)) {
      if (event.event === 'frame-start') first ??= event.frame;
      else if (event.event === 'payload') payload.push(event.bytes);
    }
  }
  if (first === undefined) return { holds: 'nothing' };
  if (first.kind === 'block')
    return { holds: 'blocks', ...(bytes === sealedPackBytes(partition.id, [first.length]) && { only: first.id }) };
  return { holds: firstKeyIn(Buffer.concat(payload)).equals(noteKey) ? 'checkpoint' : 'log' };
}
