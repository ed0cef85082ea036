// One supervisor per data directory, however the one before ended.
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, DataInUse } from '../../../src/main/lock.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'echogate-lock-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const file = () => join(data, 'supervisor.lock');

describe('acquireLock', () => {
  it('is exclusive until released', () => {
    const lock = acquireLock(data);
    expect(() => acquireLock(data)).toThrow(DataInUse);
    expect(() => acquireLock(data)).toThrow(String(process.pid));
    lock.release();
    acquireLock(data).release();
    expect(readdirSync(data)).toEqual([]);
  });

  it('takes over from a process that is gone', async () => {
    const child = fork('data:text/javascript,', { stdio: 'ignore' });
    await new Promise((done) => child.once('exit', done));
    writeFileSync(file(), JSON.stringify({ pid: child.pid, started: 'boot 1' }));
    acquireLock(data).release();
  });

  it('is not fooled by a process id that was given out again', () => {
    writeFileSync(file(), JSON.stringify({ pid: process.pid, started: 'another boot 12345' }));
    const lock = acquireLock(data);
    expect(JSON.parse(readFileSync(file(), 'utf8')).pid).toBe(process.pid);
    lock.release();
  });

  it.each(['', '{', 'null', '{"pid":"x"}', '\u0000'])('takes over a damaged lock: %j', (text) => {
    writeFileSync(file(), text);
    acquireLock(data).release();
    expect(readdirSync(data)).toEqual([]);
  });

  it('ends the children of a process that is gone before it takes over, even one that stands still', async () => {
    const child = fork('data:text/javascript,setInterval(() => {}, 1000)', { stdio: 'ignore' });
    const lock = acquireLock(data);
    lock.note(child.pid!);
    child.kill('SIGSTOP');
    const ended = new Promise((done) => child.once('exit', (_, signal) => done(signal)));
    const left = JSON.parse(readFileSync(file(), 'utf8'));
    expect(left.children).toHaveLength(1);
    writeFileSync(file(), JSON.stringify({ ...left, started: 'before' }));
    acquireLock(data).release();
    expect(await ended).toBe('SIGKILL');
  });

  it('leaves a process alone that has a child of before as its number', () => {
    const child = { pid: process.pid, started: 'before' };
    writeFileSync(file(), JSON.stringify({ pid: process.pid, started: 'before', children: [child] }));
    acquireLock(data).release();
  });

  it('names the children that live, and is released with them noted', async () => {
    const [gone, there] = [0, 1].map(() =>
      fork('data:text/javascript,setInterval(() => {}, 1000)', { stdio: 'ignore' }),
    );
    const lock = acquireLock(data);
    lock.note(gone!.pid!);
    const ended = new Promise((done) => gone!.once('exit', done));
    gone!.kill('SIGKILL');
    await ended;
    lock.note(there!.pid!);
    expect(JSON.parse(readFileSync(file(), 'utf8')).children.map(({ pid }: { pid: number }) => pid)).toEqual([
      there!.pid,
    ]);
    lock.release();
    there!.kill('SIGKILL');
    expect(readdirSync(data)).toEqual([]);
  });

  it('lives on, as it was, where a child cannot be noted', () => {
    const lock = acquireLock(data);
    const before = readFileSync(file(), 'utf8');
    mkdirSync(`${file()}.${process.pid}.new`); // in the way of the draft
    lock.note(process.pid);
    expect(readFileSync(file(), 'utf8')).toBe(before);
    lock.note(process.pid);
    expect(JSON.parse(readFileSync(file(), 'utf8')).children).toHaveLength(2);
    lock.release();
    expect(readdirSync(data)).toEqual([]);
  });

  it('releases only its own', () => {
    const lock = acquireLock(data);
    const others = JSON.stringify({ pid: 1, started: 'someone else' });
    writeFileSync(file(), others);
    lock.release();
    expect(readFileSync(file(), 'utf8')).toBe(others);
  });
});
