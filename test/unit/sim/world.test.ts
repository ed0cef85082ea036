// Worlds from scenarios: what data does to them, and what their digest stands for.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWorld } from '../../../src/sim/make-world.ts';
import { scenarioOf } from '../../../src/sim/scenario.ts';
import { underScenario, type World } from '../../../src/sim/world.ts';

const csv = (valueAt: (bin: number) => number): string =>
  `timestamp,value\n${Array.from({ length: 120 }, (_, bin) => `${1_700_000_000 + bin * 300},${valueAt(bin)}`).join('\n')}\n`;
const files = {
  'wave.csv': csv((bin) => 10 + 5 * Math.sin(bin / 10)),
  'flat.csv.gz': gzipSync(csv(() => 4)),
  'none.csv': csv(() => 0),
  'blocks.u32': Uint8Array.from({ length: 4000 }, (_, at) => (at % 4 === 0 ? (at / 4) % 37 : 0)),
};
const text =
  'loads: [{ files: [wave.csv, none.csv, flat.csv.gz], areas: 6 }]\nskew: { files: [blocks.u32], zipf: 1 }\n';

const dirs: string[] = [];
function folderWith(changed: Partial<Record<keyof typeof files, string>> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'echogate-world-'));
  dirs.push(dir);
  for (const [name, data] of Object.entries({ ...files, ...changed })) writeFileSync(join(dir, name), data);
  return dir;
}
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true });
});

const worldOf = async (scenario: string, folder: string, notes: string[] = []): Promise<World> => {
  const made = await makeWorld(
    { scenario: scenarioOf('s.yaml', scenario), folder },
    { cache: join(folder, 'c'), threads: 1 },
  );
  notes.push(...made.sources.notes);
  return made.world;
};

let folder = '';
let world: World;
const notes: string[] = [];
beforeAll(async () => {
  folder = folderWith();
  world = await worldOf(text, folder, notes);
});

it('leaves out what never asks for anything, and says so', () => {
  expect(world.series.map(({ name }) => name)).toEqual(['wave', 'flat']);
  expect(world.groups[0]!.series).toEqual([0, 1]);
  expect(notes).toEqual(['none: nothing in it is above zero; it is left out']);
});

it('refuses a group that nothing asks of, and a group of files that are not there', async () => {
  await expect(worldOf('loads: [{ files: [none.csv] }]', folder)).rejects.toThrow('no file asks for anything');
  await expect(worldOf('loads: [{ files: [a.csv, wave.csv, b.csv] }]', folder)).rejects.toThrow('2 mistakes');
});

it('has the profiles of traces and of exponents', () => {
  expect(world.heat.map(({ name }) => name)).toEqual(['blocks.u32', 'zipf 1']);
});

it('reads a file once for all groups', async () => {
  const two = await worldOf(
    `loads:\n${'  - { files: [wave.csv], areas: 2, phase: given, shiftMinutes: [10] }\n'.repeat(2)}`,
    folder,
  );
  expect(two.series).toHaveLength(1);
  expect(two.groups.map(({ series, shiftBins }) => ({ series, shiftBins }))).toEqual(
    Array(2).fill({ series: [0], shiftBins: [2] }),
  );
});

it('has a digest of configuration and data, not of where they lie or of which policies run', async () => {
  expect((await worldOf(text, folderWith())).digest).toBe(world.digest);
  expect((await worldOf(`${text}policies: [oracle]\n`, folder)).digest).toBe(world.digest);
  expect((await worldOf(`${text}utilisation: 0.5\n`, folder)).digest).not.toBe(world.digest);
  const other = await worldOf(text, folderWith({ 'wave.csv': csv((bin) => 10 + 5 * Math.sin(bin / 11)) }));
  expect(other.digest).not.toBe(world.digest);
});

it('is the same under another scenario as made for it', async () => {
  const busy = `${text.replace('areas: 6', 'areas: 7, phase: one')}utilisation: 0.8\n`;
  expect(underScenario(world, scenarioOf('s.yaml', busy))).toEqual(await worldOf(busy, folder));
  expect(() => underScenario(world, scenarioOf('s.yaml', 'loads: [{ files: [wave.csv] }]'))).toThrow('same files');
});
