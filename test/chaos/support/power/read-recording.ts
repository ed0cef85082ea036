// A recording of record-writes.c: calls and notes in one order. Its structs are read here and nowhere else.
import { readFileSync } from 'node:fs';

export type Kind = 'open' | 'write' | 'truncate' | 'sync' | 'rename' | 'link' | 'unlink' | 'mkdir';

export interface Call {
  readonly is: 'call';
  readonly id: bigint;
  readonly pid: number;
  readonly phase: 'begin' | 'end';
  readonly kind: Kind;
  readonly path: string;
  readonly other: string;
  readonly inode: bigint;
  readonly offset: number;
  readonly result: number;
  /** Durable when the call ends (O_DSYNC). */
  readonly writtenThrough: boolean;
  readonly ofFolder: boolean;
  readonly cutOff: boolean;
  readonly bytes: Buffer;
}

/** What the driver of a trial put between the calls. */
export interface Note {
  readonly is: 'note';
  readonly text: string;
}

export type Entry = Call | Note;

const kinds: readonly Kind[] = ['open', 'write', 'truncate', 'sync', 'rename', 'link', 'unlink', 'mkdir'];
const headBytes = 48;
const notePhase = 9;

/** What the driver appends to the log. */
export function noteRecord(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(headBytes + bytes.length, 0);
  head[16] = notePhase;
  return Buffer.concat([head, bytes]);
}

export function readRecording(path: string): Entry[] {
  const log = readFileSync(path);
  const entries: Entry[] = [];
  for (let at = 0; at < log.length; ) {
    const length = log.readUInt32LE(at);
    if (length < headBytes || at + length > log.length) throw new Error(`the recording is damaged at ${at}`);
    entries.push(entryOf(log.subarray(at, at + length)));
    at += length;
  }
  return entries;
}

function entryOf(record: Buffer): Entry {
  if (record[16] === notePhase) return { is: 'note', text: record.toString('utf8', headBytes) };
  const pathLength = record.readUInt16LE(18);
  const otherLength = record.readUInt16LE(20);
  const flags = record.readUInt16LE(22);
  const otherAt = headBytes + pathLength;
  return {
    is: 'call',
    pid: record.readUInt32LE(4),
    id: record.readBigUInt64LE(8),
    phase: record[16] === 1 ? 'begin' : 'end',
    kind: kinds[record[17]! - 1]!,
    path: record.toString('utf8', headBytes, otherAt),
    other: record.toString('utf8', otherAt, otherAt + otherLength),
    inode: record.readBigUInt64LE(24),
    offset: Number(record.readBigInt64LE(32)),
    result: Number(record.readBigInt64LE(40)),
    writtenThrough: (flags & 1) !== 0,
    ofFolder: (flags & 2) !== 0,
    cutOff: (flags & 4) !== 0,
    bytes: record.subarray(otherAt + otherLength),
  };
}
