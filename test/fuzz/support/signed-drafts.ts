// What honest clients sign, with every odd letter that a key or a header may hold: each of these must be done.
import type { Chance } from '../../support/chance.ts';
import { sha256 } from '../../support/sign.ts';
import type { Draft } from '../../unit/gateway/signing.ts';
import { other, owner, third } from './served.ts';

export interface SignedDraft extends Draft {
  /** Somebody else who may do the same, so that only the signature stands in the way. */
  readonly stranger: Draft['user'];
}

export const letters = [...'abcXYZ019-._~ +%/!\'()*&=?#;:@,$"<>\\^`{|}[]\n\réüλ日😀'];
export const payloads = [
  'UNSIGNED-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
];
export const bucket = 'bucket';
export const knownKeys = ['known', 'dir/known two', 'known+é日'];

const text = (chance: Chance, max: number, min = 0): string =>
  Array.from({ length: min + chance.below(max - min + 1) }, () => chance.pick(letters)).join('');
const headerText = (chance: Chance): string =>
  text(chance, 12, 1)
    .replace(/[\r\n]/g, ' ')
    .trim() || 'x';

/** Headers that say nothing against being done. */
const freeHeaders: Readonly<Record<string, (chance: Chance) => string>> = {
  'content-type': headerText,
  'cache-control': headerText,
  'accept-encoding': () => 'gzip, identity',
  'x-amz-request-payer': () => 'requester',
};
const writeHeaders: typeof freeHeaders = { ...freeHeaders, 'x-amz-meta-a': headerText, 'x-amz-meta-b': headerText };

interface Kind {
  readonly method: string;
  readonly key?: (chance: Chance) => string;
  readonly query?: (chance: Chance) => Record<string, string>;
  readonly headers?: Readonly<Record<string, string>>;
}
const known = (chance: Chance): string => chance.pick(knownKeys);
const any = (chance: Chance): string => text(chance, 24, 1);
/** Never written: a short key that another user wrote a moment ago is theirs, and refused by its ACL. */
const missing = (chance: Chance): string => `missing/${any(chance)}`;

const kinds: readonly Kind[] = [
  { method: 'GET', key: known },
  { method: 'GET', key: known, headers: { range: 'bytes=0-0' } },
  { method: 'GET', key: known, query: (chance) => ({ 'response-content-type': headerText(chance), 'odd name&=': text(chance, 10) }) },
  { method: 'GET', key: missing },
  { method: 'HEAD', key: known },
  { method: 'GET', key: known, query: () => ({ acl: '' }) },
  { method: 'GET', query: (chance) => ({ 'list-type': '2', prefix: text(chance, 10).replace(/\0/g, '') }) },
  { method: 'GET', query: (chance) => ({ versions: '', prefix: text(chance, 10), é: text(chance, 10) }) },
  { method: 'PUT', key: any },
  { method: 'PUT', key: any, headers: { 'x-amz-acl': 'private', 'x-amz-tagging': 'a=b' } },
  { method: 'DELETE', key: any },
]; // biome-ignore format: a table

export function signedDraft(chance: Chance, nowMs: number): SignedDraft {
  const kind = chance.pick(kinds);
  const presigned = chance.flip(0.4);
  const user = chance.pick([owner, other, third]);
  const headers: Record<string, string> = { ...kind.headers };
  const isWrite = kind.method === 'PUT';
  const free = isWrite ? writeHeaders : freeHeaders;
  for (let n = chance.below(4); n > 0; n--) {
    const name = chance.pick(Object.keys(free));
    headers[name] = free[name]!(chance);
  }
  const declared = chance.flip(0.5) ? sha256('') : chance.pick(isWrite ? payloads.slice(0, 1) : payloads);
  headers['x-amz-content-sha256'] = presigned && chance.flip(0.7) ? 'UNSIGNED-PAYLOAD' : declared;
  return {
    user,
    stranger: chance.pick([owner, other, third].filter((one) => one !== user)),
    method: kind.method,
    bucket,
    key: kind.key?.(chance) ?? '',
    query: kind.query?.(chance) ?? {},
    headers,
    signedMs: nowMs + (chance.below(1_700) - 850) * 1000,
    ...(presigned ? { expiresSec: 901 + chance.below(604_800 - 901) } : {}),
  };
}
