// Payload of one log frame: the changes that a process committed since its last frame, each with a stamp that was taken
// before the commit. Whoever reads a row that a commit wrote, and then writes it, has the greater stamp, so replaying the
// frames of all processes by stamp writes every row in the order of its commits.
import { Fault } from '../base/fault.ts';
import type { Write } from '../catalog/catalog.ts';

export interface RedoEntry {
  readonly stamp: number;
  readonly writes: readonly Write[];
}

const format = 1;
const removed = 0xffffffff;

export function encodeRedo(entries: readonly RedoEntry[]): Buffer[] {
  const head = Buffer.alloc(5);
  head.writeUInt8(format, 0);
  head.writeUInt32BE(entries.length, 1);
  const chunks: Buffer[] = [head];
  for (const { stamp, writes } of entries) {
    const start = Buffer.alloc(12);
    start.writeBigUInt64BE(BigInt(stamp), 0);
    start.writeUInt32BE(writes.length, 8);
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

export function decodeRedo(payload: Buffer): RedoEntry[] {
  if (payload[0] !== format) throw new Fault({ kind: 'catalog-failed', message: `redo frame of format ${payload[0]}` });
  const entries: RedoEntry[] = [];
  let at = 5;
  for (let left = payload.readUInt32BE(1); left > 0; left--) {
    const stamp = Number(payload.readBigUInt64BE(at));
    const writes: Write[] = [];
    let rows = payload.readUInt32BE(at + 8);
    at += 12;
    for (; rows > 0; rows--) {
      const keyEnd = at + 6 + payload.readUInt16BE(at);
      const length = payload.readUInt32BE(at + 2);
      const key = payload.subarray(at + 6, keyEnd);
      at = length === removed ? keyEnd : keyEnd + length;
      writes.push([key, length === removed ? undefined : payload.subarray(keyEnd, at)]);
    }
    entries.push({ stamp, writes });
  }
  return entries;
}
