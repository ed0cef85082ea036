// Requests that no client should send, over raw sockets: whatever comes, each gets an S3 answer or the end of its connection, never a
// 5xx, never JSON, never silence. The seed is fixed; a failure prints the bytes that made it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Fault } from '../../src/base/fault.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { groups } from '../../src/model/acl.ts';
import type { Bucket, Objects } from '../../src/objects/objects.ts';
import { RawClient } from '../unit/gateway/raw-client.ts';

const requests = 600;
const lanes = 8;

const methods = [
  'GET',
  'PUT',
  'GET',
  'PUT',
  'PUT',
  'POST',
  'HEAD',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'PROPFIND',
  'TRACE',
  'get',
  'X',
];
const paths = [
  '/', '//', '/*', '*', '/..', '/%2e', '/a', '/BUCKET/k', `/${'b'.repeat(200)}`, 'bucket/k', 'http://x/bucket/k', 'http://localhost/bucket/k',
  '/bucket', '/bucket/', '/bucket//', '/bucket/k', '/bucket/../x', '/bucket/%2e%2e/%2e%2e', '/bucket/%00', '/bucket/%zz', '/bucket/%ff%fe',
  '/bucket/\xff\xfe', '/bucket/%E2%82', `/bucket/${'k'.repeat(1025)}`, '/\\bucket\\k', '/bucket/k;x', '/bucket/k#f', '/bucket/a b',
]; // biome-ignore format: a table
const queries = [
  '', '', '?', '?acl', '?acl&acl', '?acl&tagging', '?versioning', '?uploads', '?uploadId=x', '?partNumber=1', '?partNumber=0&uploadId=x',
  '?partNumber=99999&uploadId=', '?list-type=2', '?list-type=3', '?max-keys=-1', '?max-keys=99999999999', '?delete', '?tagging', '?versionId=',
  '?versionId=null', '?X-Amz-Signature=1', '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/b/c/d/e&X-Amz-Date=x&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=z',
  '?Signature=1&Expires=2&AWSAccessKeyId=3', '?%zz', '?a=%zz', '?=', '?&&&', '?prefix=%00', '?delimiter=%0a&prefix=%0d', '?encoding-type=x',
  '?continuation-token=zzz', '?response-content-type=%0d%0aX:1', '?select&select-type=2', '?torrent', '?attributes', '?renameObject', '?x-id=Foo',
]; // biome-ignore format: a table
const headers = [
  'Content-Length: 0', 'Content-Length: -1', 'Content-Length: abc', 'Content-Length: 99999999999999999999', 'Content-Length: 5368709121',
  'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: identity', 'Expect: 100-continue', 'Expect: foo',
  'Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00', 'Authorization: AWS x:y',
  'Authorization: ', 'Authorization: Basic abc', 'x-amz-copy-source: ', 'x-amz-copy-source: /', 'x-amz-copy-source: bucket/k', 'x-amz-copy-source: %00',
  'x-amz-copy-source: bucket/../../etc', 'x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-content-sha256: zzz', 'x-amz-decoded-content-length: 5', 'x-amz-decoded-content-length: x', 'Content-MD5: x', 'Content-MD5: ', 'x-amz-checksum-crc32: x',
  'x-amz-trailer: x-amz-checksum-crc32', 'x-amz-meta-: a', 'x-amz-meta-a: \xff', 'x-amz-acl: foo', 'x-amz-grant-read: foo', 'x-amz-tagging: a=b=c&&',
  'Range: bytes=5-1', 'Range: x', 'If-Match: *', 'If-None-Match: "', 'If-Modified-Since: x', 'Host: bucket.localhost', 'Host: ', 'Connection: Upgrade\r\nUpgrade: h2c',
  'Content-Type: multipart/form-data', 'Content-Type: \xff', `x: ${'y'.repeat(9000)}`, ': novalue', 'noColon', ' folded', 'x-amz-date: x', 'x-amz-security-token: x',
  'Content-Encoding: aws-chunked', 'Date: x', 'X-Forwarded-Host: a',
]; // biome-ignore format: a table
const bodies = [
  '', '', 'hello', '5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', 'ffffffffffffffffff\r\nx', '5;chunk-signature=x\r\nhello\r\n0;chunk-signature=\r\n\r\n', '<Delete>',
  '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Delete/>', '<Tagging><TagSet/></Tagging>', '\0\0\0',
]; // biome-ignore format: a table

function* made(seed: number): Generator<string> {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const pick = (list: readonly string[]): string => list[Math.floor(next() * list.length)]!;
  for (let n = 0; n < requests; n++) {
    const lines = [`${pick(methods)} ${pick(paths)}${pick(queries)} ${next() < 0.95 ? 'HTTP/1.1' : 'HTTP/1.0'}`];
    if (next() < 0.95) lines.push('Host: localhost');
    for (let more = Math.floor(next() * 3); more > 0; more--) lines.push(pick(headers));
    const body = pick(bodies);
    if (body !== '' && next() < 0.85) lines.push(`Content-Length: ${body.length}`);
    // The last one: so that the end of the connection is the end of the answer.
    lines.push('Connection: close');
    yield `${lines.join('\r\n')}\r\n\r\n${body}`;
  }
}

const everybody = (permission: 'READ' | 'WRITE') =>
  ({ grantee: { kind: 'group', uri: groups.allUsers }, permission }) as const;
const bucket: Bucket = {
  id: '0'.repeat(32),
  name: 'bucket',
  createdMs: 0,
  state: 'active',
  acl: { owner: 'o', grants: [everybody('READ'), everybody('WRITE')] },
  versioning: 'unversioned',
  tags: [],
  region: 'us-east-1',
};
const known: Partial<Objects> = {
  async bucket(name) {
    if (name === bucket.name) return bucket;
    throw new Fault({ kind: 'bucket-missing', bucket: name });
  },
  peek: async () => undefined,
  async write(_bucket, _key, body) {
    for await (const piece of body) void piece;
    throw new Fault({ kind: 'request-invalid', message: 'nothing is kept here' });
  },
};
/** Stories that nobody tells here end in a fault of the client's. */
const objects = new Proxy(known, {
  get: (target, name) =>
    target[name as keyof Objects] ?? (async () => Promise.reject(new Fault({ kind: 'key-missing', key: 'k' }))),
}) as Objects;

let gateway: Gateway;
let port: number;

beforeAll(async () => {
  const users = { byAccessKey: () => undefined, byCanonicalId: () => undefined, byEmail: () => undefined };
  gateway = await createGateway({
    objects,
    users,
    region: 'us-east-1',
    profile: 'aws',
    domains: ['localhost'],
    clock: systemClock,
    random: systemRandom,
  });
  ({ port } = await gateway.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => gateway.close());

it('every request is answered or its connection ended', { timeout: 120_000 }, async () => {
  const statuses = new Map<number, number>();
  const source = made(20_261_122);
  const work = async (): Promise<void> => {
    for (const bytes of source) {
      const status = await answerTo(bytes);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  // A fuzzer that only meets one wall tests one wall.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 403, 404, 405, 501]));
});

async function answerTo(bytes: string): Promise<number> {
  const client = await RawClient.open(port);
  try {
    client.send(bytes);
    const method = bytes.slice(0, bytes.indexOf(' '));
    let answer = await client.answer(method);
    // A body that was promised and does not come.
    if (answer.status === 100) {
      client.socket.end();
      answer = { ...answer, status: 400, headers: { ...answer.headers, 'content-type': 'application/xml' } };
    }
    expect(
      answer.status < 500 || answer.status === 501,
      `${answer.status} ${answer.body} for ${JSON.stringify(bytes)}`,
    ).toBe(true);
    if (answer.status >= 400) expect(answer.headers['content-type'], JSON.stringify(bytes)).toBe('application/xml');
    return answer.status;
  } catch (error) {
    throw new Error(`no answer to ${JSON.stringify(bytes)}`, { cause: error });
  } finally {
    client.destroy();
  }
}
