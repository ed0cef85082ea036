// Input that no client should send gets the error that S3 gives: no 5xx but 501, no crash, no hang, nothing half-written.
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { md5Base64, textOf } from './support/bodies.ts';
import { newBucket, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { exchange, headOf, openSocket, type RawAnswer, type RawRequest, raw } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { host, port } from './support/target.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
});
afterAll(async () => {
  // Whatever was sent: the server is still there, and nothing of it can be seen.
  const { Contents = [] } = await main.send(new ListObjectsV2Command({ Bucket, Prefix: 'nothing' }));
  expect(Contents).toEqual([]);
});

const authority = `${host}:${port}`;
const is = (answer: RawAnswer, status: number, code?: string) =>
  expect([answer.status, answer.code], answer.body).toEqual([status, code]);

describe('keys are bytes', () => {
  const keys = [
    '//',
    '/lead',
    'trail/',
    '..',
    '../..',
    'a/../b',
    './.',
    'a//b',
    '\\..\\',
    'new\nline',
    'car\rriage',
    'tab\t',
    ' ',
    '%2F',
    '%',
    '+',
    '?',
    '#',
    '&=;',
    '"\'<>',
    '\u0001',
    '\u007f',
    'é',
    'e\u0301',
    '\u{1f600}',
    `${'ü'.repeat(511)}xx`,
  ];

  test.each(keys.map((key) => [JSON.stringify(key).slice(0, 30), key]))('%s', async (_, key) => {
    await put(Bucket, key, `of ${key}`);
    expect(await textOf({ Bucket, Key: key })).toBe(`of ${key}`);
    const { Contents } = await main.send(
      new ListObjectsV2Command({ Bucket, Prefix: key, EncodingType: 'url', MaxKeys: 1 }),
    );
    expect(decodeURIComponent(Contents![0]!.Key!)).toBe(key);
    await main.send(new DeleteObjectCommand({ Bucket, Key: key }));
    await refuses(main, new HeadObjectCommand({ Bucket, Key: key }), 'NoSuchKey');
  });

  test('a key and a key below it', async () => {
    for (const key of ['dir', 'dir/', 'dir/file', 'dir/file/deeper']) await put(Bucket, key, key);
    for (const key of ['dir', 'dir/', 'dir/file', 'dir/file/deeper'])
      expect(await textOf({ Bucket, Key: key })).toBe(key);
    await main.send(new DeleteObjectCommand({ Bucket, Key: 'dir' }));
    expect(await textOf({ Bucket, Key: 'dir/file' })).toBe('dir/file');
  });

  test.each([
    ['NUL', 'nothing%00here'],
    ['half an escape', 'nothing%z'],
    ['no escape', 'nothing%zz'],
    ['bytes that are not UTF-8', 'nothing%ff'],
    ['an overlong encoding', 'nothing%c0%af'],
    ['a lone surrogate', 'nothing%ed%a0%80'],
  ])('%s is no key', async (_, path) => {
    for (const method of ['GET', 'PUT']) {
      const answer = await raw({ method, target: `/${Bucket}/${path}`, user: null });
      expect(answer.status, answer.body).toBe(400);
      expect(['InvalidURI', 'InvalidArgument']).toContain(answer.code);
    }
  });
});

describe('parameters without their partner', () => {
  const refused = (request: RawRequest) =>
    raw(request).then((answer) => expect([400, 405], answer.body).toContain(answer.status));

  test('never become the plain operation', async () => {
    const path = `/${Bucket}/nothing-half`;
    await refused({ method: 'PUT', target: `${path}?partNumber=1`, body: 'x' });
    await refused({ method: 'PUT', target: `${path}?uploadId=u`, body: 'x' });
    await refused({ method: 'POST', target: path, body: 'x' });
    await refused({ method: 'PUT', target: `${path}?uploads`, body: 'x' });
    await refused({ method: 'DELETE', target: `${path}?uploads` });
    await refused({ method: 'GET', target: `/${Bucket}?uploads&versions` });
    await refuses(main, new HeadObjectCommand({ Bucket, Key: 'nothing-half' }), 'NoSuchKey');
  });

  test('what only a bucket has is not asked of a key', async () => {
    for (const name of ['uploads', 'versions', 'versioning', 'location']) {
      is(await raw({ target: `/${Bucket}/k?${name}` }), 400, 'InvalidRequest');
    }
  });

  test('given twice', async () => {
    is(await raw({ target: `/${Bucket}?max-keys=1&max-keys=2` }), 400, 'InvalidArgument');
  });

  test('unknown plain ones are ignored', async () => {
    expect((await raw({ target: `/${Bucket}?whatever=1` })).status).toBe(200);
  });
});

describe('what is not built is named', () => {
  test.each([
    'cors',
    'lifecycle',
    'policy',
    'website',
    'replication',
    'encryption',
    'notification',
    'logging',
    'object-lock',
    'publicAccessBlock',
    'ownershipControls',
    'requestPayment',
    'accelerate',
  ])('GET ?%s', async (subresource) => {
    const answer = await raw({ target: `/${Bucket}?${subresource}` });
    is(answer, 501, 'NotImplemented');
    expect(answer.body).toMatch(/Get[A-Z]\w+/);
  });

  test.each(['torrent', 'retention', 'legal-hold', 'restore', 'select&select-type=2'])(
    'object ?%s',
    async (subresource) => {
      const method = /restore|select/.test(subresource) ? 'POST' : 'GET';
      const answer = await raw({
        method,
        target: `/${Bucket}/k?${subresource}`,
        ...(method === 'POST' && { body: '' }),
      });
      is(answer, 501, 'NotImplemented');
    },
  );

  test('an x-amz- header that the operation does not know', async () => {
    const answer = await raw({
      method: 'PUT',
      target: `/${Bucket}/nothing-known`,
      body: 'x',
      headers: { 'x-amz-unheard-of': '1' },
    });
    is(answer, 501, 'NotImplemented');
    expect(answer.body).toContain('x-amz-unheard-of');
  });

  test('uploads from browsers, and their questions', async () => {
    const form = 'multipart/form-data; boundary=x';
    is(
      await raw({ method: 'POST', target: `/${Bucket}`, body: '--x--', user: null, headers: { 'content-type': form } }),
      501,
      'NotImplemented',
    );
    const preflight = { origin: 'http://example.org', 'access-control-request-method': 'PUT' };
    is(
      await raw({ method: 'OPTIONS', target: `/${Bucket}/k`, user: null, headers: preflight }),
      403,
      'AccessForbidden',
    );
    is(await raw({ method: 'OPTIONS', target: `/${Bucket}/k`, user: null }), 400, 'BadRequest');
  });
});

describe('XML', () => {
  const send = (body: string) =>
    raw({ method: 'POST', target: `/${Bucket}?delete`, body, headers: { 'content-md5': md5Base64(body) } });
  const list = (key: string) => `<Delete><Object><Key>${key}</Key></Object></Delete>`;

  test.each([
    ['a document type', `<!DOCTYPE Delete>${list('k')}`],
    ['an entity that grows', `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${list('&b;')}`],
    ['an entity that reads a file', `<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>${list('&x;')}`],
    ['an entity that nobody declared', list('&nbsp;')],
    ['a hundred levels', `<Delete>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</Delete>`],
    ['two roots', `${list('k')}${list('k')}`],
    ['tags that cross', '<Delete><Object><Key>k</Object></Key></Delete>'],
    ['bytes that are not UTF-8', `<Delete><Object><Key>\u0000</Key></Object></Delete>`],
    ['a text', 'hello'],
  ])('%s is refused', async (_, body) => {
    is(await send(body), 400, 'MalformedXML');
  });

  test('a document beyond reason', async () => {
    const body = `<Delete>${' '.repeat(5 * 1024 * 1024)}</Delete>`;
    const answer = await send(body);
    expect(answer.status, answer.body).toBe(400);
  });

  test('the five entities, references and CDATA are fine', async () => {
    await put(Bucket, '<&>"\'é');
    const answer = await send(list('&lt;<![CDATA[&]]>&gt;&quot;&apos;&#xe9;'));
    expect(answer.body).toContain('<Deleted>');
    await refuses(main, new GetObjectCommand({ Bucket, Key: '<&>"\'é' }), 'NoSuchKey');
  });
});

describe('HTTP', () => {
  const lines = (...parts: string[]) => `${parts.join('\r\n')}\r\n\r\n`;

  test.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a header without a colon', lines(`GET /${'b'.repeat(3)} HTTP/1.1`, `host: ${authority}`, 'no colon here')],
    ['a space before the colon', lines('GET / HTTP/1.1', `host : ${authority}`)],
    ['two lengths', lines('PUT /b/k HTTP/1.1', `host: ${authority}`, 'content-length: 1', 'content-length: 2')],
    [
      'a length and chunks',
      `${lines('PUT /b/k HTTP/1.1', `host: ${authority}`, 'content-length: 5', 'transfer-encoding: chunked')}0\r\n\r\n`,
    ],
    ['a length that is none', lines('PUT /b/k HTTP/1.1', `host: ${authority}`, 'content-length: five')],
    ['a negative length', lines('PUT /b/k HTTP/1.1', `host: ${authority}`, 'content-length: -1')],
    ['a NUL in a header', lines('GET / HTTP/1.1', `host: ${authority}`, 'x-odd: a\0b')],
    ['no host', lines('GET / HTTP/1.1', 'connection: close')],
  ])('%s', async (_, bytes) => {
    const answer = await exchange(bytes);
    expect(answer.status, answer.body).toBe(400);
    expect(answer.headers['content-type']).toBe('application/xml');
    expect(answer.code).toBeTruthy();
  });

  test('a transfer encoding that nobody undoes', async () => {
    const answer = await exchange(
      `${lines('PUT /b/k HTTP/1.1', `host: ${authority}`, 'transfer-encoding: gzip, chunked')}0\r\n\r\n`,
    );
    expect([400, 501], answer.body).toContain(answer.status);
  });

  test('headers beyond reason', async () => {
    const answer = await exchange(lines('GET / HTTP/1.1', `host: ${authority}`, `x-long: ${'x'.repeat(100_000)}`));
    expect([400, 431], answer.body).toContain(answer.status);
  });

  test('an address beyond reason', async () => {
    const answer = await exchange(lines(`GET /${'x'.repeat(100_000)} HTTP/1.1`, `host: ${authority}`));
    expect([400, 414, 431], answer.body).toContain(answer.status);
  });

  test('methods that S3 does not have', async () => {
    for (const method of ['PATCH', 'TRACE', 'PROPFIND']) {
      const answer = await raw({ method, target: `/${Bucket}/k` });
      expect([400, 405], answer.body).toContain(answer.status);
    }
  });

  test('fewer bytes than announced, then silence', async () => {
    const head = headOf({
      method: 'PUT',
      target: `/${Bucket}/nothing-short`,
      headers: { 'content-length': '100', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    });
    const socket = await openSocket();
    socket.write(`${head}only this`);
    await new Promise((done) => setTimeout(done, 50));
    socket.destroy();
    await refuses(main, new HeadObjectCommand({ Bucket, Key: 'nothing-short' }), 'NoSuchKey');
  });

  test('the id in an error is the id in its header', async () => {
    const answer = await raw({ target: `/${Bucket}/missing` });
    expect(answer.body).toContain(`<RequestId>${answer.headers['x-amz-request-id']}</RequestId>`);
    expect(answer.body).toContain('<Key>missing</Key>');
  });

  test('an answer to nobody does not tell what exists', async () => {
    await put(Bucket, 'exists');
    for (const key of ['exists', 'missing'])
      is(await raw({ target: `/${Bucket}/${key}`, user: null }), 403, 'AccessDenied');
  });
});

test('a body behind a refused request does not become the next request', async () => {
  const body = `GET /${Bucket}/exists HTTP/1.1\r\nhost: ${authority}\r\n\r\n`;
  const head = headOf({
    method: 'PUT',
    target: `/${Bucket}/nothing-smuggled`,
    body,
    user: null,
    headers: { connection: 'keep-alive' },
  });
  const answer = await exchange(head + body);
  is(answer, 403, 'AccessDenied');
  await refuses(main, new GetObjectCommand({ Bucket, Key: 'nothing-smuggled' }), 'NoSuchKey');
  await main.send(new PutObjectCommand({ Bucket, Key: 'alive', Body: 'x' }));
});
