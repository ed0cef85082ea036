// The shape of an operation: one file, one declaration. Everything common (address, match, authentication, binding,
// authorisation, errors, HEAD, metrics, access log) stands once in pipeline.ts.
import type { Bucket } from '../model/bucket.ts';
import type { Identity, UserDirectory } from '../model/identity.ts';
import type { Version } from '../model/object.ts';
import type { Objects } from '../objects/objects.ts';
import type { UploadBody } from '../objects/upload-body.ts';
import type { S3ErrorCode } from './errors.ts';

/** What the pipeline must allow before `handle` runs. */
export interface RequiredAction {
  /** IAM action name: `s3:GetObject`. access.ts maps it to an ACL permission. */
  readonly action: `s3:${string}`;
  readonly bucket?: string;
  readonly key?: string;
  readonly versionId?: string;
}

export interface RequestFacts {
  readonly requestId: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** Lower-case names; repeated headers joined by ", " as Node does; latin-1 bytes as they came. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Raw, undecoded path and query. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** Decoded pairs, in order. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly virtualHost: boolean;
  readonly remoteAddress: string;
  /** True when the caller signed (header or query). */
  readonly signed: boolean;
}

export interface Context {
  readonly identity: Identity;
  readonly objects: Objects;
  readonly users: UserDirectory;
  readonly region: string;
  readonly profile: 'aws' | 'rgw';
  /** Whether clients are told which copy their bytes came from. */
  readonly showsCopy: boolean;
  readonly request: RequestFacts;
  /** Made when it is first asked for. */
  readonly signal: AbortSignal;
  /** What was read to allow the first action: saves reading it again. */
  readonly granted: Granted;
}

/** The target as authorisation saw it. */
export interface Granted {
  readonly bucket?: Bucket | undefined;
  /** The version asked for, where its ACL was what allowed it. */
  readonly version?: Version | undefined;
}

export interface Reply<Output> {
  /** Defaults to the model's success status. */
  readonly status?: number;
  readonly output: Output;
  /** Headers that the model does not bind. They win over bound ones. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A command class of @aws-sdk/client-s3; its schema is the declaration, its types give input and output. */
export type CommandClass = new (
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's command constructors differ only in their input type
  input: any,
) => { readonly schema?: unknown; readonly input: object; resolveMiddleware(...rest: never[]): unknown };

/** The SDK's own types of a command's input and output. */
export type InputOf<C extends CommandClass> = InstanceType<C>['input'];
export type OutputOf<C extends CommandClass> =
  ReturnType<InstanceType<C>['resolveMiddleware']> extends (...rest: never[]) => Promise<{ output: infer Output }>
    ? Output
    : never;

// The binder refuses a request without a required member, so handlers need not ask again whether it is there.
type Present<Input> = {
  [K in keyof Input]: undefined extends Input[K]
    ? Record<never, never> extends Pick<Input, K>
      ? Input[K]
      : NonNullable<Input[K]>
    : Input[K];
};

/** Streaming members of the SDK (`Body`) become what the house uses. */
export type HouseInput<Input> = Present<Omit<Input, 'Body'>> &
  ('Body' extends keyof Input ? { readonly Body: UploadBody } : unknown);
export type HouseOutput<Output> = Omit<Output, '$metadata' | 'Body'> &
  ('Body' extends keyof Output ? { readonly Body?: AsyncIterable<Uint8Array> | Uint8Array } : unknown);

/** What an operation's file says. */
export interface Declaration<Input, Output> {
  readonly actions: (input: Input, context: Context) => readonly RequiredAction[];
  readonly handle: (input: Input, context: Context) => Promise<Reply<Output>>;
  /** Modelled input members that this operation honours only with the values listed (else 501 naming the member). */
  readonly accepts?: { readonly [K in keyof Input]?: readonly string[] };
  /** Modelled input members that are refused (501) because the feature is not built. */
  readonly refused?: readonly (keyof Input)[];
  /** S3 error codes that it may raise beyond the common ones: provoked by its case file. */
  readonly errors?: readonly S3ErrorCode[];
  /** Cap on a modelled XML body; `caps.xmlBytesMax` unless told. */
  readonly xmlBytesMax?: number;
  /** Answered instead of MalformedXML. */
  readonly malformed?: S3ErrorCode;
}

/** An operation as the pipeline runs it: the same for all, its types checked where it was declared. */
export interface Operation extends Declaration<Record<string, unknown>, Record<string, unknown>> {
  readonly command: CommandClass;
}

export function operation<C extends CommandClass>(
  declaration: { readonly command: C } & Declaration<HouseInput<InputOf<C>>, HouseOutput<OutputOf<C>>>,
): Operation {
  return Object.freeze(declaration) as unknown as Operation;
}
