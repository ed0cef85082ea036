// Output → XML, compiled once per operation into closures over strings: a listing is written a thousand keys at a time.
import type { Member, Shape, Structure } from './model.ts';

type Write = (value: never) => string;
export type XmlWriter = (value: Record<string, unknown>) => string;

export const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n';
export const s3Namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

const special = /[&<>"\u0000-\u001f\u007f\ufffe\uffff]/;
const specials = /[&<>"\u0000-\u001f\u007f\ufffe\uffff]/g;

/** Text as element content or attribute value; line ends and controls as character references, so that they survive parsers. */
export const escapeXml = (text: string): string => (special.test(text) ? text.replace(specials, escapeOne) : text);

function escapeOne(char: string): string {
  switch (char) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
    default:
      return `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`;
  }
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
      return ((value: string) => open + escapeXml(value) + close) as Write;
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
  return format === 'date-time' ? value.toISOString() : String(Math.floor(value.getTime() / 1000));
}
