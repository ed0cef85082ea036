// Long rests of refused bodies are read a few at a time; nobody waits for ever, and short rests wait for nobody.
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Exchange } from '../../../src/gateway/exchange.ts';
import { createDropBody } from '../../../src/gateway/leave-body.ts';

const MiB = 1024 * 1024;

function refused(length: number) {
  const stream = new PassThrough();
  const request = Object.assign(stream, { complete: false }) as unknown as IncomingMessage;
  const exchange = {
    headers: { 'content-length': String(length) },
    bytesIn: () => 0,
    isWaiting: () => false,
    wasOpened: () => true,
  } as unknown as Exchange;
  return { stream, request, exchange };
}

test('three long rests are read at once, and whoever ends makes room for the next', () => {
  const drop = createDropBody();
  const all = Array.from({ length: 20 }, () => refused(8 * MiB));
  let done = 0;
  for (const { request, exchange } of all) drop(request, exchange, () => done++);
  const flowing = () => all.filter(({ stream }) => stream.readableFlowing).length;
  expect(flowing()).toBe(3);
  all[0]!.stream.destroy();
  all[0]!.stream.emit('close');
  expect(done).toBe(1);
  expect(all[3]!.stream.readableFlowing).toBe(true);
  // One that waits and whose client leaves takes nobody's turn.
  all[19]!.stream.emit('close');
  expect(done).toBe(2);
  for (const { stream } of all) stream.emit('close');
  expect(done).toBe(20);
});

test('a short rest is read at once, however many long ones wait', () => {
  const drop = createDropBody();
  for (let at = 0; at < 20; at++) {
    const { request, exchange } = refused(8 * MiB);
    drop(request, exchange, () => undefined);
  }
  const short = refused(1000);
  drop(short.request, short.exchange, () => undefined);
  expect(short.stream.readableFlowing).toBe(true);
});
