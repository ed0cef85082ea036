// Requests as the SDK itself writes them, for any operation: minimal required input made from the model, serialised, captured unsent.
import * as sdk from '@aws-sdk/client-s3';
import type { MatchRequest } from '../../../../src/gateway/protocol/match.ts';
import type { Member, OperationModel, Shape } from '../../../../src/gateway/protocol/model.ts';

export interface Captured {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

class Stop extends Error {}

type WireRequest = {
  method: string;
  hostname: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
};

export async function capture(name: string, input: Record<string, unknown>): Promise<Captured> {
  let wire: WireRequest | undefined;
  const client = new sdk.S3Client({
    region: 'us-east-1',
    endpoint: 'http://s3.test',
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    requestHandler: {
      async handle(request: WireRequest) {
        wire = request;
        throw new Stop();
      },
    } as never,
  });
  const Command = (sdk as unknown as Record<string, new (input: unknown) => never>)[`${name}Command`]!;
  await client.send(new Command(input)).catch((error: unknown) => {
    if (!(error instanceof Stop)) throw error;
  });
  if (!wire) throw new Error(`${name} was not sent`);
  const query: [string, string][] = [];
  for (const [key, value] of Object.entries(wire.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) query.push([key, one ?? '']);
  }
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(wire.headers)) headers[key.toLowerCase()] = value;
  const { method, hostname, path } = wire;
  return { method, hostname, path, query, headers, body: await bytesOf(wire.body) };
}

/** As the gateway would see it. */
export function asRequest(captured: Captured, scope: OperationModel['scope']): MatchRequest {
  const [, bucket, ...rest] = captured.path.split('/');
  const key = decodeURIComponent(rest.join('/'));
  return {
    method: captured.method,
    host: captured.hostname,
    rawPath: captured.path,
    ...(bucket && { bucket }),
    ...(scope === 'object' && { key }),
    query: captured.query,
    headers: captured.headers,
  };
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body as string);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Values for the required members, and for those that S3 needs although the model does not say so. */
export function minimalInput(model: OperationModel): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const member of model.input.members) if (member.required) input[member.name] = sample(member.shape, member);
  return input;
}

function sample(shape: Shape, member?: Member): unknown {
  if (member?.name === 'Bucket') return 'bucket-1';
  if (member?.name === 'Key') return 'dir/key';
  if (member?.name === 'RequestRoute') return 'route';
  switch (shape.kind) {
    case 'string':
      return member?.name === 'CopySource' ? 'bucket-1/other' : 'text';
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'timestamp':
      return new Date(1_700_000_000_000);
    case 'blob':
      return Buffer.from('bytes');
    case 'map':
      return {};
    case 'unit':
      return {};
    case 'list':
      return [sample(shape.item)];
    case 'structure': {
      const value: Record<string, unknown> = {};
      for (const inner of shape.members) {
        if (inner.required || (shape.union && Object.keys(value).length === 0))
          value[inner.name] = sample(inner.shape, inner);
      }
      return value;
    }
  }
}
