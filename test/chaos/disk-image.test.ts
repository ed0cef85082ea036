// The rules of the disk that power cuts are made on: what a flush covers, what a failed one dooms, which names last.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiskImage } from './support/power/disk-image.ts';
import type { Call, Kind } from './support/power/read-recording.ts';
import { type Mood, survivalOf } from './support/power/survival.ts';

let place: string;
let image: DiskImage;
let calls = 0n;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'echogate-image-'));
  image = new DiskImage('/disk');
});
afterEach(() => rmSync(place, { recursive: true }));

type About = Partial<Omit<Call, 'is' | 'kind' | 'phase'>>;

function begin(kind: Kind, about: About): () => void {
  calls += 1n;
  const call: Call = {
    is: 'call',
    id: calls,
    pid: 1,
    phase: 'begin',
    kind,
    path: '',
    other: '',
    inode: 1n,
    offset: 0,
    result: 0,
    writtenThrough: false,
    ofFolder: false,
    cutOff: false,
    bytes: Buffer.alloc(0),
    ...about,
  };
  if (kind !== 'open') image.apply(call);
  return () => image.apply({ ...call, phase: 'end' });
}

const did = (kind: Kind, about: About): void => begin(kind, about)();
const write = (text: string, about: About = {}): void => did('write', { bytes: Buffer.from(text), ...about });
const flush = (about: About = {}): void => did('sync', { path: '/disk/file', ...about });
const syncFolder = (path = '/disk'): void => did('sync', { path, ofFolder: true });

/** The file behind a power cut; undefined: gone. */
function left(mood: Mood, name = 'file'): string | undefined {
  const target = join(place, mood);
  rmSync(target, { recursive: true, force: true });
  image.write(target, survivalOf(mood, Math.random), () => false);
  const path = join(target, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

test('bytes last once a flush that began after them has succeeded', () => {
  did('open', { path: '/disk/file' });
  syncFolder();
  write('first');
  expect([left('nothing'), left('everything')]).toEqual(['', 'first']);
  const flushed = begin('sync', { path: '/disk/file' });
  write('later', { offset: 5 });
  flushed();
  expect([left('nothing'), left('everything')]).toEqual(['first', 'firstlater']);
});

test('a write that had not ended when the flush began is not covered by it', () => {
  did('open', { path: '/disk/file' });
  syncFolder();
  const written = begin('write', { bytes: Buffer.from('late') });
  const flushed = begin('sync', { path: '/disk/file' });
  written();
  flushed();
  expect(left('nothing')).toBe('');
  flush();
  expect(left('nothing')).toBe('late');
});

test('what a failed flush was to cover no later one saves, until it is written again', () => {
  did('open', { path: '/disk/file' });
  syncFolder();
  write('lost?');
  flush({ result: -1 });
  flush();
  expect([left('nothing'), left('everything')]).toEqual(['', 'lost?']);
  write('again');
  flush();
  expect([left('nothing'), left('everything')]).toEqual(['again', 'again']);
});

test('a write-through write lasts when it ends, and covers nothing else', () => {
  did('open', { path: '/disk/file' });
  syncFolder();
  write('data', { offset: 4 });
  write('meta', { writtenThrough: true });
  expect([left('nothing'), left('everything')]).toEqual(['meta', 'metadata']);
});

test('a name lasts once its folder was synced; a rename is whole or not at all', () => {
  did('mkdir', { path: '/disk/folder' });
  did('open', { path: '/disk/folder/draft', inode: 2n });
  write('text', { inode: 2n });
  flush({ inode: 2n, path: '/disk/folder/draft' });
  syncFolder('/disk/folder');
  expect(left('nothing', 'folder/draft')).toBeUndefined();
  syncFolder();
  expect(left('nothing', 'folder/draft')).toBe('text');
  did('rename', { path: '/disk/folder/draft', other: '/disk/folder/file' });
  expect([left('nothing', 'folder/draft'), left('nothing', 'folder/file')]).toEqual(['text', undefined]);
  expect([left('everything', 'folder/draft'), left('everything', 'folder/file')]).toEqual([undefined, 'text']);
});
