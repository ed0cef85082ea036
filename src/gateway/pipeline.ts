// The way of every request: address → match → authenticate → bind → authorise → handle → encode. Authentication stands here and
// nowhere else, before any handler; permission is asked before any answer depends on what exists and before any byte of a body is wanted.
import type { Clock } from '../base/clock.ts';
import type { Identity, UserDirectory } from '../model/identity.ts';
import type { Objects } from '../objects/objects.ts';
import { type Address, parseAddress } from './address.ts';
import { openBody, readWhole } from './body.ts';
import { startsWithX } from './credential.ts';
import { isHeaderInQueryV2, isQueryV2 } from './credential-v2.ts';
import { s3Error } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { clientHost } from './forwarded.ts';
import type { Context, Granted, RequestFacts, RequiredAction } from './operation.ts';
import type { BuiltOperation, OperationTable } from './operations.ts';
import { preflightRefusal } from './preflight.ts';
import { type Answer, type Input, isPresignKey, type MatchRequest, type Protocol } from './protocol/protocol.ts';
import type { Verified, Verifier } from './signature.ts';

export interface PipelineOptions {
  readonly objects: Objects;
  readonly users: UserDirectory;
  readonly region: string;
  readonly profile: 'aws' | 'rgw';
  readonly showsCopy?: boolean;
  readonly domains: readonly string[];
  readonly clock: Clock;
  readonly protocol: Protocol;
  readonly table: OperationTable;
  readonly verifier: Verifier;
  readonly authorise: (identity: Identity, actions: readonly RequiredAction[], context: Context) => Promise<Granted>;
  readonly isTrustedProxy: (remoteAddress: string | undefined) => boolean;
}

export type Pipeline = (exchange: Exchange) => Promise<Answer>;

export function createPipeline(options: PipelineOptions): Pipeline {
  const { protocol, table, verifier, authorise } = options;

  return async (exchange) => {
    const { method, notes } = exchange;
    const fromTrustedProxy = options.isTrustedProxy(exchange.remoteAddress);
    const host = hostOf(exchange, fromTrustedProxy);
    const address = parseAddress(exchange.rawUrl, host, options);
    notes.bucket = address.bucket;
    notes.key = address.key;
    if (method === 'OPTIONS') throw preflightRefusal(exchange.headers);

    const request = asMatchRequest(exchange, address, host);
    const model = protocol.match(request);
    notes.operation = model.name;

    const verified = verifier.verify({ method, address, rawHeaders: exchange.rawHeaders, fromTrustedProxy });
    const { identity } = verified;
    if (identity.kind === 'user') notes.user = identity.user.name;
    const built = table.get(model.name);
    if (!built) throw notBuilt(model.name);

    const { operation, codec } = built;
    const context = new RequestContext(options, exchange, factsOf(exchange, address, verified, request), identity);
    const input = codec.bindHead(request);
    codec.checkSupport(input);
    context.granted = await authorise(identity, operation.actions(input, context), context);
    await bindPayload(built, input, exchange, context, verified, options);
    const reply = await operation.handle(input, context);
    const answer = codec.write(reply.output, reply.status);
    return reply.headers ? { ...answer, headers: { ...answer.headers, ...reply.headers } } : answer;
  };
}

function hostOf(exchange: Exchange, fromTrustedProxy: boolean): string | undefined {
  // Two hosts: whoever stands before us may have believed the other one.
  if (exchange.headers.host?.includes(',')) throw s3Error('InvalidRequest', { message: 'Host was sent twice.' });
  const host = clientHost(exchange.headers, fromTrustedProxy);
  if (host === undefined && exchange.httpVersion !== '1.0') {
    throw s3Error('InvalidRequest', { message: 'Missing required header for this request: Host' });
  }
  return host;
}

function asMatchRequest(exchange: Exchange, address: Address, host: string | undefined): MatchRequest {
  const { bucket, key, rawPath, query } = address;
  const headers = effectiveHeaders(exchange.headers, query);
  return { method: exchange.method, host: host ?? '', rawPath, query, headers, bucket, key };
}

/** SDKs move `x-amz-*` headers into the query of a presigned URL, where they are signed like the rest of it. */
function effectiveHeaders(headers: Exchange['headers'], query: Address['query']): Exchange['headers'] {
  const isOld = isQueryV2(query);
  if (!isOld && !query.some(([name]) => startsWithX(name) && name.toLowerCase() === 'x-amz-signature')) return headers;
  let merged: Record<string, string | undefined> | undefined;
  for (const [name, value] of query) {
    const lower = name.toLowerCase();
    const isHeader = isOld ? isHeaderInQueryV2(lower) : lower.startsWith('x-amz-') && !isPresignKey(lower);
    if (!isHeader || headers[lower] !== undefined) continue;
    merged ??= { ...headers };
    merged[lower] = Buffer.from(value, 'utf8').toString('latin1');
  }
  return merged ?? headers;
}

function factsOf(
  exchange: Exchange,
  address: Address,
  { signed }: Verified,
  { headers, host }: MatchRequest,
): RequestFacts {
  return {
    requestId: exchange.requestId,
    method: exchange.method,
    scheme: exchange.scheme,
    host,
    headers,
    rawPath: address.rawPath,
    rawQuery: address.rawQuery,
    query: address.query,
    virtualHost: address.virtualHost,
    remoteAddress: exchange.remoteAddress ?? '',
    signed,
  };
}

class RequestContext implements Context {
  readonly identity: Identity;
  readonly objects: Objects;
  readonly users: UserDirectory;
  readonly region: string;
  readonly profile: 'aws' | 'rgw';
  readonly showsCopy: boolean;
  readonly request: RequestFacts;
  granted: Granted = {};
  readonly #exchange: Exchange;

  constructor(options: PipelineOptions, exchange: Exchange, request: RequestFacts, identity: Identity) {
    this.identity = identity;
    this.objects = options.objects;
    this.users = options.users;
    this.region = options.region;
    this.profile = options.profile;
    this.showsCopy = options.showsCopy ?? false;
    this.request = request;
    this.#exchange = exchange;
  }

  get signal(): AbortSignal {
    return this.#exchange.signal;
  }
}

/** Opens or reads the body as the operation wants it. Only here, behind permission, is the client told to go on. */
async function bindPayload(
  { codec }: BuiltOperation,
  input: Input,
  exchange: Exchange,
  context: Context,
  { payload }: Verified,
  { clock, profile }: PipelineOptions,
): Promise<void> {
  const plan = codec.payload;
  if (plan.kind === 'none') return;
  const { headers } = context.request;
  const isStream = plan.kind === 'stream';
  const body = openBody(exchange.body, {
    headers,
    payload,
    clock,
    profile,
    lengthRequired: isStream,
    // Where the model binds them beside an XML body, they speak of the object and not of that body.
    checksumHeaders: isStream || !codec.bindsChecksums,
  });
  if (isStream) {
    input[plan.member] = body;
    return;
  }
  await plan.bind(await readWhole(body, plan.bytesMax), input);
  codec.checkSupport(input);
}

const notBuilt = (name: string) =>
  s3Error('NotImplemented', { message: `${name} is not implemented.`, extra: { Header: name } });
