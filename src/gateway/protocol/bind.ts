// Head of a request → the operation's input: labels, query and headers. Compiled once per operation; the payload is bound later,
// when the request is authorised. A header in `x-amz-` that nobody here understands is refused by name, never ignored.
import { s3Error } from '../errors.ts';
import { bodyChecksumHeaders, commonAmzHeaders, lenientDateHeaders } from './exceptions.ts';
import type { MatchRequest } from './match.ts';
import type { Member, OperationModel } from './model.ts';
import { isScalar, parseScalar, type ScalarShape } from './scalars.ts';

export type Input = Record<string, unknown>;
export type HeadBinder = (request: MatchRequest) => Input;

interface Field {
  readonly member: string;
  /** As the client knows it, for messages. */
  readonly wire: string;
  readonly shape: ScalarShape;
  readonly list: boolean;
}

const int32Max = 2_147_483_647;

export function compileHeadBinder(model: OperationModel): HeadBinder {
  const queries = new Map<string, Field>();
  const headers = new Map<string, Field>();
  let prefix: { member: string; name: string } | undefined;
  let hasBody = false;
  for (const member of model.input.members) {
    const { binding } = member;
    if (binding.at === 'query') queries.set(binding.name, fieldOf(member, binding.name));
    if (binding.at === 'header') headers.set(binding.name, fieldOf(member, binding.name));
    if (binding.at === 'prefix') prefix = { member: member.name, name: binding.name };
    if (binding.at === 'payload' || binding.at === 'body') hasBody = true;
  }

  return (request) => {
    const input: Input = {};
    if (model.scope !== 'service') input.Bucket = request.bucket;
    if (model.scope === 'object') input.Key = request.key;
    for (const [name, value] of request.query) {
      const field = queries.get(name);
      if (!field) continue;
      if (field.member in input)
        throw invalid(field.wire, value, `The query parameter ${name} was given more than once.`);
      // They become headers of the answer.
      if (name.startsWith('response-')) refuseControls(name, value);
      const parsed = parseField(field, value);
      if (parsed !== undefined) input[field.member] = parsed;
    }
    for (const name in request.headers) {
      const value = request.headers[name];
      if (value === undefined) continue;
      const field = headers.get(name);
      if (field) {
        refuseControls(name, value);
        const parsed = parseField(field, value);
        if (parsed !== undefined) input[field.member] = parsed;
      } else if (prefix && name.startsWith(prefix.name)) {
        refuseControls(name, value);
        // Without a prototype: a client may name its metadata anything.
        input[prefix.member] ??= Object.create(null);
        (input[prefix.member] as Record<string, string>)[name.slice(prefix.name.length)] = value;
      } else if (
        name.startsWith('x-amz-') &&
        !commonAmzHeaders.has(name) &&
        !(hasBody && bodyChecksumHeaders.has(name))
      ) {
        throw notImplemented(name);
      }
    }
    return input;
  };
}

function fieldOf(member: Member, wire: string): Field {
  const list = member.shape.kind === 'list';
  const shape = member.shape.kind === 'list' ? member.shape.item : member.shape;
  if (!isScalar(shape)) throw new Error(`${member.name} cannot be bound to ${wire}`);
  return { member: member.name, wire, shape, list };
}

function parseField(field: Field, text: string): unknown {
  if (field.list) {
    const items = text.split(',').map((item) => item.trim());
    return items.filter((item) => item !== '').map((item) => parseOne(field, item));
  }
  return parseOne(field, text);
}

function parseOne(field: Field, text: string): unknown {
  const value = parseScalar(field.shape, text);
  if (value === undefined) {
    if (field.shape.kind === 'timestamp' && lenientDateHeaders.has(field.wire)) return undefined;
    throw invalid(field.wire, text, explain(field));
  }
  if (typeof value === 'number') {
    if (value < 0 || (field.wire.startsWith('max-') && value > int32Max))
      throw invalid(field.wire, text, explain(field));
  }
  return value;
}

function explain({ wire, shape }: Field): string {
  if (wire === 'partNumber') return 'Part number must be an integer between 1 and 10000, inclusive';
  if (shape.kind === 'number') return `Provided ${wire} not an integer or within integer range`;
  if (shape.kind === 'boolean') return `${wire} must be true or false`;
  if (shape.kind === 'timestamp') return `${wire} is not a valid time`;
  return `${wire} is not valid`;
}

function refuseControls(name: string, value: string): void {
  if (/[\0\r\n]/.test(value)) throw invalid(name, value, 'Header values must not contain CR, LF or NUL.');
}

const invalid = (name: string, value: string, message: string) =>
  s3Error('InvalidArgument', { message, extra: { ArgumentName: name, ArgumentValue: value } });

export const notImplemented = (wire: string, message?: string) =>
  s3Error('NotImplemented', { ...(message !== undefined && { message }), extra: { Header: wire } });
