// Output → XML, compiled once per operation into closures over strings: a listing is written a thousand keys at a time.
import { dayMs } from '../../base/units.ts';
import type { Member, Shape, Structure } from './model.ts';

type Write = (value: never) => string;
export type XmlWriter = (value: Record<string, unknown>) => string;

export const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n';
export const s3Namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** By char code: what must not stand as itself. Line ends and controls become references, so that they survive parsers. */
const references: readonly (string | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  const isControl = code < 0x20 || code === 0x7f;
  return named[String.fromCharCode(code)] ?? (isControl ? `&#x${code.toString(16).toUpperCase()};` : undefined);
});

const special = /[&<>"\u0000-\u001f\u007f\ufffe\uffff]/;

/** Text as element content or attribute value. By hand, because a regular expression takes twice the time of a whole listing. */
export function escapeXml(text: string): string {
  if (!special.test(text)) return text;
  let escaped = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const reference =
      code < 128 ? references[code] : code >= 0xfffe ? `&#x${code.toString(16).toUpperCase()};` : undefined;
    if (reference === undefined) continue;
    escaped += text.slice(from, at) + reference;
    from = at + 1;
  }
  return from === 0 ? text : escaped + text.slice(from);
}

/** The whole document: `root` in S3's namespace, holding the `members` of the structure. */
export function compileXmlDocument(root: string, members: readonly Member[]): XmlWriter {
  const write = compileMembers(members, new Map());
  const open = `${xmlHead}<${root} xmlns="${s3Namespace}">`;
  const close = `</${root}>`;
  return (value) => open + write(value as never) + close;
}

/** A document whose root holds nothing but the text of one member. */
export function compileXmlText(root: string, member: Member): XmlWriter {
  return (value) => {
    const text = value[member.name];
    const content = text === undefined || text === null ? '' : escapeXml(String(text));
    return `${xmlHead}<${root} xmlns="${s3Namespace}">${content}</${root}>`;
  };
}

function compileMembers(members: readonly Member[], known: Map<Structure, Write>): Write {
  const fields = members.filter((member) => !member.attribute);
  const names = fields.map((member) => member.name);
  const writes = fields.map((member) => compileMember(member, known));
  return (value: Record<string, unknown>) => {
    let text = '';
    for (let i = 0; i < names.length; i++) {
      const field = value[names[i]!];
      if (field !== undefined && field !== null) text += writes[i]!(field as never);
    }
    return text;
  };
}

function compileMember(member: Member, known: Map<Structure, Write>): Write {
  const { shape, xmlName } = member;
  if (shape.kind !== 'list') return compileElement(xmlName, shape, member.namespace, known);
  const writeItem = compileElement(member.flattened ? xmlName : shape.itemName, shape.item, undefined, known);
  const writeItems = (items: readonly unknown[]): string => {
    let text = '';
    for (const item of items) text += writeItem(item as never);
    return text;
  };
  if (member.flattened) return writeItems as Write;
  return ((items: readonly unknown[]) => `<${xmlName}>${writeItems(items)}</${xmlName}>`) as Write;
}

function compileElement(
  name: string,
  shape: Shape,
  namespace: Member['namespace'],
  known: Map<Structure, Write>,
): Write {
  if (shape.kind === 'structure') return compileStructure(name, shape, namespace, known);
  const open = `<${name}>`;
  const close = `</${name}>`;
  switch (shape.kind) {
    case 'string':
      return compileText(open, close) as Write;
    case 'number':
    case 'boolean':
      return ((value: number | boolean) => `${open}${value}${close}`) as Write;
    case 'timestamp': {
      const { format } = shape;
      return ((value: Date) => open + formatTime(value, format ?? 'date-time') + close) as Write;
    }
    case 'blob':
      return ((value: Uint8Array) => open + Buffer.from(value).toString('base64') + close) as Write;
    default:
      throw new Error(`${name}: a ${shape.kind} has no XML form`);
  }
}

/** Owners, storage classes and such repeat from entry to entry: the last element is kept. */
function compileText(open: string, close: string): (value: string) => string {
  let lastValue = '';
  let lastElement = open + close;
  return (value) => {
    if (value !== lastValue) {
      lastValue = value;
      lastElement = open + escapeXml(value) + close;
    }
    return lastElement;
  };
}

function compileStructure(
  name: string,
  shape: Structure,
  namespace: Member['namespace'],
  known: Map<Structure, Write>,
): Write {
  const attributes = shape.members.filter((member) => member.attribute);
  const write = innerOf(shape, known);
  const start = `<${name}${namespace ? ` xmlns:${namespace[0]}="${namespace[1]}"` : ''}`;
  const close = `</${name}>`;
  if (attributes.length === 0) return ((value: never) => `${start}>${write(value)}${close}`) as Write;
  return ((value: Record<string, unknown>) => {
    let tag = start;
    for (const member of attributes) {
      const text = value[member.name];
      if (text !== undefined && text !== null) tag += ` ${member.xmlName}="${escapeXml(String(text))}"`;
    }
    return `${tag}>${write(value as never)}${close}`;
  }) as Write;
}

/** The members of a structure; compiled on first use, so that a shape which contains itself compiles too. */
function innerOf(shape: Structure, known: Map<Structure, Write>): Write {
  const before = known.get(shape);
  if (before) return before;
  let made: Write | undefined;
  const write = (value: never): string => {
    made ??= compileMembers(shape.members, known);
    return made(value);
  };
  known.set(shape, write);
  return write;
}

export function formatTime(value: Date, format: 'date-time' | 'http-date' | 'epoch-seconds'): string {
  if (format === 'http-date') return value.toUTCString();
  return format === 'date-time' ? isoTime(value.getTime()) : String(Math.floor(value.getTime() / 1000));
}

const pairs = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
let lastDay = Number.NaN;
let lastDayText = '';

/** `toISOString`, four times as fast where the days repeat, as they do in a listing. */
function isoTime(ms: number): string {
  const day = Math.floor(ms / dayMs);
  if (day !== lastDay) {
    lastDayText = new Date(ms).toISOString().slice(0, -13);
    lastDay = day;
  }
  const inDay = ms - day * dayMs;
  const seconds = Math.floor(inDay / 1000);
  const milli = String(inDay - seconds * 1000).padStart(3, '0');
  const minutes = Math.floor(seconds / 60);
  return `${lastDayText}${pairs[Math.floor(minutes / 60)]}:${pairs[minutes % 60]}:${pairs[seconds % 60]}.${milli}Z`;
}
