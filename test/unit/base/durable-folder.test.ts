// Each level that was made has its entry synced, in the folder above it; a folder that was there already has too.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDurableFolder } from '../../../src/base/durable-folder.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'echogate-folder-'));
});
afterEach(() => rmSync(place, { recursive: true }));

function syncedBy(path: string): string[] {
  const synced: string[] = [];
  makeDurableFolder(path, 0o700, (folder) => synced.push(folder));
  return synced;
}

test('every new level is synced in its parent', () => {
  expect(syncedBy(join(place, 'a/b/c'))).toEqual([join(place, 'a/b'), join(place, 'a'), place]);
  expect(statSync(join(place, 'a/b/c')).mode & 0o777).toBe(0o700);
});

test('one that exists is synced once more', () => {
  makeDurableFolder(join(place, 'a/b'));
  expect(syncedBy(join(place, 'a/b'))).toEqual([join(place, 'a')]);
});

test('a parent that may not be read is no reason to refuse a folder that exists, and one to refuse a new one', () => {
  const refuse = (): never => {
    throw Object.assign(new Error('on purpose'), { code: 'EACCES' });
  };
  makeDurableFolder(join(place, 'there'));
  expect(() => makeDurableFolder(join(place, 'there'), 0o700, refuse)).not.toThrow();
  expect(() => makeDurableFolder(join(place, 'new'), 0o700, refuse)).toThrow('on purpose');
});
