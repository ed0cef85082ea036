// Plain values as one text, always the same for the same value, so that its digest says whether two were equal, and back. Maps, sets, arrays of
// doubles and numbers that JSON has no word for are kept; what is undefined is left out.
import { createHash } from 'node:crypto';

export function toCanonical(value: unknown): string {
  const pieces: string[] = [];
  write(value, pieces);
  return pieces.join('');
}

export const digestOf = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

function write(value: unknown, to: string[]): void {
  if (typeof value === 'number') return void to.push(numberText(value));
  if (value === null || typeof value !== 'object') return void to.push(JSON.stringify(value) ?? 'null');
  if (Array.isArray(value)) return void writeList(value, to);
  if (value instanceof Float64Array) {
    return void to.push(doublesText(value));
  }
  if (value instanceof Map) {
    to.push('{"$map":');
    writeList(
      [...value].sort(([a], [b]) => (a < b ? -1 : 1)),
      to,
    );
    return void to.push('}');
  }
  if (value instanceof Set) {
    to.push('{"$set":');
    writeList([...value].sort(), to);
    return void to.push('}');
  }
  to.push('{');
  let isFirst = true;
  for (const key of Object.keys(value).sort()) {
    const each = (value as Readonly<Record<string, unknown>>)[key];
    if (each === undefined) continue;
    to.push(isFirst ? '' : ',', JSON.stringify(key), ':');
    write(each, to);
    isFirst = false;
  }
  to.push('}');
}

function writeList(list: readonly unknown[], to: string[]): void {
  to.push('[');
  list.forEach((each, at) => {
    if (at > 0) to.push(',');
    write(each, to);
  });
  to.push(']');
}

/** Long ones are written again with every decision that goes by the same forecast; nobody changes one that was made. */
const longText = new WeakMap<Float64Array, string>();
const longMin = 4096;

function doublesText(value: Float64Array): string {
  const known = longText.get(value);
  if (known !== undefined) return known;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const text = `{"$doubles":"${bytes.toString('base64')}"}`;
  if (value.length >= longMin) longText.set(value, text);
  return text;
}

const numberText = (value: number): string => (Number.isFinite(value) ? String(value + 0) : `{"$number":"${value}"}`);

/** Throws where it is none. */
export const fromCanonical = (text: string): unknown => JSON.parse(text, revive);

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { $map, $set, $doubles, $number } = value as Readonly<Record<string, unknown>>;
  if (Array.isArray($map)) return new Map($map as [unknown, unknown][]);
  if (Array.isArray($set)) return new Set($set);
  if (typeof $doubles === 'string') return doublesOf(Buffer.from($doubles, 'base64'));
  return typeof $number === 'string' ? Number($number) : value;
}

/** In memory of their own, at a place where doubles may lie. */
const doublesOf = (bytes: Buffer): Float64Array => new Float64Array(Uint8Array.from(bytes).buffer);
