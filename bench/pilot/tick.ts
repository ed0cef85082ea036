// `npm run bench:tick -- [--partitions 1000] [--areas 32000] [--ticks 12] [--json FILE]`: what one tick of the pilot costs in a large fleet whose areas
// are all asked something: the view from the catalog, the prediction, the plan, its digest and the journal. Writes a section of docs/PILOT.md.
// Exit codes: 0 held, 1 not held, 2 wrong usage.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openLmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import { noMetadata } from '../../src/model/metadata.ts';
import { HoldingCounter } from '../../src/pilot/count-holdings.ts';
import { Journal } from '../../src/pilot/journal.ts';
import { PlanKeeper } from '../../src/pilot/plan-keeper.ts';
import { ViewReader } from '../../src/pilot/read-view.ts';
import { usualRules } from '../../src/placement/placement.ts';
import { machineLine, writeSection } from '../../test/support/page.ts';
import { LargeFleet } from './large-fleet.ts';

const page = 'docs/PILOT.md';
const secMax = 1;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      partitions: { type: 'string', default: '1000' },
      areas: { type: 'string', default: '32000' },
      ticks: { type: 'string', default: '12' },
      json: { type: 'string' },
    },
  });
  const [partitions, areas, ticks] = [values.partitions, values.areas, values.ticks].map(Number) as [
    number,
    number,
    number,
  ];
  if (![partitions, areas, ticks].every((each) => Number.isInteger(each) && each > 1)) {
    say('--partitions, --areas and --ticks take whole numbers above 1');
    return 2;
  }
  const dir = mkdtempSync(join(tmpdir(), 'echogate-bench-tick-'));
  const catalog = openLmdbCatalog({ path: join(dir, 'catalog') });
  try {
    say(`a fleet of ${partitions} partitions and ${areas} areas is made`);
    const fleet = new LargeFleet(catalog, partitions, areas);
    await fleet.make();
    const counter = new HoldingCounter(catalog, fleet.clock);
    while (counter.counted === undefined) await counter.tick();
    const control = { commit: catalog.commit.bind(catalog) };
    const keeper = new PlanKeeper({
      ...{ catalog, control, logged: control, mode: 'auto', everyMs: 60_000, epoch: 1, rules: usualRules },
      ...{ clock: fleet.clock, declared: noMetadata, journal: new Journal({ catalog, control }) },
      view: new ViewReader({
        ...{ catalog, holdings: counter, capacities: () => fleet.capacities, places: async () => fleet.places },
        hottest: async () => fleet.hottest(),
        hasEchoes: true,
        echoesOf: async (blocks) => fleet.echoesOf(blocks),
        acts: { underWay: () => [], pools: () => [] },
      }),
      forecasts: { current: () => fleet.forecast() },
      acts: { carryOut: async () => ({ outcome: 'begun', because: 'the bench moves nothing' }) },
      onPlan: () => {},
      onStep: () => {},
    });
    const all: { wallMs: number; cpuMs: number }[] = [];
    for (let tick = 0; tick < ticks; tick++) {
      await fleet.nextMinute();
      const cpu = process.cpuUsage();
      const startedMs = performance.now();
      await keeper.tick();
      const used = process.cpuUsage(cpu);
      all.push({ wallMs: performance.now() - startedMs, cpuMs: (used.user + used.system) / 1000 });
      say(
        `tick ${tick + 1}: ${all.at(-1)!.wallMs.toFixed(0)} ms, ${all.at(-1)!.cpuMs.toFixed(0)} ms of processor time`,
      );
    }
    const { because } = await keeper.status();
    if (because !== undefined) throw new Error(`no plan was made: ${because}`);
    // The first one reads six minutes, and nothing is compiled yet.
    const walls = all
      .slice(1)
      .map(({ wallMs }) => wallMs)
      .sort((a, b) => a - b);
    const [median, longest] = [walls[walls.length >> 1]!, walls.at(-1)!];
    const holds = median <= secMax * 1000;
    const steps = (await new Journal({ catalog, control }).last(100)).reduce((sum, each) => sum + each.steps.length, 0);
    const lines = [
      '## What a tick costs',
      '',
      `\`npm run bench:tick -- --partitions ${partitions} --areas ${areas} --ticks ${ticks}\` · ${await machineLine()}`,
      '',
      `${partitions} partitions × ${areas} areas, all of them asked something in each minute, with a forecast of ${fleet.steps} steps; ${steps} steps were planned in it.`,
      `From the catalog to the journal, digest of all inputs included: **${(median / 1000).toFixed(2)} s** (median of ${walls.length}; longest ${(longest / 1000).toFixed(2)} s; wanted ≤ ${secMax} s; ${holds ? '**held**' : '**not held**'}).`,
    ];
    for (const line of lines) say(line);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ partitions, areas, ticks: all })}\n`);
    await writeSection(page, 'tick', lines);
    return holds ? 0 : 1;
  } finally {
    await catalog.close();
    rmSync(dir, { recursive: true });
  }
}

process.exitCode = await main();
