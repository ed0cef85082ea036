import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  amzDateOf,
  canonicalQuery,
  canonicalRequest,
  canonicalValue,
  createSigningKeys,
  deriveSigningKey,
  uriEncode,
} from '../../../src/base/sigv4.ts';

test("AWS's documented signing key", () => {
  const key = deriveSigningKey('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', '20150830', 'us-east-1', 'iam');
  expect(key.toString('hex')).toBe('c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9');
});

test('every byte but the unreserved ones is encoded, and decodes again', () => {
  expect(uriEncode('AZaz09-._~')).toBe('AZaz09-._~');
  expect(uriEncode("a b+/!'()*é")).toBe('a%20b%2B%2F%21%27%28%29%2A%C3%A9');
  expect(uriEncode('/a/ /', true)).toBe('/a/%20/');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      fc.pre(text.isWellFormed());
      expect(decodeURIComponent(uriEncode(text))).toBe(text);
      expect(uriEncode(text)).toMatch(/^([A-Za-z0-9\-._~]|%[0-9A-F]{2})*$/);
    }),
  );
});

test('queries are sorted by their encoded names, then values', () => {
  expect(
    canonicalQuery([
      ['b', '2'],
      ['a', ''],
      ['b', '10'],
      ['B', 'x'],
      ['a-', 'y'],
      ['é', '='],
    ]),
  ).toBe('%C3%A9=%3D&B=x&a=&a-=y&b=10&b=2');
  expect(canonicalQuery([])).toBe('');
});

test('header values lose their outer blanks and runs of inner ones', () => {
  expect(canonicalValue('  a   b \t c ')).toBe('a b c');
  expect(canonicalValue('"a"')).toBe('"a"');
  expect(canonicalValue('')).toBe('');
});

test('a canonical request takes headers as a record or a map; a missing one counts as empty', () => {
  const parts = { method: 'GET', path: '/', query: [], signedHeaders: ['host', 'x'], payloadHash: 'h' };
  const expected = 'GET\n/\n\nhost:a\nx:\n\nhost;x\nh';
  expect(canonicalRequest({ ...parts, headers: { host: ' a ' } })).toBe(expected);
  expect(canonicalRequest({ ...parts, headers: new Map([['host', 'a']]) })).toBe(expected);
});

test('dates', () => expect(amzDateOf(Date.UTC(2026, 10, 22, 1, 2, 3, 999))).toBe('20261122T010203Z'));

test('signing keys are kept by scope, the least used given up, a changed secret never served', () => {
  const keys = createSigningKeys(2);
  const scope = (date: string) => ({ date, region: 'r', service: 's3' });
  const first = keys.get('a', 'secret', scope('1'));
  expect(first.export()).toEqual(deriveSigningKey('secret', '1', 'r', 's3'));
  expect(keys.get('a', 'secret', scope('1'))).toBe(first);
  const second = keys.get('a', 'secret', scope('2'));
  expect(keys.get('a', 'secret', scope('1'))).toBe(first);
  keys.get('a', 'secret', scope('3')); // drops the second, which was used longest ago
  expect(keys.get('a', 'secret', scope('1'))).toBe(first);
  expect(keys.get('a', 'secret', scope('2'))).not.toBe(second);
  expect(keys.get('a', 'other', scope('1')).export()).toEqual(deriveSigningKey('other', '1', 'r', 's3'));
});
