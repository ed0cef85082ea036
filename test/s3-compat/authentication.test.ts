// Who may speak: presigned URLs, dates, keys, unsigned headers, and both styles of address.
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeAll, describe, expect, test } from 'vitest';
import { textOf } from './support/bodies.ts';
import { newBucket, put } from './support/buckets.ts';
import { alt, clientFor, main } from './support/clients.ts';
import { exchange, raw } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { sha256, sign } from './support/sign.ts';
import { host, port, target } from './support/target.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
  await put(Bucket, 'k', 'secret');
});
const get = () => new GetObjectCommand({ Bucket, Key: 'k' });
const codeOf = (text: string) => /<Code>([^<]*)<\/Code>/.exec(text)?.[1];

describe('presigned URLs', () => {
  test('read and write', async () => {
    const url = await getSignedUrl(main, get(), { expiresIn: 60 });
    expect(await (await fetch(url)).text()).toBe('secret');
    const upload = await getSignedUrl(main, new PutObjectCommand({ Bucket, Key: 'presigned' }), { expiresIn: 60 });
    const sent = await fetch(upload, { method: 'PUT', body: 'by URL' });
    expect(sent.status, await sent.text()).toBe(200);
    expect(await textOf({ Bucket, Key: 'presigned' })).toBe('by URL');
  });

  test('may override headers of the answer', async () => {
    const url = await getSignedUrl(main, new GetObjectCommand({ Bucket, Key: 'k', ResponseContentType: 'text/x-odd' }));
    expect((await fetch(url)).headers.get('content-type')).toBe('text/x-odd');
  });

  test('hold for one request only, and for their time', async () => {
    const url = new URL(await getSignedUrl(main, get(), { expiresIn: 60 }));
    const changed = (name: string, value: string) => {
      const other = new URL(url);
      other.searchParams.set(name, value);
      return fetch(other);
    };
    for (const [name, value] of [
      ['X-Amz-Expires', '3600'],
      ['X-Amz-Expires', '0'],
      ['X-Amz-Expires', '-1'],
      ['X-Amz-Expires', '609901'],
      ['X-Amz-Signature', 'f'.repeat(64)],
      ['X-Amz-Date', '20200101T000000Z'],
      ['added', '1'],
    ] as const) {
      const answer = await changed(name, value);
      expect([400, 403], `${name}=${value}`).toContain(answer.status);
      await answer.text();
    }
    const elsewhere = await fetch(String(url).replace('/k?', '/other?'));
    expect([elsewhere.status, codeOf(await elsewhere.text())]).toEqual([403, 'SignatureDoesNotMatch']);
    const old = await getSignedUrl(main, get(), { expiresIn: 60, signingDate: new Date(Date.now() - 120_000) });
    const late = await fetch(old);
    expect([late.status, codeOf(await late.text())]).toEqual([403, 'AccessDenied']);
  });
});

describe('signed headers', () => {
  test('a wrong secret, an unknown key', async () => {
    await refuses(clientFor({ ...target.main, secretKey: 'not-the-secret-of-main' }), get(), 'SignatureDoesNotMatch');
    await refuses(clientFor({ ...target.main, accessKey: 'nobody-has-this-key' }), get(), 'InvalidAccessKeyId');
    await refuses(alt, get(), 'AccessDenied');
  });

  const request = (at: Date, more: Record<string, string> = {}) => {
    const headers = { host: `${host}:${port}`, 'x-amz-content-sha256': sha256('') };
    return {
      ...sign({ method: 'GET', target: `/${Bucket}/k`, headers }, target.main, at).headers,
      connection: 'close',
      ...more,
    };
  };
  const ask = (headers: Record<string, string>) =>
    exchange(
      `GET /${Bucket}/k HTTP/1.1\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\r\n')}\r\n\r\n`,
    );

  test('a clock that is off', async () => {
    expect((await ask(request(new Date()))).status).toBe(200);
    for (const minutes of [-20, 20]) {
      const answer = await ask(request(new Date(Date.now() + minutes * 60_000)));
      expect([answer.status, answer.code]).toEqual([403, 'RequestTimeTooSkewed']);
    }
  });

  test('an x-amz- header that is not signed', async () => {
    const answer = await ask(request(new Date(), { 'x-amz-request-payer': 'requester' }));
    expect(answer.status, answer.body).toBe(403);
  });

  test('authorisations that are none', async () => {
    for (const authorization of [
      '',
      'AWS4-HMAC-SHA256',
      'AWS4-HMAC-SHA256 Credential=x',
      'Bearer token',
      'AWS key:signature',
    ]) {
      const answer = await raw({ target: `/${Bucket}/k`, user: null, headers: { authorization } });
      expect([400, 403], `${authorization}: ${answer.body}`).toContain(answer.status);
    }
  });
});

test('virtual-host style', async () => {
  const authority = `${Bucket}.localhost:${port}`;
  const answer = await raw({ target: '/k', headers: { host: authority } });
  expect([answer.status, answer.body]).toEqual([200, 'secret']);
  const listing = await raw({ target: '/?list-type=2', headers: { host: authority } });
  expect(listing.body).toContain(`<Name>${Bucket}</Name>`);
});
