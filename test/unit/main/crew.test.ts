// Children are replaced when they end; a start that fails again and again is given up; calls to a dead child are refused.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { Child } from '../../../src/main/child.ts';
import { Crew } from '../../../src/main/crew.ts';
import type { StartMessage } from '../../../src/main/messages.ts';

let dir: string;
let script: string;
const crews: Crew[] = [];

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'echogate-crew-'));
  mkdirSync(join(dir, 'pids'));
  script = join(dir, 'child.mjs');
  writeFileSync(
    script,
    `import { writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(join(dir, 'pids'))} + '/' + process.pid, '');
    process.on('message', (m, socket) => {
      if (m.type === 'start' && m.fence === 'all') { process.send({ type: 'failed', message: 'no such disk' }, () => process.exit(1)); return; }
      if (m.type === 'start') process.send({ type: 'opens' });
      if (m.type === 'open') for (const said of [{ type: 'opened' }, { type: 'session', session: 's' + process.pid }, { type: 'ready' }]) process.send(said);
      if (m.type === 'drain') process.exit(0);
      if (m.type === 'connection') socket?.end('served');
      if (m.type === 'call' && m.method === 'echo') process.send({ type: 'answer', id: m.id, value: m.params });
      if (m.type === 'call' && m.method === 'refuse') process.send({ type: 'refusal', id: m.id, code: 'conflict', message: 'no' });
    });
    process.on('disconnect', () => process.exit(1));`,
  );
});
afterEach(() => {
  for (const crew of crews.splice(0)) crew.killAll();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function makeCrew(fence: StartMessage['fence'], clock: Clock = systemClock, spare = false, together = 8) {
  const forked: number[] = [];
  const opened: string[] = [];
  const ready: Child[] = [];
  const ended: { name: string; how: string; expected: boolean }[] = [];
  let started = 0;
  const crew = new Crew({
    name: 'worker',
    script,
    env: process.env,
    clock,
    overlaps: true,
    spare,
    together,
    start: async () => {
      started += 1;
      return {
        type: 'start',
        fence,
        users: [],
        config: {} as StartMessage['config'],
        steadyAheadMs: 0,
        trial: undefined,
      };
    },
    onFork: (pid) => forked.push(pid),
    onOpens: (child) => void child.letOpen().then(() => opened.push(child.name)),
    onReady: (child) => ready.push(child),
    onEnd: (child, how, orphaned, expected) => {
      ended.push({ name: child.name, how, expected });
      for (const socket of orphaned) crew.ready[0]?.take(socket);
    },
  });
  crews.push(crew);
  return { crew, forked, opened, ready, ended, started: () => started };
}

/** Of this file's script, in a seat or not. */
const livingPids = (): number[] => readdirSync(join(dir, 'pids')).map(Number).filter(isAlive);

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const everythingFrom = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('error', () => {}).on('close', () => resolve(text));
  });

async function until(ask: () => boolean): Promise<void> {
  while (!ask()) await new Promise((done) => setTimeout(done, 5));
}

describe('Crew', () => {
  it('replaces a child that is killed, and knows its session', async () => {
    const { crew, forked, opened, ready, ended } = makeCrew([]);
    await crew.start(2);
    await until(() => ready.length === 2);
    expect([...opened].sort()).toEqual(['worker-1', 'worker-2']);
    expect(forked).toEqual(expect.arrayContaining(ready.map(({ pid }) => pid)));
    const victim = crew.ready[0]!;
    expect(victim.session).toBe(`s${victim.pid}`);
    process.kill(victim.pid!, 'SIGKILL');
    await until(() => ready.length === 3);
    expect(ended).toEqual([{ name: 'worker-1', how: 'SIGKILL', expected: false }]);
    expect(crew.ready).toHaveLength(2);
    expect(crew.restarts).toBe(1);
  });

  it('starts no more together than it should, and the rest once one is ready', async () => {
    const { crew, ready, started } = makeCrew([], systemClock, false, 1);
    const starting = crew.start(3);
    expect(started()).toBe(1);
    await starting;
    await until(() => ready.length === 3);
    expect(started()).toBe(3);
    await crew.close(1000);
  });

  it('keeps a spare that takes the place of whoever dies, and is nobody until then', async () => {
    const { crew, ready, ended, started } = makeCrew([], systemClock, true);
    await crew.start(1);
    expect(crew.ready).toHaveLength(1);
    const begun = () => livingPids().filter((pid) => pid !== crew.ready[0]?.pid);
    await until(() => begun().length === 1);
    const [waiting] = begun();
    process.kill(crew.ready[0]!.pid!, 'SIGKILL');
    await until(() => ready.length === 2);
    expect(crew.ready[0]).toMatchObject({ pid: waiting, name: 'worker-1' });
    expect(started()).toBe(2);

    // One that dies while it waits is nobody's loss.
    await until(() => begun().length === 1);
    process.kill(begun()[0]!, 'SIGKILL');
    await until(() => begun().length === 0);
    process.kill(crew.ready[0]!.pid!, 'SIGKILL');
    await until(() => ready.length === 3);
    await until(() => begun().length === 1);
    expect(ended).toHaveLength(2);
    await crew.close(1_000);
    await until(() => livingPids().length === 0);
  });

  it('gives up a start that fails again and again, with the reason', async () => {
    const patient = {
      ...systemClock,
      sleep: async (ms: number, signal?: AbortSignal) => (ms > 5_000 ? systemClock.sleep(ms, signal) : undefined),
    };
    const { crew } = makeCrew('all', patient);
    await expect(crew.start(1)).rejects.toThrow('no such disk');
  });

  it('carries calls, and refuses those to a child that ended', async () => {
    const { crew } = makeCrew([]);
    await crew.start(1);
    const [child] = crew.ready;
    expect(await child!.call('echo', { a: [1] })).toEqual({ a: [1] });
    await expect(child!.call('refuse', {})).rejects.toMatchObject({ code: 'conflict', message: 'no' });
    const hanging = child!.call('never answered', {});
    process.kill(child!.pid!, 'SIGKILL');
    await expect(hanging).rejects.toMatchObject({ code: 'child-ended' });
    await expect(child!.call('echo', {})).rejects.toMatchObject({ code: 'child-ended' });
  });

  it('leaves no connection open that was on its way to a child that was killed', async () => {
    const { crew, ready } = makeCrew([]);
    await crew.start(2);
    await until(() => ready.length === 2);
    const victim = crew.ready[0]!;
    process.kill(victim.pid!, 'SIGSTOP'); // so that what is handed over stays on its way
    const server = createServer({ pauseOnConnect: true }, (socket) => victim.take(socket)).listen(0, '127.0.0.1');
    await until(() => server.listening);
    const { port } = server.address() as { port: number };
    const answers = Array.from({ length: 5 }, () => everythingFrom(connect(port, '127.0.0.1')));
    await new Promise((done) => setTimeout(done, 100));
    process.kill(victim.pid!, 'SIGKILL');
    const served = (await Promise.all(answers)).filter((answer) => answer === 'served');
    expect(served.length).toBeGreaterThanOrEqual(4); // one may have been in the dead child's hands
    server.close();
  });

  it('rolls: a new child is ready before the old one drains', async () => {
    const { crew, ready, ended } = makeCrew([]);
    await crew.start(1);
    const before = crew.ready[0]!.pid;
    expect(await crew.roll(1_000)).toBe(true);
    expect(crew.ready[0]!.pid).not.toBe(before);
    await until(() => ended.length === 1);
    expect(ended[0]).toMatchObject({ expected: true });
    expect(ready).toHaveLength(2);
    expect(crew.restarts).toBe(0);
  });

  it('ends whoever replaced the old child when that one died during the roll', async () => {
    const { crew, ended, started } = makeCrew([]);
    await crew.start(1);
    const rolling = crew.roll(1_000);
    process.kill(crew.ready[0]!.pid!, 'SIGKILL');
    expect(await rolling).toBe(true);
    expect(crew.ready).toHaveLength(1);
    await crew.close(1_000);
    expect(ended).toHaveLength(started());
  });

  it('closes while it rolls, and leaves no child behind', async () => {
    const { crew, ended, started } = makeCrew([]);
    await crew.start(1);
    const rolling = crew.roll(1_000);
    await crew.close(1_000);
    await rolling;
    expect(ended).toHaveLength(started());
    expect(crew.ready).toEqual([]);
  });

  it('closes by draining, and replaces nobody then', async () => {
    const { crew, ready, ended } = makeCrew([]);
    await crew.start(2);
    await until(() => ready.length === 2);
    await crew.close(1_000);
    expect(ended.map((each) => each.expected)).toEqual([true, true]);
    expect(crew.ready).toEqual([]);
  });
});
