// The HTTP face over real sockets, with three small operations behind it.
import { GetObjectCommand, ListObjectsV2Command, PutBucketTaggingCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { Fault } from '../../../src/base/fault.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { s3Error } from '../../../src/gateway/errors.ts';
import type { AnswerRecord } from '../../../src/gateway/exchange.ts';
import { type Operation, operation } from '../../../src/gateway/operation.ts';
import { tableOf } from '../../../src/gateway/operations.ts';
import { createPipeline } from '../../../src/gateway/pipeline.ts';
import { compileProtocol } from '../../../src/gateway/protocol/protocol.ts';
import { createRequestIds } from '../../../src/gateway/request-ids.ts';
import { createServe } from '../../../src/gateway/serve.ts';
import { createShell, type Shell } from '../../../src/gateway/server.ts';
import type { Verifier } from '../../../src/gateway/signature.ts';
import { anonymous } from '../../../src/model/identity.ts';
import type { Objects } from '../../../src/objects/objects.ts';
import { RawClient } from './raw-client.ts';

const protocol = compileProtocol();

const signals: AbortSignal[] = [];
const seen: unknown[] = [];

async function* pieces(count: number, size: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    yield Buffer.alloc(size, 97 + (i % 26));
  }
}

const operations: readonly Operation[] = [
  operation({
    command: GetObjectCommand,
    actions: (input) => [{ action: 's3:GetObject', bucket: input.Bucket, key: input.Key }],
    accepts: { ChecksumMode: ['ENABLED'] },
    async handle(input, { signal }) {
      signals.push(signal);
      seen.push(input.Key);
      if (input.Key === 'gone') throw new Fault({ kind: 'key-missing', key: input.Key });
      if (input.Key === 'bug') throw new TypeError('not a function');
      if (input.Key === 'endless') return { output: { Body: pieces(1e9, 65_536), ContentLength: 1e15 } };
      if (input.Key === 'breaks') {
        return { output: { Body: pieces(3, 1000), ContentLength: 5000, ETag: '"x"' } };
      }
      if (input.Key === 'never') {
        const body = async function* (): AsyncGenerator<Buffer> {
          yield await Promise.reject(new Fault({ kind: 'partition-down', partition: 'p1', message: 'gone' }));
        };
        return { output: { Body: body(), ContentLength: 10 } };
      }
      return { output: { Body: pieces(3, 4), ContentLength: 12, ETag: '"e"', Metadata: { a: '\u00e9' } } };
    },
  }),
  operation({
    command: PutObjectCommand,
    actions: (input) => [{ action: 's3:PutObject', bucket: input.Bucket, key: input.Key }],
    accepts: { StorageClass: ['STANDARD'] },
    refused: ['ServerSideEncryption'],
    async handle(input) {
      if (input.Key === 'unwanted') throw new Fault({ kind: 'key-missing', key: input.Key });
      let size = 0;
      for await (const piece of input.Body) {
        size += piece.length;
        seen.push('reading');
        if (input.Key === 'refused') throw new Fault({ kind: 'digest-mismatch', digest: 'CRC32' });
      }
      return { output: { ETag: `"${size}"` } };
    },
  }),
  operation({
    command: ListObjectsV2Command,
    actions: (input) => [{ action: 's3:ListBucket', bucket: input.Bucket }],
    async handle(input) {
      return { output: { Name: input.Bucket, MaxKeys: input.MaxKeys, Prefix: input.Prefix } };
    },
  }),
  operation({
    command: PutBucketTaggingCommand,
    actions: (input) => [{ action: 's3:PutBucketTagging', bucket: input.Bucket }],
    async handle(input) {
      seen.push(input.Tagging);
      return { output: {} };
    },
  }),
];

const verifier: Verifier = {
  verify: ({ rawHeaders }) => {
    if (rawHeaders.includes('x-test-forged')) throw s3Error('SignatureDoesNotMatch');
    return { identity: anonymous, signed: false, presigned: false, payload: { kind: 'unsigned' }, hoisted: {} };
  },
};

let shell: Shell;
let port: number;
let shellMs: number;
let records: AnswerRecord[];
let clients: RawClient[];

beforeEach(async () => {
  records = [];
  clients = [];
  signals.length = 0;
  seen.length = 0;
  const answer = createPipeline({
    objects: {} as Objects,
    users: { byAccessKey: () => undefined, byCanonicalId: () => undefined, byEmail: () => undefined },
    region: 'us-east-1',
    profile: 'aws',
    domains: [],
    clock: systemClock,
    protocol,
    table: tableOf(operations, protocol),
    verifier,
    async authorise(_, actions) {
      if (actions.some(({ bucket }) => bucket === 'secret')) throw s3Error('AccessDenied');
      return {};
    },
    isTrustedProxy: () => false,
  });
  const ids = createRequestIds(systemRandom);
  const serve = createServe({
    answer,
    clock: systemClock,
    ids,
    profile: 'aws',
    onAnswer: (record) => records.push(record),
    isDraining: () => shell.isDraining(),
  });
  // Draining waits for seconds; here they pass when a test says so.
  shellMs = 0;
  const clock = { ...systemClock, monotonicMs: () => shellMs, sleep: () => systemClock.sleep(2) };
  shell = createShell({ serve, ids, clock, onAnswer: (record) => records.push(record) });
  ({ port } = await shell.listen({ host: '127.0.0.1', port: 0 }));
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  await shell.close();
});

async function open(): Promise<RawClient> {
  const client = await RawClient.open(port);
  clients.push(client);
  return client;
}

async function ask(line: string, headers = '', body = '') {
  const client = await open();
  client.send(`${line} HTTP/1.1\r\nHost: s3.test\r\n${headers}\r\n${body}`);
  return client.answer(line.split(' ')[0]);
}

const codeOf = (xml: string): string | undefined => /<Code>(.*?)<\/Code>/.exec(xml)?.[1];
const until = async (holds: () => boolean): Promise<void> => {
  for (let look = 0; look < 2000 && !holds(); look++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(holds()).toBe(true);
};

describe('answers', () => {
  it('stream with the headers that the model binds', async () => {
    const { status, headers, body } = await ask('GET /bkt/k');
    expect(status).toBe(200);
    expect(body).toBe('aaaabbbbcccc');
    expect(headers).toMatchObject({
      etag: '"e"',
      'content-length': '12',
      server: 'echogate',
      'x-amz-meta-a': '\u00e9',
    });
    expect(headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/);
    expect(headers['x-amz-id-2']).toBeTruthy();
    expect(headers.date).toMatch(/GMT$/);
    await until(() => records.length === 1);
    expect(records[0]).toMatchObject({ operation: 'GetObject', bucket: 'bkt', key: 'k', status: 200, bytesOut: 12 });
  });

  it('are XML with the namespace of S3', async () => {
    const { body, headers } = await ask('GET /bkt?list-type=2&max-keys=7&prefix=a%26b');
    expect(headers['content-type']).toBe('application/xml');
    expect(body).toContain('<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">');
    expect(body).toContain('<Prefix>a&amp;b</Prefix>');
    expect(body).toContain('<MaxKeys>7</MaxKeys>');
  });

  it('carry the same request id in the error and in the header', async () => {
    const { status, headers, body } = await ask('GET /bkt/gone');
    expect(status).toBe(404);
    expect(codeOf(body)).toBe('NoSuchKey');
    expect(body).toContain('<Key>gone</Key>');
    expect(body).toContain('<Resource>/bkt/gone</Resource>');
    expect(body).toContain(`<RequestId>${headers['x-amz-request-id']}</RequestId>`);
  });

  it('to HEAD have no body', async () => {
    const client = await open();
    client.send('HEAD /bkt/k HTTP/1.1\r\nHost: a\r\n\r\nGET /bkt/gone HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await client.answer('HEAD')).status).toBe(501); // HeadObject is not built here
    expect(codeOf((await client.answer()).body)).toBe('NoSuchKey');
  });

  it('to a bug are InternalError, and the record keeps the cause', async () => {
    const { status, body } = await ask('GET /bkt/bug');
    expect([status, codeOf(body)]).toEqual([500, 'InternalError']);
    expect(body).not.toContain('not a function');
    await until(() => records.length === 1);
    expect(records[0]!.error).toBeInstanceOf(TypeError);
  });

  it('whose body cannot be begun are errors', async () => {
    const { status, headers, body } = await ask('GET /bkt/never');
    expect([status, codeOf(body)]).toEqual([503, 'ServiceUnavailable']);
    expect(headers['retry-after']).toBe('1');
    expect(Number(headers['content-length'])).toBe(Buffer.byteLength(body));
  });

  it('whose body breaks never look whole', async () => {
    const client = await open();
    client.send('GET /bkt/breaks HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect(client.answer()).rejects.toThrow(/closed/);
  });

  it('stop when the client hangs up', async () => {
    const client = await open();
    client.send('GET /bkt/endless HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => client.unread.length > 100_000);
    client.destroy();
    await until(() => records.length === 1);
    expect(signals[0]!.aborted).toBe(true);
    expect(records[0]!.aborted).toBe(true);
    expect(records[0]!.error).toBeUndefined();
  });
});

it('a client that hangs up in the middle of a body leaves one record', async () => {
  const client = await open();
  client.send('PUT /bkt/k HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nab');
  await until(() => seen.includes('reading'));
  client.destroy();
  await until(() => records.length > 0);
  await ask('GET /bkt/k');
  await until(() => records.length === 2);
  expect(records[0]).toMatchObject({ operation: 'PutObject', status: 0, bytesIn: 2, aborted: true });
  expect(records[0]!.error).toBeUndefined();
});

describe('requests', () => {
  it('keep their raw path', async () => {
    for (const [target, key] of [
      ['/bkt/../c/%2e%2e/x', '../c/../x'],
      ['/bkt//a%2fb', '/a/b'],
      [`/bkt/${'k'.repeat(300)}`, 'k'.repeat(300)],
      ['/bkt/a%2520b', 'a%20b'],
    ] as const) {
      await ask(`GET ${target}`);
      expect(seen.at(-1)).toBe(key);
    }
  });

  it.each([
    ['GET /bkt/%zz', 400],
    ['PROPFIND /bkt/k', 405],
    ['PATCH /bkt/k', 405],
    ['GET /bkt/k?acl', 501],
    ['GET /bkt?list-type=2&max-keys=x', 400],
    ['GET /bkt?list-type=2&max-keys=-1', 400],
    ['GET /bkt?list-type=2&max-keys=1&max-keys=2', 400],
    ['OPTIONS /bkt/k', 400],
  ])('%s is %i in XML', async (line, status) => {
    const answer = await ask(line);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/xml');
    expect(codeOf(answer.body)).toBeTruthy();
  });

  it('name the operation that is not built', async () => {
    expect((await ask('GET /bkt/k?acl')).body).toContain('GetObjectAcl is not implemented');
  });

  it.each([
    ['x-amz-server-side-encryption: AES256', 'x-amz-server-side-encryption'],
    ['x-amz-storage-class: GLACIER', 'x-amz-storage-class'],
    ['x-amz-no-such-thing: 1', 'x-amz-no-such-thing'],
  ])('with %s are refused by that name', async (header, name) => {
    const { status, body } = await ask('PUT /bkt/k', `${header}\r\nContent-Length: 0\r\n`);
    expect(status).toBe(501);
    expect(body).toContain(`<Header>${name}</Header>`);
  });

  it('with another coding than chunked are refused', async () => {
    const { status, body } = await ask('PUT /bkt/k', 'Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n');
    expect([status, codeOf(body)]).toEqual([501, 'NotImplemented']);
    expect((await ask('PUT /bkt/k', 'Transfer-Encoding: Chunked\r\n', '1\r\na\r\n0\r\n\r\n')).status).toBe(200);
  });

  it('with an honoured value pass', async () => {
    expect((await ask('PUT /bkt/k', 'x-amz-storage-class: STANDARD\r\nContent-Length: 2\r\n', 'ab')).headers.etag).toBe(
      '"2"',
    );
  });

  it('of preflights are refused as without CORS', async () => {
    const { status, body } = await ask('OPTIONS /bkt/k', 'Origin: http://x\r\nAccess-Control-Request-Method: GET\r\n');
    expect([status, codeOf(body)]).toEqual([403, 'AccessForbidden']);
  });

  it('bind an XML body', async () => {
    const xml = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>';
    expect((await ask('PUT /bkt?tagging', `Content-Length: ${xml.length}\r\n`, xml)).status).toBe(200);
    expect(seen).toEqual([{ TagSet: [{ Key: 'a', Value: 'b' }] }]);
    expect(codeOf((await ask('PUT /bkt?tagging', 'Content-Length: 3\r\n', '<a>')).body)).toBe('MalformedXML');
    expect(codeOf((await ask('PUT /bkt?tagging', 'Content-Length: 0\r\n')).body)).toBe('MissingRequestBodyError');
  });
});

describe('Expect: 100-continue', () => {
  const head = (path: string, size: number, more = '') =>
    `PUT ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\nExpect: 100-continue\r\n${more}\r\n`;

  it('is granted when the body is wanted', async () => {
    const client = await open();
    client.send(head('/bkt/k', 3));
    expect((await client.answer()).status).toBe(100);
    client.send('abc');
    const answer = await client.answer();
    expect([answer.status, answer.headers.etag]).toEqual([200, '"3"']);
  });

  it.each([
    ['no permission', '/secret/k', '', 403],
    ['no permission to write XML', '/secret?tagging', '', 403],
    ['a forged signature', '/bkt/k', 'x-test-forged: 1\r\n', 403],
    ['a missing thing', '/bkt/unwanted', '', 404],
  ])('is not granted with %s', async (_, path, more, status) => {
    const client = await open();
    client.send(head(path, 3, more));
    const answer = await client.answer();
    expect(answer.status).toBe(status);
    expect(answer.headers.connection).toBe('close');
    await client.closed();
  });

  it('of another kind is no reason to refuse', async () => {
    expect((await ask('PUT /bkt/k', 'Expect: 200\r\nContent-Length: 1\r\n', 'a')).status).toBe(200);
  });
});

describe('connections', () => {
  it('live on after an error that left a small body unread', async () => {
    const client = await open();
    const put = `PUT /secret/k HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(1000)}`;
    client.send(`${put}GET /bkt/k HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect((await client.answer()).status).toBe(403);
    expect((await client.answer()).body).toBe('aaaabbbbcccc');
  });

  it('live on when the unread body comes late', async () => {
    const client = await open();
    client.send('PUT /secret/k HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n');
    expect((await client.answer()).status).toBe(403);
    client.send(`${'x'.repeat(1000)}GET /bkt/k HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect((await client.answer()).status).toBe(200);
  });

  it('live on when a body was refused in the middle', async () => {
    const client = await open();
    client.send(`PUT /bkt/refused HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(100_000)}`);
    expect(codeOf((await client.answer()).body)).toBe('BadDigest');
    client.send(`${'x'.repeat(100_000)}GET /bkt/k HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect((await client.answer()).body).toBe('aaaabbbbcccc');
  });

  it('close, the answer told, when a long body is left unread', async () => {
    const client = await open();
    client.send(`PUT /secret/k HTTP/1.1\r\nHost: a\r\nContent-Length: ${1e9}\r\n\r\n${'x'.repeat(100_000)}`);
    const answer = await client.answer();
    expect(answer.status).toBe(403);
    expect(answer.headers.connection).toBe('close');
    for (let i = 0; i < 40; i++) client.send(Buffer.alloc(65_536));
    await client.closed();
  });

  it.each([
    ['garbage', 'this is not http\r\n\r\n'],
    ['a tunnel asked for', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n'],
    [
      'both lengths',
      'PUT /bkt/k HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two hosts', 'GET /bkt/k HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'],
    ['two lengths', 'PUT /bkt/k HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    ['a negative length', 'PUT /bkt/k HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n'],
    ['a bad chunk', 'PUT /bkt/k HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['too long headers', `GET / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`],
  ])('with %s are told so in XML and closed', async (_, bytes) => {
    const client = await open();
    client.send(bytes);
    const { status, headers, body } = await client.answer();
    expect(status).toBe(400);
    expect(headers.connection).toBe('close');
    expect(headers['content-type']).toBe('application/xml');
    expect(body).toContain(`<RequestId>${headers['x-amz-request-id']}</RequestId>`);
    await client.closed();
    expect(client.unread).toBe('');
    await until(() => records.length === 1);
  });

  it('give a whole answer before they close on the garbage behind it', async () => {
    for (let i = 0; i < 20; i++) {
      const client = await open();
      client.send('GET /bkt/gone HTTP/1.1\r\nHost: a\r\n\r\n');
      if (i % 2) await new Promise((resolve) => setImmediate(resolve));
      client.send('garbage\r\n\r\n');
      expect([400, 404]).toContain((await client.answer()).status);
      await client.closed();
    }
  });

  it('tell the caps on URL, headers and Host', async () => {
    expect((await ask(`GET /bkt/k?x=${'y'.repeat(17_000)}`)).status).toBe(414);
    expect(codeOf((await ask('GET /bkt/k', `x-a: ${'y'.repeat(17_000)}\r\n`)).body)).toBe(
      'RequestHeaderSectionTooLarge',
    );
    const client = await open();
    client.send('GET /bkt/k HTTP/1.1\r\n\r\n');
    expect(codeOf((await client.answer()).body)).toBe('InvalidRequest');
  });

  it('drain: what came before the end is answered, then all close', { timeout: 10_000 }, async () => {
    const silent = await open();
    const idle = await open();
    const busy = await open();
    idle.send('GET /bkt/k HTTP/1.1\r\nHost: a\r\n\r\n');
    await idle.answer();
    busy.send('PUT /bkt/k HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc');
    await until(() => records.length === 1);
    const drained = shell.drain(20_000);
    await expect(RawClient.open(port)).rejects.toThrow();
    idle.send('GET /bkt/k HTTP/1.1\r\nHost: a\r\n\r\n');
    const late = await idle.answer();
    expect([late.status, late.headers.connection]).toEqual([200, 'close']);
    busy.send('def');
    const last = await busy.answer();
    expect([last.headers.etag, last.headers.connection]).toEqual(['"6"', 'close']);
    await busy.closed();
    shellMs = 4_000;
    await silent.closed();
    await drained;
  });
});
