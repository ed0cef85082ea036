// Payload of one log frame: the changes that a process committed since its last frame. Each has a stamp that was taken before
// the commit, on a clock that all processes of a machine share: whoever reads a row that a commit wrote, and then writes it,
// has the greater stamp. The clock starts again with the machine, so the number of the run stands above it. Replaying the
// entries of all processes by run and stamp writes every row in the order of its commits.
import { Fault } from '../base/fault.ts';
import type { Write } from '../catalog/catalog.ts';

export interface RedoEntry {
  /** Which start of the whole program, counted by the catalog. */
  readonly run: number;
  /** Microseconds of the machine's clock. */
  readonly stamp: number;
  readonly writes: readonly Write[];
}

const format = 1;
const removed = 0xffffffff;

export const compareRedo = (a: Omit<RedoEntry, 'writes'>, b: Omit<RedoEntry, 'writes'>): number =>
  a.run - b.run || a.stamp - b.stamp;

export function encodeRedo(entries: readonly RedoEntry[]): Buffer[] {
  const head = Buffer.alloc(5);
  head.writeUInt8(format, 0);
  head.writeUInt32BE(entries.length, 1);
  const chunks: Buffer[] = [head];
  for (const { run, stamp, writes } of entries) {
    const start = Buffer.alloc(16);
    start.writeUInt32BE(run, 0);
    start.writeBigUInt64BE(BigInt(stamp), 4);
    start.writeUInt32BE(writes.length, 12);
    chunks.push(start);
    for (const [key, value] of writes) {
      const lengths = Buffer.alloc(6);
      lengths.writeUInt16BE(key.length, 0);
      lengths.writeUInt32BE(value?.length ?? removed, 2);
      chunks.push(lengths, key);
      if (value !== undefined) chunks.push(value);
    }
  }
  return chunks;
}

/** Key of a frame's very first row, as far as the start of its payload shows it. */
export function firstKeyIn(start: Buffer): Buffer {
  const lengths = 5 + 16; // behind the frame's head and the first entry's
  if (start.length < lengths + 6) return start.subarray(0, 0);
  return start.subarray(lengths + 6, lengths + 6 + start.readUInt16BE(lengths));
}

export function decodeRedo(payload: Buffer): RedoEntry[] {
  if (payload[0] !== format) throw new Fault({ kind: 'catalog-failed', message: `redo frame of format ${payload[0]}` });
  const entries: RedoEntry[] = [];
  let at = 5;
  for (let left = payload.readUInt32BE(1); left > 0; left--) {
    const run = payload.readUInt32BE(at);
    const stamp = Number(payload.readBigUInt64BE(at + 4));
    const writes: Write[] = [];
    let rows = payload.readUInt32BE(at + 12);
    at += 16;
    for (; rows > 0; rows--) {
      const keyEnd = at + 6 + payload.readUInt16BE(at);
      const length = payload.readUInt32BE(at + 2);
      const key = payload.subarray(at + 6, keyEnd);
      at = length === removed ? keyEnd : keyEnd + length;
      writes.push([key, length === removed ? undefined : payload.subarray(keyEnd, at)]);
    }
    entries.push({ run, stamp, writes });
  }
  return entries;
}
