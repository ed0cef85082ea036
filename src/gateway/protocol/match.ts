// Request → operation, by specificity and never by order: of the operations whose discriminators are all there, the one with the most
// wins. Two operations that could tie on every request fail at start; two that tie on this request are a conflict of the client's.
import { s3Error } from '../errors.ts';
import { directoryBucketsHost, getObjectResponsePath, matchedApart } from './exceptions.ts';
import type { OperationModel, Scope } from './model.ts';

export interface MatchRequest {
  readonly method: string;
  readonly host: string;
  readonly rawPath: string;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

interface Candidate {
  readonly model: OperationModel;
  /** Query key → value that it must have; '' = any. */
  readonly keys: ReadonlyMap<string, string>;
  readonly headers: readonly string[];
  readonly specificity: number;
  /** Query keys that this operation understands. */
  readonly understood: ReadonlySet<string>;
}

export type Matcher = (request: MatchRequest) => OperationModel;

export function compileMatcher(models: Iterable<OperationModel>): Matcher {
  const groups = new Map<string, Candidate[]>();
  const subresources = new Set<string>();
  const partners = new Map<Scope, Set<string>>();
  const apart = new Map<string, OperationModel>();
  for (const model of models) {
    if (matchedApart.has(model.name)) {
      apart.set(model.name, model);
      continue;
    }
    const candidate = compileCandidate(model);
    const group = groups.get(groupName(model.method, model.scope)) ?? [];
    groups.set(groupName(model.method, model.scope), group);
    refuseTie(candidate, group);
    group.push(candidate);
    for (const key of model.literals.keys()) subresources.add(key);
    const keys = partners.get(model.scope) ?? new Set();
    partners.set(model.scope, keys);
    for (const key of candidate.keys.keys()) keys.add(key);
  }

  return (request) => {
    const alone = matchApart(request, apart);
    if (alone) return alone;
    const scope: Scope = request.bucket === undefined ? 'service' : request.key === undefined ? 'bucket' : 'object';
    const group = groups.get(groupName(request.method, scope)) ?? [];
    const best = mostSpecific(request, group);
    if (!best) throw refuseUnmatched(request, scope, group, subresources);
    for (const [key] of request.query) {
      if (best.understood.has(key)) continue;
      if (key === 'versionId' && scope === 'object') throw noVersion(request);
      if (subresources.has(key) && !group.some((candidate) => candidate.keys.has(key))) {
        const ofBucket = scope === 'object' && groups.get(groupName(request.method, 'bucket'));
        const misplaced = request.method === 'GET' && ofBucket && ofBucket.some(({ keys }) => keys.has(key));
        throw misplaced ? keyUnexpected(key) : notAllowed(request, key);
      }
      if (partners.get(scope)?.has(key)) throw unpaired(request, key);
    }
    return best.model;
  };
}

const groupName = (method: string, scope: Scope): string => `${method} ${scope}`;

function compileCandidate(model: OperationModel): Candidate {
  const keys = new Map(model.literals);
  const headers: string[] = [];
  const understood = new Set(keys.keys());
  for (const { binding, required } of model.input.members) {
    if (binding.at === 'query') understood.add(binding.name);
    if (!required) continue;
    if (binding.at === 'query') keys.set(binding.name, '');
    if (binding.at === 'header') headers.push(binding.name);
  }
  return { model, keys, headers, understood, specificity: keys.size + headers.length };
}

const fingerprint = (candidate: Candidate): string =>
  [...candidate.keys]
    .map(([key, value]) => `${key}=${value}`)
    .concat(candidate.headers)
    .sort()
    .join('&');

function refuseTie(candidate: Candidate, group: readonly Candidate[]): void {
  const own = fingerprint(candidate);
  const twin = group.find((other) => other.specificity === candidate.specificity && fingerprint(other) === own);
  if (twin) throw new Error(`${candidate.model.name} and ${twin.model.name} cannot be told apart`);
}

function mostSpecific(request: MatchRequest, group: readonly Candidate[]): Candidate | undefined {
  let best: Candidate | undefined;
  let rival: Candidate | undefined;
  for (const candidate of group) {
    if (candidate.specificity < (best?.specificity ?? 0) || !holds(candidate, request)) continue;
    rival = best && best.specificity === candidate.specificity ? best : undefined;
    best = candidate;
  }
  if (best && rival) {
    const names = [...new Set([...best.keys.keys(), ...rival.keys.keys()])].join(', ');
    throw s3Error('InvalidArgument', {
      message: `Conflicting query string parameters: ${names}`,
      extra: { ArgumentName: 'ResourceType', ArgumentValue: names },
    });
  }
  return best;
}

function holds(candidate: Candidate, request: MatchRequest): boolean {
  for (const [key, wanted] of candidate.keys) {
    if (!request.query.some(([name, value]) => name === key && (wanted === '' || value === wanted))) return false;
  }
  return candidate.headers.every((name) => request.headers[name] !== undefined);
}

function matchApart(request: MatchRequest, apart: ReadonlyMap<string, OperationModel>): OperationModel | undefined {
  if (request.method === 'GET' && request.bucket === undefined && request.host.startsWith(directoryBucketsHost)) {
    return apart.get('ListDirectoryBuckets');
  }
  if (
    request.method === 'POST' &&
    request.rawPath === getObjectResponsePath &&
    request.headers['x-amz-request-route']
  ) {
    return apart.get('WriteGetObjectResponse');
  }
  return undefined;
}

function refuseUnmatched(
  request: MatchRequest,
  scope: Scope,
  group: readonly Candidate[],
  subresources: ReadonlySet<string>,
): Error {
  if (scope === 'bucket' && request.method === 'POST' && !request.query.some(([key]) => subresources.has(key))) {
    if (/^multipart\/form-data/i.test(request.headers['content-type'] ?? '')) {
      return s3Error('NotImplemented', {
        message: 'Browser uploads (PostObject) are not implemented.',
        extra: { Method: 'POST', ResourceType: 'OBJECT' },
      });
    }
    return s3Error('PreconditionFailed', {
      extra: { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' },
    });
  }
  const half = request.query.find(([key]) => group.some((candidate) => candidate.keys.has(key)));
  return half ? unpaired(request, half[0]) : notAllowed(request);
}

/** A key was given where only a bucket has such a thing. */
const keyUnexpected = (key: string): Error =>
  s3Error('InvalidRequest', {
    message:
      key === 'uploads'
        ? 'Key is not expected for the GET method ?uploads subresource'
        : `There is no such thing as the ?${key} sub-resource for a key`,
  });

const notAllowed = (request: MatchRequest, subresource?: string): Error =>
  s3Error('MethodNotAllowed', {
    extra: {
      Method: request.method,
      ResourceType: (
        subresource ?? (request.key !== undefined ? 'object' : request.bucket !== undefined ? 'bucket' : 'service')
      ).toUpperCase(),
    },
  });

/** Ignoring it would read or change another version than the one that was named. */
const noVersion = (request: MatchRequest): Error =>
  s3Error('InvalidArgument', {
    message: 'This operation does not accept a version-id.',
    extra: { ArgumentName: 'versionId', ArgumentValue: request.query.find(([name]) => name === 'versionId')![1] },
  });

/** A key that selects an operation only together with others which are missing: never the plain operation instead. */
const unpaired = (request: MatchRequest, key: string): Error =>
  s3Error('InvalidArgument', {
    message: `This request does not go with the query parameter ${key}, or another parameter or header that it needs is missing.`,
    extra: { ArgumentName: key, ArgumentValue: request.query.find(([name]) => name === key)?.[1] ?? '' },
  });
