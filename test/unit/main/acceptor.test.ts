// Connections go to workers in turn, wait while there is none, and come back from one that ended.
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { Acceptor } from '../../../src/main/acceptor.ts';

class FakeWorker {
  readonly taken: Socket[] = [];
  backlog = 0;
  take(socket: Socket): void {
    this.taken.push(socket);
  }
}

let ready: FakeWorker[];
let acceptor: Acceptor;
let port: number;
/** Ten seconds pass in one. */
const hurriedClock = { monotonicMs: () => 10 * systemClock.monotonicMs() };
const makeAcceptor = () => new Acceptor({ takers: () => ready, isTls: false, clock: hurriedClock });
const clients: Socket[] = [];

beforeEach(async () => {
  ready = [];
  acceptor = makeAcceptor();
  port = await acceptor.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => {
  acceptor.close();
  for (const client of clients.splice(0)) client.destroy();
});

const dial = () =>
  new Promise<Socket>((resolve, reject) => {
    const client = connect(port, '127.0.0.1', () => resolve(client));
    client.once('error', reject);
    clients.push(client);
  });

async function settled(ask: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !ask(); turn++) await new Promise((done) => setImmediate(done));
  expect(ask()).toBe(true);
}

describe('Acceptor', () => {
  it('gives connections to the workers in turn', async () => {
    const [a, b] = [new FakeWorker(), new FakeWorker()];
    ready = [a, b];
    for (let at = 0; at < 6; at++) await dial();
    await settled(() => a.taken.length + b.taken.length === 6);
    expect([a.taken.length, b.taken.length]).toEqual([3, 3]);
    for (const socket of [...a.taken, ...b.taken]) socket.destroy();
  });

  it('spares a worker that takes its connections slowly', async () => {
    const [slow, quick] = [new FakeWorker(), new FakeWorker()];
    slow.backlog = 2;
    ready = [slow, quick];
    for (let at = 0; at < 4; at++) await dial();
    await settled(() => quick.taken.length === 4);
    for (const socket of quick.taken) socket.destroy();
  });

  it('lets nobody wait longer than a second in a line that has stood for three', async () => {
    const clock = { nowMs: 0, monotonicMs: () => clock.nowMs };
    const busy = new FakeWorker();
    busy.backlog = 32;
    const slow = new Acceptor({ takers: () => [busy], isTls: false, clock });
    port = await slow.listen({ host: '127.0.0.1', port: 0 });
    const gone: string[] = [];
    const dialAs = async (name: string) => (await dial()).once('close', () => gone.push(name)).resume();
    const pause = () => new Promise((done) => setTimeout(done, 60));
    await dialAs('first');
    await pause();
    clock.nowMs = 2_900;
    await dialAs('second');
    await pause();
    expect(gone).toEqual([]);
    clock.nowMs = 3_100;
    while (gone.length < 1) await pause();
    await pause();
    expect(gone).toEqual(['first']);
    clock.nowMs = 3_950;
    while (gone.length < 2) await pause();
    slow.close();
  });

  it('turns away who waits too long for busy workers, and hands over who waits when they have time', async () => {
    const busy = new FakeWorker();
    busy.backlog = 32;
    ready = [busy];
    const client = await dial();
    client.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    let heard = '';
    client.on('data', (bytes) => {
      heard += bytes;
    });
    await new Promise((done) => setTimeout(done, 200));
    expect(heard).toBe('');
    await new Promise((done) => client.once('close', done));
    expect(heard).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: \d+\r\n.*<Code>SlowDown<\/Code>/s);
    expect(busy.taken).toEqual([]);
    await dial();
    await new Promise((done) => setTimeout(done, 50));
    busy.backlog = 31;
    await new Promise((done) => setTimeout(done, 100));
    expect(busy.taken.length).toBe(1);
    busy.taken[0]!.destroy();
    busy.backlog = 32;
    await dial();
    await new Promise((done) => setTimeout(done, 50));
    acceptor.close(); // what was accepted is served
    expect(busy.taken.length).toBe(2);
    busy.taken[1]!.destroy();
  });

  it('keeps connections while no worker is ready', async () => {
    await dial();
    await dial();
    const late = new FakeWorker();
    await new Promise((done) => setTimeout(done, 20));
    ready = [late];
    acceptor.flush();
    await settled(() => late.taken.length === 2);
    for (const socket of late.taken) socket.destroy();
  });

  it('accepts nothing once closed', async () => {
    acceptor.close();
    await expect(dial()).rejects.toThrow('ECONNREFUSED');
  });

  it('says who has the port', async () => {
    const other = new Acceptor({ takers: () => [], isTls: false, clock: systemClock });
    await expect(other.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
