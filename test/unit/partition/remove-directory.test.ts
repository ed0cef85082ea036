// A partition's directory goes only when nothing is left in it but what marks it as one.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { DirectoryPartition } from '../../../src/partition/adapters/directory-partition.ts';
import { systemFileLayer } from '../../../src/partition/adapters/file-layer.ts';
import { removeDirectory } from '../../../src/partition/adapters/remove-directory.ts';

let folder: string;
let directory: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echogate-remove-'));
  directory = join(folder, 'p1');
  const tools = { clock: systemClock, random: systemRandom };
  const partition = await DirectoryPartition.mount({ id: 'p1', directory, ...tools });
  for (const pack of ['0a'.repeat(16), 'ff'.repeat(16)]) {
    const writer = await partition.open(pack);
    writer.append([Buffer.from('bytes')]);
    await writer.seal();
    await partition.remove([pack]);
  }
  await partition.close();
});
afterEach(() => rm(folder, { recursive: true }));

const there = async (): Promise<string[]> => (await readdir(folder, { recursive: true })).sort();

it('an empty one goes, with what probes and claims left behind; one that is gone is no error', async () => {
  await writeFile(join(directory, 'probe.17.3'), '');
  await writeFile(join(directory, `partition.json.${'ab'.repeat(16)}`), '');
  expect(await removeDirectory(directory, 'p1')).toBe(undefined);
  expect(await there()).toEqual([]);
  expect(await removeDirectory(directory, 'p1')).toBe(undefined);
});

it.each(['note.txt', 'packs/note.txt', `packs/0a/${'0a'.repeat(16)}.pack`, 'packs/zz/x', 'folder/deep'])(
  'with %s in it everything stays',
  async (name) => {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), 'mine');
    const before = await there();
    expect(await removeDirectory(directory, 'p1')).toMatch(/is not empty: it holds/);
    expect(await there()).toEqual(before);
  },
);

it('another partition’s stays', async () => {
  const before = await there();
  expect(await removeDirectory(directory, 'p2')).toMatch(/belongs to partition p1/);
  expect(await there()).toEqual(before);
});

it('goes on where it was broken off, whichever call fails', async () => {
  for (let fails = 0; ; fails++) {
    let calls = 0;
    const failing = Object.fromEntries(
      Object.entries(systemFileLayer).map(([name, call]) => [
        name,
        (...args: never[]) => {
          if (calls++ === fails) throw Object.assign(new Error('on purpose'), { code: 'EIO' });
          return (call as (...args: never[]) => unknown)(...args);
        },
      ]),
    ) as unknown as typeof systemFileLayer;
    const first = await removeDirectory(directory, 'p1', failing).then(
      () => 'done',
      () => 'failed',
    );
    if (first === 'done' && calls <= fails) break;
    expect(first).toBe('failed');
    expect(await removeDirectory(directory, 'p1')).toBe(undefined);
    expect(await there()).toEqual([]);
    const tools = { clock: systemClock, random: systemRandom };
    await (await DirectoryPartition.mount({ id: 'p1', directory, ...tools })).close();
  }
});
