// AWS's model as plain values: reads the run-time schemas that the SDK ships and turns each command into an OperationModel.
// The only file that knows how the SDK lays its schemas out; a house test guards the layout.
import * as sdk from '@aws-sdk/client-s3';
import { NormalizedSchema } from '@smithy/core/schema';

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

export type Shape =
  | { readonly kind: 'string' | 'number' | 'boolean' }
  | { readonly kind: 'unit' | 'map' }
  | { readonly kind: 'blob'; readonly streaming: boolean }
  | { readonly kind: 'timestamp'; readonly format: TimestampFormat | undefined }
  | { readonly kind: 'list'; readonly item: Shape; readonly itemName: string }
  | Structure;

export interface Structure {
  readonly kind: 'structure';
  readonly name: string;
  readonly xmlName: string | undefined;
  readonly members: readonly Member[];
  /** Exactly one member is set. */
  readonly union: boolean;
}

/** Where a member stands in the message; `body` members form the XML document together. */
export type Binding =
  | { readonly at: 'label' | 'payload' | 'body' }
  | { readonly at: 'query' | 'header' | 'prefix'; readonly name: string };

export interface Member {
  readonly name: string;
  readonly shape: Shape;
  readonly required: boolean;
  readonly binding: Binding;
  /** Element (or attribute) name. */
  readonly xmlName: string;
  /** Whether `xmlName` was said and not derived from the member's name. */
  readonly xmlNamed: boolean;
  readonly flattened: boolean;
  readonly attribute: boolean;
  readonly namespace: readonly [prefix: string, uri: string] | undefined;
}

export type Scope = 'service' | 'bucket' | 'object';

export interface OperationModel {
  readonly name: string;
  readonly method: string;
  readonly scope: Scope;
  /** Query keys of the URI template without `x-id`; the value is '' where only presence counts. */
  readonly literals: ReadonlyMap<string, string>;
  readonly status: number;
  readonly input: Structure;
  readonly output: Structure;
}

type Traits = Readonly<Record<string, unknown>>;
type OperationTuple = readonly [9, string, string, Traits, unknown, unknown];

const empty: Structure = { kind: 'structure', name: 'Unit', xmlName: undefined, members: [], union: false };

/** The schema tuple of a command class. */
export function schemaOf(command: unknown): OperationTuple {
  // biome-ignore lint/suspicious/noExplicitAny: every command takes its own input; none is looked at here
  const schema: unknown = (new (command as new (input: any) => { schema?: unknown })({}) as { schema?: unknown })
    .schema;
  if (!Array.isArray(schema) || schema[0] !== 9 || typeof schema[2] !== 'string') {
    throw new Error('the SDK laid out an operation schema otherwise than expected');
  }
  return schema as unknown as OperationTuple;
}

export const operationName = (command: unknown): string => schemaOf(command)[2];

/** Every operation of the SDK, by name. */
export function readModel(): ReadonlyMap<string, OperationModel> {
  const models = new Map<string, OperationModel>();
  for (const [name, value] of Object.entries(sdk)) {
    if (!name.endsWith('Command') || name.startsWith('$') || typeof value !== 'function') continue;
    const model = readOperation(schemaOf(value));
    models.set(model.name, model);
  }
  return models;
}

function readOperation([, , name, traits, input, output]: OperationTuple): OperationModel {
  const http = traits.http as readonly [method: string, template: string, status: number];
  const [method, template, status] = http;
  const mark = template.indexOf('?');
  const path = mark < 0 ? template : template.slice(0, mark);
  const literals = new Map<string, string>();
  for (const part of mark < 0 ? [] : template.slice(mark + 1).split('&')) {
    const [key, value] = part.split('=');
    if (key !== 'x-id') literals.set(key!, value ?? '');
  }
  const shapes = new Map<unknown, Shape>();
  const inputShape = readStructure(NormalizedSchema.of(input as never), shapes);
  const hasBucket = inputShape.members.some((member) => member.name === 'Bucket' && member.binding.at === 'label');
  const scope = path.includes('{Key+}') ? 'object' : hasBucket ? 'bucket' : 'service';
  const outputShape = once(() => readStructure(NormalizedSchema.of(output as never), shapes));
  return {
    name,
    method,
    scope,
    literals,
    status,
    input: inputShape,
    get output() {
      return outputShape();
    },
  };
}

/** Two of three operations are only ever recognised, to be refused: nobody asks what is inside their messages. */
function once<T>(read: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: read() };
    return found.value;
  };
}

const structureOf = (shape: Shape): Structure => (shape.kind === 'structure' ? shape : empty);
const readStructure = (schema: NormalizedSchema, shapes: Map<unknown, Shape>): Structure =>
  structureOf(readShape(schema, shapes));

function readShape(schema: NormalizedSchema, shapes: Map<unknown, Shape>): Shape {
  const raw: unknown = schema.getSchema();
  if (schema.isUnitSchema()) return { kind: 'unit' };
  if (schema.isStructSchema()) {
    const known = shapes.get(raw);
    if (known) return known;
    const members: Member[] = [];
    const traits = schema.getOwnTraits() as Traits;
    const structure: Structure = {
      kind: 'structure',
      name: schema.getName() ?? '',
      xmlName: traits.xmlName as string | undefined,
      members,
      union: schema.isUnionSchema(),
    };
    shapes.set(raw, structure); // before its members: a shape may contain itself
    // Required members come first; the tuple says how many they are.
    const required = ((raw as unknown[])[6] as number | undefined) ?? 0;
    let index = 0;
    for (const [name, member] of schema.structIterator())
      members.push(readMember(name, member, index++ < required, shapes));
    return structure;
  }
  if (schema.isListSchema()) {
    const value = schema.getValueSchema();
    const itemName = ((value.getMergedTraits() as Traits).xmlName as string | undefined) ?? 'member';
    return { kind: 'list', item: readShape(value, shapes), itemName };
  }
  if (schema.isMapSchema()) return { kind: 'map' };
  if (schema.isBlobSchema()) return { kind: 'blob', streaming: schema.isStreaming() };
  if (schema.isTimestampSchema()) return { kind: 'timestamp', format: timestampFormats[raw as number] };
  if (schema.isNumericSchema()) return { kind: 'number' };
  if (schema.isBooleanSchema()) return { kind: 'boolean' };
  if (schema.isStringSchema()) return { kind: 'string' };
  throw new Error(`the SDK's model has a shape of unknown kind: ${schema.getName(true)}`);
}

const timestampFormats: Readonly<Record<number, TimestampFormat>> = {
  5: 'date-time',
  6: 'http-date',
  7: 'epoch-seconds',
};

function readMember(name: string, schema: NormalizedSchema, required: boolean, shapes: Map<unknown, Shape>): Member {
  const traits = schema.getMergedTraits() as Traits;
  const memberTraits = schema.getMemberTraits() as Traits;
  const xmlName = memberTraits.xmlName as string | undefined;
  const shape = once(() => readShape(schema, shapes));
  return {
    name,
    get shape() {
      return shape();
    },
    required,
    binding: readBinding(traits),
    xmlName: xmlName ?? name,
    xmlNamed: xmlName !== undefined,
    flattened: Boolean(traits.xmlFlattened),
    attribute: Boolean(traits.xmlAttribute),
    namespace: traits.xmlNamespace as readonly [string, string] | undefined,
  };
}

function readBinding(traits: Traits): Binding {
  if (traits.httpLabel) return { at: 'label' };
  if (traits.httpPayload) return { at: 'payload' };
  if (typeof traits.httpQuery === 'string') return { at: 'query', name: traits.httpQuery };
  if (typeof traits.httpHeader === 'string') return { at: 'header', name: traits.httpHeader.toLowerCase() };
  if (typeof traits.httpPrefixHeaders === 'string')
    return { at: 'prefix', name: traits.httpPrefixHeaders.toLowerCase() };
  return { at: 'body' };
}
