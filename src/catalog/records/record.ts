// The frame of every record: one byte of format version, then fields. Whatever does not read back is a catalog-failed fault.
import { Fault } from '../../base/fault.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

const spare: Writer[] = [];

/** Nested calls each get a scratch of their own. */
export function encodeRecord(format: number, write: (to: Writer) => void): Buffer {
  const to = spare.pop() ?? new Writer();
  to.reset();
  try {
    to.byte(format);
    write(to);
    return to.taken();
  } finally {
    if (spare.length < 4) spare.push(to);
  }
}

export function decodeRecord<T>(kind: string, format: number, value: Buffer, read: (from: Reader) => T): T {
  if (value[0] !== format) throw damaged(kind, `format ${value[0]}, this program reads ${format}`);
  try {
    const from = new Reader(value, 1);
    const record = read(from);
    from.end();
    return record;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw damaged(kind, (error as Error).message, error);
  }
}

export const damaged = (kind: string, message: string, cause?: unknown): Fault =>
  new Fault(
    { kind: 'catalog-failed', message: `${kind} row: ${message}` },
    cause === undefined ? undefined : { cause },
  );

/** One of a closed list as its place. */
export function placeOf<T extends string>(list: readonly T[], value: T): number {
  const place = list.indexOf(value);
  if (place < 0) throw new TypeError(`not one of ${list.join(', ')}: ${value}`);
  return place;
}

export function atPlace<T extends string>(list: readonly T[], place: number): T {
  const value = list[place];
  if (value === undefined) throw new RangeError(`no ${place} in ${list.join(', ')}`);
  return value;
}

export const writeList = <T>(to: Writer, list: readonly T[], write: (item: T) => void): void => {
  to.count(list.length);
  for (const item of list) write(item);
};

export function readList<T>(from: Reader, read: () => T): T[] {
  const length = from.count();
  const list: T[] = [];
  for (let n = 0; n < length; n++) list.push(read());
  return list;
}

/** An optional field costs one byte. */
export const writeOptional = <T>(to: Writer, value: T | undefined, write: (value: T) => void): void => {
  to.byte(value === undefined ? 0 : 1);
  if (value !== undefined) write(value);
};

export function readOptional<T>(from: Reader, read: () => T): T | undefined {
  const flag = from.byte();
  if (flag > 1) throw new RangeError(`optional flag ${flag}`);
  return flag === 1 ? read() : undefined;
}
