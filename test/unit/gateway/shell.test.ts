// The shell without S3 behind it: TLS, and connections that another process accepted.
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { createRequestIds } from '../../../src/gateway/request-ids.ts';
import { createServe } from '../../../src/gateway/serve.ts';
import { createShell, type Shell } from '../../../src/gateway/server.ts';
import { RawClient } from './raw-client.ts';

const file = (name: string): string => readFileSync(new URL(`../../support/tls/${name}`, import.meta.url), 'utf8');
const tls = { cert: file('cert.pem'), key: file('key.pem') };

const shells: Shell[] = [];
afterEach(async () => {
  for (const shell of shells.splice(0)) await shell.close();
});

function openShell(options: { tls?: typeof tls } = {}): Shell {
  const ids = createRequestIds(systemRandom);
  const shell: Shell = createShell({
    ids,
    clock: systemClock,
    ...options,
    serve: createServe({
      ids,
      clock: systemClock,
      profile: 'aws',
      isDraining: () => shell.isDraining(),
      answer: async ({ scheme, rawUrl }) => ({ status: 200, headers: {}, body: `${scheme} ${rawUrl}` }),
    }),
  });
  shells.push(shell);
  return shell;
}

const ask = (port: number) =>
  new Promise<{ body: string; certificate: PeerCertificate }>((resolve, reject) => {
    get({
      port,
      host: '127.0.0.1',
      path: '/a/../%2e%2e',
      ca: tls.cert,
      agent: false,
      checkServerIdentity: () => undefined,
    })
      .on('error', reject)
      .on('response', (response) => {
        const certificate = (response.socket as TLSSocket).getPeerCertificate();
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => resolve({ body, certificate }));
      });
  });

it('speaks TLS, and takes new certificates for new connections', async () => {
  const shell = openShell({ tls });
  const { port } = await shell.listen({ host: '127.0.0.1', port: 0 });
  expect((await ask(port)).body).toBe('https /a/../%2e%2e');
  shell.replaceTls(tls);
  expect((await ask(port)).certificate.fingerprint256).toMatch(/^[0-9A-F:]+$/);
  expect(() => shell.replaceTls({ cert: 'x', key: 'y' })).toThrow();
  expect((await ask(port)).body).toBe('https /a/../%2e%2e');
});

it('refuses plain HTTP on a TLS port without falling over', async () => {
  const shell = openShell({ tls });
  const { port } = await shell.listen({ host: '127.0.0.1', port: 0 });
  const client = await RawClient.open(port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.closed();
  expect((await ask(port)).body).toContain('https');
});

it('serves connections that somebody else accepted, and drains them', async () => {
  const shell = openShell();
  const take = await shell.adopt();
  const acceptor = createServer({ pauseOnConnect: true }, take);
  await new Promise<void>((resolve) => acceptor.listen(0, '127.0.0.1', resolve));
  const { port } = acceptor.address() as { port: number };
  const client = await RawClient.open(port);
  client.send('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
  expect((await client.answer()).body).toBe('http /x');
  acceptor.close();
  const drained = shell.drain(20_000);
  client.send('GET /y HTTP/1.1\r\nHost: a\r\n\r\n');
  const last = await client.answer();
  expect([last.body, last.headers.connection]).toEqual(['http /y', 'close']);
  await drained;
  await client.closed();
});
