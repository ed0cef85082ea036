// `npm run bench:placement -- [--traces DIR] [--seeds 1..10] [--rows batch,flash-60] [--resume DIR] [--cache DIR] [--trees] [--forecasts-only]
// [--oracle-sweep] [--write]`: the grid of control.md §6 in the simulator, its claims, and docs/PLACEMENT.md. `--forecasts-only` makes the forecasts that all
// of it needs, timed; `--oracle-sweep` looks for the thresholds of the oracle instead.
// `--resume DIR` keeps what is done there, and goes on with what the same code kept. Less than the whole grid is written only by `--write`.
// Exit codes: 0 measured, 1 no traces, 2 wrong usage.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { makeWorld } from '../../src/sim/make-world.ts';
import { scenarioOf } from '../../src/sim/scenario.ts';
import type { World } from '../../src/sim/world.ts';
import { machineLine, writeSection } from '../../test/support/page.ts';
import { runCells } from './cells.ts';
import { findTraces, grid, scenarioText, type Traces } from './grid.ts';
import { claimLines, gridLines, oracleLines, partLines } from './page.ts';
import { isSwept, sweepLines } from './sweep.ts';

const page = 'docs/PLACEMENT.md';
const seedsMin = 10;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      traces: { type: 'string', default: '../shared/traces' },
      seeds: { type: 'string', default: '1..10' },
      rows: { type: 'string' },
      resume: { type: 'string' },
      cache: { type: 'string', default: '.cache/simulate' },
      trees: { type: 'boolean', default: false },
      'forecasts-only': { type: 'boolean', default: false },
      'oracle-sweep': { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const traces = findTraces(values.traces);
  if (traces === undefined) {
    say(`There are no traces at ${values.traces}; give the folder with --traces. ${page} stays as it is.`);
    return 1;
  }
  const seeds = seedsOf(values.seeds);
  const isSweep = values['oracle-sweep'];
  const rows = grid
    .filter(({ name }) => values.rows?.split(',').some((start) => name.startsWith(start)) ?? true)
    .filter((row) => !isSweep || isSwept(row));
  if (seeds === undefined || rows.length === 0) {
    say(
      '--seeds takes a range such as 1..10, --rows beginnings of names such as batch or flash-60-65 (a sweep: decorrelated, 65 or 80 %)',
    );
    return 2;
  }
  const startedMs = performance.now();
  const { world, made } = await worldOf(traces, values.cache, values.trees);
  const forecastMs = performance.now() - startedMs;
  if (made > 0) {
    await writeSection(page, 'forecasts', [
      `${made} of ${world.series.length} series forecast ${values.trees ? 'with' : 'without'} trees for ${world.aheadBins.length} horizons in ${minutes(forecastMs)}, on ${await machineLine()}.`,
    ]);
  }
  say(`forecasts: ${made} made, ${world.series.length - made} were there, ${minutes(forecastMs)}`);
  if (values['forecasts-only']) return 0;
  const asked = { rows, seeds, keptIn: values.resume };
  if (isSweep) {
    const lines = await sweepLines(world, traces, asked, say);
    for (const line of lines) say(line);
    if (values.write)
      await writeSection(page, 'sweep', [
        `Seeds ${seeds[0]}..${seeds.at(-1)}; medians of violating minutes. ${await machineLine()}`,
        '',
        ...lines,
      ]);
    return 0;
  }

  const { cells, runs, kept, wallMs } = await runCells(world, traces, asked, say);
  const head = [
    `Measured on ${await machineLine()}; ${runs} runs in ${minutes(wallMs)} on ${availableParallelism()} cores${kept > 0 ? `, ${kept} of them kept from earlier runs of the same code` : ''}.`,
    `Seeds ${seeds[0]}..${seeds.at(-1)}; series: ${world.series.map(({ name }) => name).join(', ')}; reads spread as ${world.heat.map(({ name }) => name).join(', ')}. Medians over seeds, 95 % intervals by`,
    'resampling seeds. "× reactive" is of violating minutes.',
  ];
  const sections = {
    claims: [...head, '', ...claimLines(rows, cells)],
    parts: partLines(rows, cells),
    oracle: oracleLines(rows, cells),
    grid: gridLines(rows, cells),
  };
  for (const lines of Object.values(sections)) for (const line of lines) say(line);
  const isWhole = rows.length === grid.length && seeds.length >= seedsMin;
  if (!isWhole && !values.write) {
    say(`less than the whole grid with ${seedsMin} seeds: ${page} stays as it is (--write writes it all the same)`);
    return 0;
  }
  for (const [name, lines] of Object.entries(sections)) await writeSection(page, name, lines);
  say(`written to ${page}`);
  return 0;
}

/** All rows have the same data: one world, under their scenarios. */
async function worldOf(traces: Traces, cache: string, trees: boolean): Promise<{ world: World; made: number }> {
  let saidMs = 0;
  let total = 0;
  const scenario = scenarioOf(grid[0]!.name, scenarioText(grid[0]!, traces, trees));
  const { world, sources, made } = await makeWorld(
    { scenario, folder: traces.folder },
    {
      cache,
      threads: availableParallelism(),
      onMissing(missing, bins) {
        total = bins;
        say(`forecasts are made of ${missing.join(', ')}`);
      },
      onProgress(done) {
        if (performance.now() - saidMs < 15_000) return;
        saidMs = performance.now();
        say(`forecasts: ${Math.floor((100 * done) / total)} % of ${total} bins`);
      },
    },
  );
  for (const note of sources.notes) say(note);
  return { world, made };
}

function seedsOf(text: string): number[] | undefined {
  const [, from = '', to = from] = /^(\d{1,6})(?:\.\.(\d{1,6}))?$/.exec(text) ?? [];
  const count = Number(to) - Number(from) + 1;
  return from === '' || count < 1 ? undefined : Array.from({ length: count }, (_, at) => Number(from) + at);
}

const minutes = (ms: number): string => `${(ms / 60_000).toFixed(1)} min`;

process.exitCode = await main();
