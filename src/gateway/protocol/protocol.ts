// The front door of the protocol: AWS's model compiled once, at start, into match, bind, read and write.
import type { S3ErrorCode } from '../errors.ts';
import { compileHeadBinder, type HeadBinder, type Input } from './bind.ts';
import { bodyChecksumHeaders } from './exceptions.ts';
import { compileMatcher, type Matcher } from './match.ts';
import { type OperationModel, readModel } from './model.ts';
import { compilePayload, type PayloadPlan } from './payload.ts';
import { compileSupport } from './support.ts';
import { compileOutputWriter, type OutputWriter } from './write-output.ts';

export type { Input } from './bind.ts';
export { isPresignKey } from './exceptions.ts';
export type { Matcher, MatchRequest } from './match.ts';
export { type OperationModel, operationName } from './model.ts';
export type { PayloadPlan } from './payload.ts';
export type { Headers } from './write-headers.ts';
export { safe as safeHeader } from './write-headers.ts';
export type { Answer, AnswerBody } from './write-output.ts';
export { escapeXml, xmlHead } from './write-xml.ts';

export interface Protocol {
  /** All operations that AWS has, by name: 112. */
  readonly models: ReadonlyMap<string, OperationModel>;
  /** Query keys by which operations are told apart. */
  readonly selectors: ReadonlySet<string>;
  /** Which operation a request names; throws the S3 error when it names none. */
  readonly match: Matcher;
  /** Codec of an operation that has a handler. */
  codec(name: string, options: CodecOptions): Codec;
}

export interface CodecOptions {
  readonly accepts?: Readonly<Record<string, readonly string[] | undefined>>;
  readonly refused?: readonly string[];
  readonly xmlBytesMax?: number;
  readonly malformed?: S3ErrorCode;
}

export interface Codec {
  readonly model: OperationModel;
  readonly bindHead: HeadBinder;
  /** Throws 501 for what the operation does not build; run after the head, and again after the payload. */
  readonly checkSupport: (input: Input) => void;
  readonly payload: PayloadPlan;
  /** `x-amz-checksum-*` headers are members of the input. */
  readonly bindsChecksums: boolean;
  readonly write: OutputWriter;
}

export function compileProtocol(): Protocol {
  const models = readModel();
  return {
    models,
    selectors: new Set([...models.values()].flatMap(selectorsOf)),
    match: compileMatcher(models.values()),
    codec(name, options) {
      const model = models.get(name);
      if (!model) throw new Error(`no operation ${name} in the model`);
      return {
        model,
        bindHead: compileHeadBinder(model),
        checkSupport: compileSupport(model, options),
        payload: compilePayload(model, options),
        bindsChecksums: model.input.members.some(
          ({ binding }) => binding.at === 'header' && bodyChecksumHeaders.has(binding.name),
        ),
        write: compileOutputWriter(model),
      };
    },
  };
}

const selectorsOf = ({ literals, input }: OperationModel): string[] => [
  ...literals.keys(),
  ...input.members.flatMap(({ binding, required }) => (required && binding.at === 'query' ? [binding.name] : [])),
];
