// The shape of an operation: one file, one declaration. Everything common (address, match, authentication, binding,
// authorisation, errors, HEAD, metrics, access log) stands once in pipeline.ts.
import type { Identity, UserDirectory } from '../model/identity.ts';
import type { Objects } from '../objects/objects.ts';
import type { UploadBody } from '../objects/upload-body.ts';

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
  readonly request: RequestFacts;
  readonly signal: AbortSignal;
}

export interface Reply<Output> {
  /** Defaults to the model's success status. */
  readonly status?: number;
  readonly output: Output;
  /** Headers that the model does not bind (x-amz-delete-marker on errors and such are errors' business). */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A command class of @aws-sdk/client-s3; its schema is the declaration, its types give input and output. */
// biome-ignore lint/suspicious/noExplicitAny: the SDK's command constructors differ only in their input type
export type CommandClass = new (input: any) => { readonly schema: unknown };

/** Streaming members of the SDK (`Body`) become what the house uses. */
export type HouseInput<Input> = Omit<Input, 'Body'> & ('Body' extends keyof Input ? { Body: UploadBody } : unknown);
export type HouseOutput<Output> = Omit<Output, '$metadata' | 'Body'> &
  ('Body' extends keyof Output ? { Body?: AsyncIterable<Uint8Array> } : unknown);

export interface Operation<Input = never, Output = unknown> {
  readonly command: CommandClass;
  readonly actions: (input: Input, context: Context) => readonly RequiredAction[];
  readonly handle: (input: Input, context: Context) => Promise<Reply<Output>>;
  /** Modelled input members that this operation honours only with the values listed (else 501 naming the member). */
  readonly accepts?: Readonly<Record<string, readonly string[]>>;
  /** Modelled input members that are refused (501) because the feature is not built. */
  readonly refused?: readonly string[];
  /** S3 error codes that it may raise beyond the common ones: provoked by its case file. */
  readonly errors?: readonly string[];
}
