// XML → input, by the model's shapes. Strict: UTF-8 only, no DTD, the five entities, bounded depth, the right root, no scalar twice,
// no stray text, every required member. Namespaces and unknown elements are passed over, as AWS does.
import { setImmediate } from 'node:timers/promises';
import { SaxesParser } from 'saxes';
import { caps } from '../../base/caps.ts';
import { KiB } from '../../base/units.ts';
import { type S3ErrorCode, s3Error } from '../errors.ts';
import type { Member, Shape, Structure } from './model.ts';
import { isScalar, parseScalar, type ScalarShape } from './scalars.ts';

type Values = Record<string, unknown>;

/** One open element. */
type Frame =
  | { readonly at: 'structure'; readonly plan: Plan; readonly values: Values }
  | { readonly at: 'list'; readonly item: Shape; readonly itemName: string; readonly items: unknown[] }
  | { readonly at: 'scalar'; readonly shape: ScalarShape; text: string; readonly put: (value: unknown) => void }
  | { readonly at: 'unknown' };

interface Plan {
  readonly structure: Structure;
  readonly elements: ReadonlyMap<string, Member>;
  readonly attributes: ReadonlyMap<string, Member>;
  readonly required: readonly Member[];
}

export type XmlReader = (bytes: Uint8Array) => Promise<Values>;

export interface XmlReaderOptions {
  readonly roots: readonly string[];
  /** What to answer instead of MalformedXML. */
  readonly malformed?: S3ErrorCode;
}

const pieceChars = 64 * KiB;
/** Of one element; the model needs two. */
const attributesMax = 32;

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

export function compileXmlReader(structure: Structure, options: XmlReaderOptions): XmlReader {
  const plans = new Map<Structure, Plan>();
  const roots = new Set(options.roots);
  const root = planOf(structure, plans);
  return async (bytes) => {
    try {
      return await read(bytes, root, roots, plans);
    } catch (cause) {
      throw s3Error(options.malformed ?? 'MalformedXML', { cause });
    }
  };
}

function planOf(structure: Structure, plans: Map<Structure, Plan>): Plan {
  const known = plans.get(structure);
  if (known) return known;
  const inBody = structure.members.filter(({ binding }) => binding.at === 'body');
  const plan: Plan = {
    structure,
    elements: new Map(inBody.filter((member) => !member.attribute).map((member) => [member.xmlName, member])),
    attributes: new Map(inBody.filter((member) => member.attribute).map((member) => [local(member.xmlName), member])),
    required: inBody.filter((member) => member.required),
  };
  plans.set(structure, plan);
  return plan;
}

/** Throws on anything malformed; the caller turns it into the S3 error. */
async function read(
  bytes: Uint8Array,
  root: Plan,
  roots: ReadonlySet<string>,
  plans: Map<Structure, Plan>,
): Promise<Values> {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const parser = new SaxesParser({ xmlns: false, position: false });
  const stack: Frame[] = [];
  const result: Values = {};
  let unknownDepth = 0;

  const malformed = (why: string): never => {
    throw new Error(why);
  };

  const openShape = (shape: Shape, put: (value: unknown) => void, attributes: Record<string, string>): Frame => {
    if (isScalar(shape)) return { at: 'scalar', shape, text: '', put };
    if (shape.kind === 'structure') {
      const plan = planOf(shape, plans);
      const values: Values = {};
      readAttributes(plan, attributes, values);
      put(values);
      return { at: 'structure', plan, values };
    }
    if (shape.kind === 'list') {
      const items: unknown[] = [];
      put(items);
      return { at: 'list', item: shape.item, itemName: shape.itemName, items };
    }
    return malformed('a shape that has no XML form');
  };

  const openMember = (
    frame: Extract<Frame, { at: 'structure' }>,
    name: string,
    attributes: Record<string, string>,
  ): Frame => {
    const member = frame.plan.elements.get(name);
    if (!member) {
      unknownDepth = 1;
      return { at: 'unknown' };
    }
    const { values } = frame;
    if (member.flattened && member.shape.kind === 'list') {
      values[member.name] ??= [];
      const items = values[member.name] as unknown[];
      return openShape(member.shape.item, (value) => items.push(value), attributes);
    }
    if (Object.hasOwn(values, member.name)) malformed(`${name} stands twice`);
    return openShape(
      member.shape,
      (value) => {
        values[member.name] = value;
      },
      attributes,
    );
  };

  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => malformed('a document type'));
  parser.on('xmldecl', (decl) => {
    if (decl.encoding !== undefined && !/^utf-?8$/i.test(decl.encoding)) malformed(`encoding ${decl.encoding}`);
  });
  let attributes = 0;
  parser.on('attribute', () => {
    if (++attributes > attributesMax) malformed('too many attributes');
  });
  parser.on('opentag', (tag) => {
    attributes = 0;
    if (stack.length + unknownDepth >= caps.xmlDepthMax) malformed('too deep');
    const name = local(tag.name);
    const top = stack.at(-1);
    if (!top) {
      if (!roots.has(name)) malformed(`root ${name}`);
      readAttributes(root, tag.attributes, result);
      stack.push({ at: 'structure', plan: root, values: result });
    } else if (top.at === 'unknown') unknownDepth += 1;
    else if (top.at === 'scalar') malformed(`${name} stands inside a text`);
    else if (top.at === 'structure') stack.push(openMember(top, name, tag.attributes));
    else {
      if (name !== top.itemName) malformed(`${name} stands in a list of ${top.itemName}`);
      stack.push(openShape(top.item, (value) => top.items.push(value), tag.attributes));
    }
  });
  const onText = (chunk: string): void => {
    const top = stack.at(-1);
    if (top?.at === 'scalar') top.text += chunk;
    else if (top && top.at !== 'unknown' && /[^ \t\r\n]/.test(chunk)) malformed('text between elements');
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    const top = stack.at(-1)!;
    if (top.at === 'unknown' && --unknownDepth > 0) return;
    stack.pop();
    if (top.at === 'scalar') {
      const value = parseScalar(top.shape, top.text);
      if (value === undefined) malformed(`"${top.text}" is no ${top.shape.kind}`);
      top.put(value);
    } else if (top.at === 'structure') checkComplete(top.plan, top.values);
  });
  for (let at = 0; at < text.length; at += pieceChars) {
    // A large document must not hold up everybody else's requests.
    if (at > 0) await setImmediate();
    parser.write(text.slice(at, at + pieceChars));
  }
  parser.close();
  return result;
}

function readAttributes(plan: Plan, attributes: Record<string, string>, values: Values): void {
  if (plan.attributes.size === 0) return;
  for (const [name, value] of Object.entries(attributes)) {
    const member = plan.attributes.get(local(name));
    if (member && !name.startsWith('xmlns')) values[member.name] = value;
  }
}

function checkComplete({ structure, required }: Plan, values: Values): void {
  for (const member of required) {
    if (!Object.hasOwn(values, member.name)) throw new Error(`${structure.name} lacks ${member.xmlName}`);
  }
  if (structure.union && Object.keys(values).length !== 1) throw new Error(`${structure.name} is one of several`);
}
