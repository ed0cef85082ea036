// What stands on the server while raw bytes fly: objects to ask for, a canary per lane that no hidden request may touch, and valid
// requests of every kind of framing as material.
import type { Chance } from '../../support/chance.ts';
import { sha256, sign, signedChunks } from '../../support/sign.ts';
import { headBytes, Line, requestBytes } from './requests.ts';
import { type FuzzServer, owner } from './served.ts';

export interface Stage {
  readonly authority: string;
  /** A signed request that deletes or overwrites the lane's canary, by turns. */
  hidden(lane: number, turn: number): Buffer;
  canaryLives(lane: number): Promise<boolean>;
}

const alive = 'alive';
/** Signatures are good for fifteen minutes. */
const freshMs = 5 * 60_000;
const canary = (lane: number): string => `/canaries/c${lane}`;
const user = owner;

export async function prepare(server: FuzzServer, lanes: number): Promise<Stage> {
  const { port, authority } = server;
  const line = new Line(port);
  for (const bucket of ['bucket', 'canaries']) await line.must(200, { method: 'PUT', target: `/${bucket}`, user });
  for (let at = 0; at < 8; at++)
    await line.must(200, { method: 'PUT', target: `/bucket/o${at}`, body: `body of o${at}`, user });
  const lines = Array.from({ length: lanes }, () => new Line(port));
  const sing = (lane: number) => lines[lane]!.must(200, { method: 'PUT', target: canary(lane), body: alive, user });
  await Promise.all(lines.map((_, lane) => sing(lane)));

  const hiddenOf = (target: string, turn: number): Buffer =>
    turn % 2 === 0
      ? requestBytes(authority, { method: 'DELETE', target, user })
      : requestBytes(authority, { method: 'PUT', target, body: 'dead', user });
  // A hidden request that would do nothing in the open proves nothing.
  for (const turn of [0, 1]) {
    const answer = await line.exchange([hiddenOf(canary(0), turn)], 'PUT');
    if (answer.status >= 300) throw new Error(`the hidden request fails in the open: ${answer.body}`);
    await sing(0);
  }
  line.close();

  const cache = new Map<string, { madeMs: number; bytes: Buffer }>();
  return {
    authority,
    hidden(lane, turn) {
      const id = `${lane}/${turn % 2}`;
      let known = cache.get(id);
      if (!known || Date.now() - known.madeMs > freshMs) {
        known = { madeMs: Date.now(), bytes: hiddenOf(canary(lane), turn) };
        cache.set(id, known);
      }
      return known.bytes;
    },
    async canaryLives(lane) {
      const answer = await lines[lane]!.ask({ target: canary(lane), user });
      if (answer.status === 200 && answer.body === alive) return true;
      await sing(lane);
      return false;
    },
  };
}

type Made = { readonly method: string; readonly bytes: Buffer; readonly due: string };
type Maker = (stage: Stage, lane: number, chance: Chance, connection: Readonly<Record<string, string>>) => Made;

/** Sent in chunks of HTTP's own. */
function inChunks(stage: Stage, target: string, text: string, headers: Readonly<Record<string, string>>): Buffer {
  const all = {
    host: stage.authority,
    ...headers,
    'transfer-encoding': 'chunked',
    'x-amz-content-sha256': sha256(text),
  };
  const head = headBytes('PUT', target, sign({ method: 'PUT', target, headers: all }, user).headers);
  const half = text.slice(0, 3);
  const rest = text.slice(3);
  const framed = `${half.length}\r\n${half}\r\n${rest.length.toString(16)};x=y\r\n${rest}\r\n0\r\n\r\n`;
  return Buffer.concat([head, Buffer.from(framed)]);
}

/** Sent in signed chunks of AWS's. */
function inSignedChunks(stage: Stage, target: string, text: string, headers: Readonly<Record<string, string>>): Buffer {
  const data = Buffer.from(text);
  const framedLength = signedChunks(
    [data],
    sign({ method: 'PUT', target, headers: { 'x-amz-content-sha256': 'x' } }, user),
  ).length;
  const all = {
    host: stage.authority,
    ...headers,
    'content-length': String(framedLength),
    'x-amz-decoded-content-length': String(data.length),
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  };
  const signed = sign({ method: 'PUT', target, headers: all }, user);
  return Buffer.concat([headBytes('PUT', target, signed.headers), signedChunks([data], signed)]);
}

const makers: readonly Maker[] = [
  ({ authority }, _lane, chance, headers) => {
    const at = chance.below(8);
    return {
      method: 'GET',
      bytes: requestBytes(authority, { target: `/bucket/o${at}`, headers, user }),
      due: `200 body of o${at}`,
    };
  },
  ({ authority }, _lane, chance, headers) => ({
    method: 'HEAD',
    bytes: requestBytes(authority, { method: 'HEAD', target: `/bucket/o${chance.below(8)}`, headers, user }),
    due: '200',
  }),
  ({ authority }, lane, _chance, headers) => ({
    method: 'GET',
    bytes: requestBytes(authority, { target: `/bucket/missing-${lane}`, headers, user }),
    due: '404',
  }),
  ({ authority }, lane, chance, headers) => ({
    method: 'PUT',
    bytes: requestBytes(authority, {
      method: 'PUT', target: `/bucket/put-${lane}`, body: 'x'.repeat(chance.below(200)), headers, user,
    }),
    due: '200',
  }), // biome-ignore format: as the others
  (stage, lane, _chance, headers) => ({
    method: 'PUT',
    bytes: inChunks(stage, `/bucket/chunks-${lane}`, 'sent in chunks', headers),
    due: '200',
  }),
  (stage, lane, _chance, headers) => ({
    method: 'PUT',
    bytes: inSignedChunks(stage, `/bucket/signed-${lane}`, 'sent in signed chunks', headers),
    due: '200',
  }),
  ({ authority }, lane, _chance, headers) => ({
    method: 'DELETE',
    bytes: requestBytes(authority, { method: 'DELETE', target: `/bucket/never-${lane}`, headers, user }),
    due: '204',
  }),
  ({ authority }, _lane, _chance, headers) => ({
    method: 'PUT',
    bytes: requestBytes(authority, {
      method: 'PUT', target: '/bucket?tagging', body: '<Tagging><TagSet></TagSet></Tagging>', headers, user,
    }),
    due: '204',
  }), // biome-ignore format: as the others
  ({ authority }, _lane, _chance, headers) => ({
    method: 'GET',
    bytes: requestBytes(authority, { target: '/bucket?list-type=2&max-keys=3', headers, user }),
    due: '200 <?xml',
  }),
  ({ authority }, _lane, _chance, headers) => ({
    method: 'GET',
    bytes: requestBytes(authority, { target: '/canaries/c0', headers, user: null }),
    due: '403',
  }),
  ({ authority }, lane, _chance, headers) => ({
    method: 'PUT',
    bytes: requestBytes(authority, {
      method: 'PUT',
      target: `/canaries/c${lane}`,
      body: 'not mine',
      headers,
      user: null,
    }),
    due: '403',
  }),
];

/** A valid request, the only one of its connection. */
export const validRequest = (stage: Stage, lane: number, chance: Chance): Buffer =>
  chance.pick(makers)(stage, lane, chance, { connection: 'close' }).bytes;

/** Several requests that are sent together, with what each must be answered. */
export const breathOf = (stage: Stage, lane: number, chance: Chance): Made[] =>
  Array.from({ length: 2 + chance.below(5) }, () => chance.pick(makers)(stage, lane, chance, {}));
