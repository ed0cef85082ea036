// Who makes room when a process has too many connections, or too much that clients do not read.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createCrowd } from '../../../src/gateway/crowd.ts';

class FakeSocket extends EventEmitter {
  bytesRead = 0;
  bytesWritten = 0;
  writableLength = 0;
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const limits = { connectionsMax: 3, unreadBytesMax: 100, watchedMin: 2 };
const all: FakeSocket[] = [];
function comeTo(crowd: ReturnType<typeof createCrowd>): FakeSocket {
  const socket = new FakeSocket();
  crowd.join(socket as unknown as Socket);
  all.push(socket);
  return socket;
}
afterEach(() => {
  for (const socket of all.splice(0)) socket.destroy();
});

it('one more comes in the place of the stillest, never of somebody at work', () => {
  const crowd = createCrowd(limits);
  const [still, stiller, busy] = [comeTo(crowd), comeTo(crowd), comeTo(crowd)];
  for (let looks = 0; looks < 4; looks++) {
    busy!.bytesRead += 1;
    if (looks < 1) still!.bytesWritten += 1;
    crowd.look();
  }
  expect(crowd.makeRoom()).toBe(true);
  expect([still!.destroyed, stiller!.destroyed, busy!.destroyed]).toEqual([false, true, false]);
  comeTo(crowd);
  still!.bytesRead += 1;
  expect(crowd.makeRoom()).toBe(false);
  still!.destroy();
  expect(crowd.makeRoom()).toBe(true);
});

it('answers that nobody reads are dropped when there are too many of them', () => {
  const crowd = createCrowd(limits);
  const [reader, sleeper, other] = [comeTo(crowd), comeTo(crowd), comeTo(crowd)];
  reader!.writableLength = 80;
  sleeper!.writableLength = 80;
  for (let looks = 0; looks < 4; looks++) {
    reader!.bytesWritten += 1;
    crowd.look();
  }
  expect(sleeper!.destroyed).toBe(false);
  for (let looks = 0; looks < 4; looks++) {
    reader!.bytesWritten += 1;
    crowd.look();
  }
  expect([reader!.destroyed, sleeper!.destroyed, other!.destroyed]).toEqual([false, true, false]);
});
