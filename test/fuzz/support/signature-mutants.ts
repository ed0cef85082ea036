// Copies of a signed request with one field changed: every one of them must be refused.
import { createHash } from 'node:crypto';
import type { Chance } from '../../support/chance.ts';
import { escapePath, type Wire } from '../../unit/gateway/signing.ts';
import { letters, payloads, type SignedDraft } from './signed-drafts.ts';

const hash = (of: string): string => createHash('sha256').update(of).digest('hex');

export type Mutate = (wire: Wire, chance: Chance, draft: SignedDraft) => Wire | undefined;

const editHeader = (wire: Wire, name: string, edit: (value: string) => string): Wire | undefined => {
  const at = wire.headers.findIndex(([one]) => one === name);
  if (at < 0) return undefined;
  const value = edit(wire.headers[at]![1]);
  return value === wire.headers[at]![1] ? undefined : { ...wire, headers: wire.headers.with(at, [name, value]) };
};
const editQuery = (wire: Wire, name: string, edit: (value: string) => string): Wire | undefined => {
  const at = wire.query.findIndex(([one]) => one === name);
  if (at < 0) return undefined;
  const value = edit(wire.query[at]![1]);
  return value === wire.query[at]![1] ? undefined : { ...wire, query: wire.query.with(at, [name, value]) };
};
/** The same component in whichever form the request is signed. */
const editAuth =
  (inHeader: (value: string) => string, parameter: string, inQuery: (value: string) => string): Mutate =>
  (wire) =>
    editHeader(wire, 'authorization', inHeader) ?? editQuery(wire, parameter, inQuery);
const editCredential = (edit: (credential: string) => string): Mutate =>
  editAuth(
    (value) => value.replace(/Credential=([^,]*)/, (_, one) => `Credential=${edit(one)}`),
    'X-Amz-Credential',
    edit,
  );
const editSignature = (edit: (signature: string) => string): Mutate =>
  editAuth(
    (value) => value.replace(/Signature=([^,]*)$/, (_, one) => `Signature=${edit(one)}`),
    'X-Amz-Signature',
    edit,
  );
const editSignedHeaders = (edit: (names: string) => string): Mutate =>
  editAuth(
    (value) => value.replace(/SignedHeaders=([^,]*)/, (_, one) => `SignedHeaders=${edit(one)}`),
    'X-Amz-SignedHeaders',
    edit,
  );

const signedNames = (wire: Wire): string[] => {
  const list =
    wire.headers.find(([name]) => name === 'authorization')?.[1].match(/SignedHeaders=([^,]*)/)?.[1] ??
    wire.query.find(([name]) => name === 'X-Amz-SignedHeaders')![1];
  return list.split(';');
};
const isAuthParameter = (name: string): boolean =>
  /^X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)$/.test(name);
const flipHex = (chance: Chance, hex: string): string => {
  const at = chance.below(hex.length);
  return (
    hex.slice(0, at) + ((Number.parseInt(hex[at]!, 16) ^ (1 << chance.below(4))) & 15).toString(16) + hex.slice(at + 1)
  );
};
const laterBy = (sec: number) => (date: string) =>
  new Date(Date.parse(date.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')) + sec * 1000)
    .toISOString()
    .slice(0, 19)
    .replace(/[-:]/g, '')
    .concat('Z');

export const mutants: Readonly<Record<string, Mutate>> = {
  method: (wire, chance) => ({
    ...wire,
    method: chance.pick(['GET', 'PUT', 'POST', 'HEAD', 'DELETE', 'PATCH'].filter((m) => m !== wire.method)),
  }),
  'path byte': (wire, chance) => {
    const path = [...decodeURIComponent(wire.path)];
    const at = 4 + chance.below(path.length - 3);
    const other = chance.pick(letters.filter((one) => one !== path[at] && one !== '/'));
    return {
      ...wire,
      path: escapePath(
        path.with(Math.min(at, path.length - 1), other === path.at(-1) ? `${other}${other}` : other).join(''),
      ),
    };
  },
  'path longer': (wire) => ({ ...wire, path: `${wire.path}x` }),
  'path slash': (wire) => ({ ...wire, path: `${wire.path}//`.replace(/^(\/[^/]+\/)/, '$1/') }),
  'query value': (wire, chance) => {
    const names = wire.query
      .map(([name]) => name)
      .filter((name) => !isAuthParameter(name) && name !== 'x-amz-content-sha256');
    return names.length ? editQuery(wire, chance.pick(names), (value) => `${value}a`) : undefined;
  },
  'query name': (wire, chance) => {
    const at = wire.query.findIndex(([name]) => !isAuthParameter(name) && name !== 'x-amz-content-sha256');
    return at < 0
      ? undefined
      : {
          ...wire,
          query: wire.query.with(at, [`${wire.query[at]![0]}${chance.pick(['a', '_'])}`, wire.query[at]![1]]),
        };
  },
  'query added': (wire, chance) => ({
    ...wire,
    query: [...wire.query, [chance.pick(['acl', 'policy', 'x-amz-acl', 'response-content-type', 'versionId']), 'q']],
  }),
  'query removed': (wire) => {
    const at = wire.query.findIndex(([name]) => !isAuthParameter(name) && name !== 'x-amz-content-sha256');
    return at < 0 ? undefined : { ...wire, query: wire.query.toSpliced(at, 1) };
  },
  'header value': (wire, chance) => {
    const names = signedNames(wire).filter((name) => name !== 'x-amz-date' && name !== 'x-amz-content-sha256');
    return editHeader(wire, chance.pick(names), (value) => `${value}z`);
  },
  'header removed': (wire, chance) => {
    const name = chance.pick(signedNames(wire));
    return { ...wire, headers: wire.headers.filter(([one]) => one !== name) };
  },
  'header twice': (wire, chance) => {
    const name = chance.pick(signedNames(wire));
    return { ...wire, headers: [...wire.headers, [name, 'again']] };
  },
  'x-amz header added': (wire, chance) => ({
    ...wire,
    headers: [
      ...wire.headers,
      [
        chance.pick([
          'x-amz-copy-source',
          'X-Amz-Grant-Full-Control',
          'x-amz-meta-new',
          'x-amz-website-redirect-location',
        ]),
        '/other/secret',
      ],
    ],
  }),
  host: (wire) => editHeader(wire, 'host', () => 'localhost:9001'),
  date: (wire, chance) => {
    const later = laterBy(chance.pick([-1, 1, 60]));
    return editHeader(wire, 'x-amz-date', later) ?? editQuery(wire, 'X-Amz-Date', later);
  },
  'scope date': editCredential((one) => one.replace(/\/(\d{8})\//, (_, day) => `/${Number(day) + 1}/`)),
  region: editCredential((one) => one.replace('/us-east-1/', '/us-east-2/')),
  'no region': editCredential((one) => one.replace('/us-east-1/', '//')),
  service: editCredential((one) => one.replace('/s3/', '/iam/')),
  terminator: editCredential((one) => `${one}x`),
  'unknown access key': editCredential((one) => `Z${one}`),
  'other access key': (wire, chance, draft) =>
    editCredential((one) => one.replace(draft.user.accessKey, draft.stranger.accessKey))(wire, chance, draft),
  'signature bit': (wire, chance, draft) => editSignature((one) => flipHex(chance, one))(wire, chance, draft),
  'signature short': (wire, chance, draft) =>
    editSignature((one) => one.slice(0, chance.below(64)))(wire, chance, draft),
  'signature long': editSignature((one) => `${one}00`),
  'signature case': editSignature((one) => one.toUpperCase()),
  'signed headers fewer': (wire, chance, draft) => {
    const gone = chance.pick(signedNames(wire));
    return editSignedHeaders((names) =>
      names
        .split(';')
        .filter((name) => name !== gone)
        .join(';'),
    )(wire, chance, draft);
  },
  'signed headers more': editSignedHeaders((names) => `${names};zz`),
  'signed headers order': editSignedHeaders((names) => names.split(';').reverse().join(';')),
  'payload hash': (wire, chance) => {
    const other = (value: string) =>
      value.length === 64
        ? flipHex(chance, value)
        : chance.pick([...payloads, hash('')].filter((one) => one !== value));
    return editHeader(wire, 'x-amz-content-sha256', other) ?? editQuery(wire, 'x-amz-content-sha256', other);
  },
  expires: (wire, chance) => editQuery(wire, 'X-Amz-Expires', (value) => `${Number(value) + chance.pick([-1, 1])}`),
  algorithm: editAuth(
    (value) => value.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA512'),
    'X-Amz-Algorithm',
    () => 'AWS4-HMAC-SHA512',
  ),
  'both mechanisms': (wire) =>
    wire.headers.some(([name]) => name === 'authorization')
      ? { ...wire, query: [...wire.query, ['X-Amz-Signature', '0'.repeat(64)]] }
      : { ...wire, headers: [...wire.headers, ['authorization', 'AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request']] },
  'parameter lost': (wire, chance) => {
    const names = wire.query.map(([name]) => name).filter(isAuthParameter);
    if (names.length === 0) return undefined;
    const gone = chance.pick(names);
    return { ...wire, query: wire.query.filter(([name]) => name !== gone) };
  },
  'token added': (wire) =>
    wire.headers.some(([name]) => name === 'authorization')
      ? { ...wire, headers: [...wire.headers, ['x-amz-security-token', 'token']] }
      : { ...wire, query: [...wire.query, ['X-Amz-Security-Token', 'token']] },
};
