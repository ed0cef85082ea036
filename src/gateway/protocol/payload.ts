// How an operation's body is read: not at all, as a stream, as a text, or as XML by the model.
import { caps } from '../../base/caps.ts';
import { type S3ErrorCode, s3Error } from '../errors.ts';
import type { Input } from './bind.ts';
import type { OperationModel } from './model.ts';
import { compileXmlReader } from './read-xml.ts';

export type PayloadPlan =
  | { readonly kind: 'none' }
  /** The body itself becomes the member. */
  | { readonly kind: 'stream'; readonly member: string }
  | {
      readonly kind: 'whole';
      readonly bytesMax: number;
      /** Adds the members that the body holds. */
      readonly bind: (bytes: Uint8Array, input: Input) => Promise<void>;
    };

export interface PayloadOptions {
  readonly xmlBytesMax?: number;
  readonly malformed?: S3ErrorCode;
}

export function compilePayload(model: OperationModel, options: PayloadOptions = {}): PayloadPlan {
  const { members } = model.input;
  const bytesMax = options.xmlBytesMax ?? caps.xmlBytesMax;
  const malformed = options.malformed === undefined ? {} : { malformed: options.malformed };
  const payload = members.find(({ binding }) => binding.at === 'payload');
  if (payload) {
    const { shape, name, required } = payload;
    if (shape.kind === 'blob') return { kind: 'stream', member: name };
    if (shape.kind === 'string') {
      return { kind: 'whole', bytesMax, bind: async (bytes, input) => bindText(bytes, input, name, required) };
    }
    if (shape.kind !== 'structure') throw new Error(`${model.name}: a payload that is a ${shape.kind}`);
    const roots = [payload.xmlName, shape.xmlName ?? shape.name, shape.name];
    const read = compileXmlReader(shape, { roots, ...malformed });
    return {
      kind: 'whole',
      bytesMax,
      async bind(bytes, input) {
        if (bytes.length > 0) input[name] = await read(bytes);
        else if (required) throw s3Error('MissingRequestBodyError');
      },
    };
  }
  if (!members.some(({ binding }) => binding.at === 'body')) return { kind: 'none' };
  const root = model.input.xmlName ?? model.input.name;
  const read = compileXmlReader(model.input, { roots: [root], ...malformed });
  return {
    kind: 'whole',
    bytesMax,
    async bind(bytes, input) {
      if (bytes.length === 0) throw s3Error('MissingRequestBodyError');
      Object.assign(input, await read(bytes));
    },
  };
}

function bindText(bytes: Uint8Array, input: Input, name: string, required: boolean): void {
  if (bytes.length === 0) {
    if (required) throw s3Error('MissingRequestBodyError');
    return;
  }
  try {
    input[name] = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw s3Error('InvalidRequest', { message: 'The body is not UTF-8.', cause });
  }
}
