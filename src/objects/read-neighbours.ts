// Whole blocks that lie beside each other in one pack, read together: on a backend where each request costs, an area of small blocks would else cost
// one for each of them, and mostly a partition that has too much to do already is what they are moved away from.
import { caps } from '../base/caps.ts';
import { Fault } from '../base/fault.ts';
import type { PartitionId } from '../model/ids.ts';
import type { Partition } from '../partition/partition.ts';
import type { BlockAt } from './copy-blocks.ts';
import { SliceVerifier } from './verify-slices.ts';

/** In the order given; each in one pack, by ascending offsets, and of a block's size at most. */
export function* runsOf(blocks: readonly BlockAt[]): Generator<readonly BlockAt[], void> {
  let run: BlockAt[] = [];
  let bytes = 0;
  for (const block of blocks) {
    const last = run.at(-1)?.row;
    const { pack, partition, offset, length } = block.row;
    const isNext = last?.pack === pack && last.partition === partition && last.offset < offset;
    if (last !== undefined && !(isNext && bytes + length <= caps.blockBytesMax)) {
      yield run;
      run = [];
      bytes = 0;
    }
    run.push(block);
    bytes += length;
  }
  if (run.length > 0) yield run;
}

/** The bytes of each block of a run; rejects when one of them cannot be had, or is not right. */
export async function readRun(
  partition: (id: PartitionId) => Partition | undefined,
  run: readonly BlockAt[],
): Promise<Buffer[][]> {
  const { partition: id, pack } = run[0]!.row;
  const from = partition(id);
  if (from === undefined)
    throw new Fault({ kind: 'partition-down', partition: id, message: 'this partition is not configured' });
  const ranges = run.map(({ row }) => ({ start: row.offset, end: row.offset + row.length }));
  const read: Buffer[][] = run.map(() => []);
  const verifiers = run.map((block) => new SliceVerifier(block.id, block.row, 0));
  let at = 0;
  let left = run[0]!.row.length;
  for await (const chunk of from.read(pack, ranges)) {
    for (let rest = chunk; rest.length > 0; ) {
      const piece = rest.subarray(0, left);
      read[at]!.push(...verifiers[at]!.push(piece));
      rest = rest.subarray(piece.length);
      left -= piece.length;
      if (left > 0 || at === run.length - 1) continue;
      at += 1;
      left = run[at]!.row.length;
    }
  }
  for (const [place, { row }] of run.entries()) verifiers[place]!.assertDone(row.length);
  return read;
}
