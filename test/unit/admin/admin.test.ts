// The admin listener: what needs the token, what a refusal looks like, and what it does with bad input.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdmin } from '../../../src/admin/admin.ts';

const token = 'a-token-of-some-length';
const calls: unknown[] = [];
let ready = true;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createAdmin({
    token,
    backend: {
      readiness: () => ({ ready, checks: [{ name: 'workers', ok: ready, message: '2 of 2 ready' }] }),
      metrics: async () => 'some_metric 1\n',
      call: async (method, params) => {
        calls.push([method, params]);
        if (params.name === 'taken') throw Object.assign(new Error('exists already'), { code: 'conflict' });
        if (params.name === 'broken') throw new Error('disk on fire');
        return { method };
      },
    },
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const ask = (path: string, init: RequestInit = {}, given: string | undefined = token) =>
  fetch(`${url}${path}`, {
    ...init,
    headers: { connection: 'close', ...(given === undefined ? {} : { authorization: `Bearer ${given}` }) },
  });
const post = (body: string) => ask('/v1/buckets', { method: 'POST', body });

describe('the admin listener', () => {
  it('tells health to everybody', async () => {
    expect([(await ask('/livez', {}, '')).status, (await ask('/readyz', {}, '')).status]).toEqual([200, 200]);
    ready = false;
    const not = await ask('/readyz?verbose', {}, '');
    expect([not.status, await not.text()]).toEqual([503, '[-] workers: 2 of 2 ready\nnot ready\n']);
    expect((await ask('/livez', {}, '')).status).toBe(200);
    ready = true;
  });

  it('tells everything else to the token alone', async () => {
    for (const path of ['/metrics', '/v1/status', '/v1/keys', '/v1/unknown', '/']) {
      for (const wrong of ['', 'x', `${token}x`, token.slice(1), token.toUpperCase()]) {
        expect((await ask(path, {}, wrong)).status, `${path} ${wrong}`).toBe(401);
      }
    }
    expect(calls).toEqual([]);
    expect(await (await ask('/metrics')).text()).toBe('some_metric 1\n');
  });

  it('turns paths, queries and bodies into calls', async () => {
    await ask('/v1/buckets/a%2Fb', { method: 'DELETE' });
    await ask('/v1/info?bucket=b&key=k%20k');
    await post('{"name":"new"}');
    expect(calls.splice(0)).toEqual([
      ['buckets.remove', { bucket: 'a/b' }],
      ['info', { bucket: 'b', key: 'k k' }],
      ['buckets.create', { name: 'new' }],
    ]);
  });

  it('answers refusals by their code', async () => {
    const taken = await post('{"name":"taken"}');
    expect([taken.status, await taken.json()]).toEqual([
      409,
      { error: { code: 'conflict', message: 'exists already' } },
    ]);
    expect((await post('{"name":"broken"}')).status).toBe(500);
    expect((await ask('/v1/nothing')).status).toBe(404);
    expect((await ask('/v1/status', { method: 'PUT' })).status).toBe(405);
    expect((await ask('/v1/buckets/%zz', { method: 'DELETE' })).status).toBe(404);
  });

  it('refuses bodies that are no JSON object or too large', async () => {
    calls.length = 0;
    for (const body of ['{', '[]', '1', 'null', '"x"']) expect((await post(body)).status, body).toBe(400);
    expect((await post(`{"name":"${'x'.repeat(70_000)}"}`)).status).toBe(413);
    expect(calls).toEqual([]);
  });
});
