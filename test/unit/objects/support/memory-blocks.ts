// A block store in memory that writes real block rows, so that tests can compare what is stored with what is referenced.

import { type Random, randomId } from '../../../../src/base/random.ts';
import { intersect } from '../../../../src/base/range.ts';
import type { Write } from '../../../../src/catalog/catalog.ts';
import { keys } from '../../../../src/catalog/keys.ts';
import { encodeBlock } from '../../../../src/catalog/records/block.ts';
import type { BlockRef } from '../../../../src/model/block.ts';
import type { BlockStore } from '../../../../src/objects/block-store.ts';
import type { Session } from '../../../../src/objects/session.ts';

export interface MemoryBlocks extends BlockStore {
  readonly bytes: ReadonlyMap<string, Buffer>;
  /** Reads between beginRead and its end. */
  readonly running: () => number;
  /** Writes of which no story has said yet what became of them. */
  readonly unsettled: () => number;
}

export function memoryBlocks(session: Session, random: Random, blockBytes: number): MemoryBlocks {
  const bytes = new Map<string, Buffer>();
  let running = 0;
  const unsettled = new Set<symbol>();
  return {
    bytes,
    running: () => running,
    unsettled: () => unsettled.size,
    async write(_where, body, { signal }) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) {
        signal?.throwIfAborted();
        chunks.push(chunk);
      }
      const whole = Buffer.concat(chunks);
      const blocks: BlockRef[] = [];
      const writes: Write[] = [];
      for (let offset = 0; offset < whole.length; offset += blockBytes) {
        const id = randomId(random);
        const block = whole.subarray(offset, offset + blockBytes);
        bytes.set(id, block);
        blocks.push({ id, length: block.length });
        const row = { partition: 'm', pack: '0'.repeat(32), offset: 0, length: block.length, sliceCrcs: [] };
        writes.push([keys.block(id), encodeBlock({ ...row, area: '0'.repeat(32), generation: 0 })]);
      }
      const mark = Symbol('write');
      unsettled.add(mark);
      const settle = (): void => {
        unsettled.delete(mark);
      };
      return { size: whole.length, blocks, checks: [session.check()], writes, settle };
    },
    async *read(blocks, range) {
      let offset = 0;
      for (const { id, length } of blocks) {
        const wanted = intersect(range, offset, length);
        offset += length;
        if (wanted === undefined) continue;
        const block = bytes.get(id);
        if (block === undefined) throw new Error(`block ${id} was never stored`);
        yield block.subarray(wanted.start, wanted.end);
      }
      if (offset < range.end) throw new Error(`blocks end at ${offset}, read to ${range.end}`);
    },
    beginRead() {
      running += 1;
      let ended = false;
      return () => {
        if (!ended) running -= 1;
        ended = true;
      };
    },
    sessionCheck: () => session.check(),
  };
}
