// `Expect: 100-continue`: the go-ahead comes after permission and never before it.
import type { Socket } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { textOf } from './support/bodies.ts';
import { newBucket, newName } from './support/buckets.ts';
import { headOf, openSocket, type RawAnswer, readAnswer } from './support/raw.ts';
import { target } from './support/target.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
});

const head = (path: string, user: typeof target.main | null, more: Record<string, string> = {}) =>
  headOf({
    method: 'PUT',
    target: path,
    user,
    headers: { expect: '100-continue', 'content-length': '5', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...more },
  });

const firstLine = (socket: Socket): Promise<string> =>
  new Promise((done) => socket.once('data', (chunk: Buffer) => done(chunk.toString('latin1').split('\r\n')[0]!)));

async function ask(path: string, user: typeof target.main | null): Promise<{ answer: RawAnswer; socket: Socket }> {
  const socket = await openSocket();
  const reading = readAnswer(socket);
  socket.write(head(path, user));
  return { answer: await reading, socket };
}

test('the authorised are told to go on', async () => {
  const socket = await openSocket();
  const line = firstLine(socket);
  socket.write(head(`/${Bucket}/k`, target.main, { connection: 'close' }));
  expect(await line).toBe('HTTP/1.1 100 Continue');
  const reading = readAnswer(socket);
  socket.write('hello');
  expect((await reading).status).toBe(200);
  expect(await textOf({ Bucket, Key: 'k' })).toBe('hello');
});

test('others get their answer at once, and no 100', async () => {
  for (const [path, user, status] of [
    [`/${Bucket}/k`, null, 403],
    [`/${Bucket}/k`, target.alt, 403],
    [`/${newName()}/k`, target.main, 404],
  ] as const) {
    const socket = await openSocket();
    const line = firstLine(socket);
    socket.write(head(path, user));
    expect(await line).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    socket.destroy();
  }
});

test('after an early refusal the connection still serves', async () => {
  const { answer, socket } = await ask(`/${newName()}/k`, target.main);
  expect(answer.status).toBe(404);
  if (answer.headers.connection === 'close') return void socket.destroy();
  const reading = readAnswer(socket);
  socket.write(headOf({ target: `/${Bucket}?list-type=2`, headers: { connection: 'close' } }));
  expect((await reading).status).toBe(200);
});
