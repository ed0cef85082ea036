// The forecaster in its thread, as it is built: it answers, and one that died is replaced at the next `begin`.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ThreadedForecaster } from '../../../src/forecast/adapters/threaded-forecaster.ts';
import { at, binAt, dailyAreas, flowOf, layoutOf, pastOf, stepSec } from './made-fleet.ts';

// Node 20 loads no TypeScript in a thread: both files are built as `npm run build` does.
const dir = mkdtempSync(join(tmpdir(), 'echogate-thread-'));
let Forecaster: typeof ThreadedForecaster;
let forecaster: ThreadedForecaster;

beforeAll(async () => {
  const input = ['threaded-forecaster', 'forecast-thread'].map((name) => `src/forecast/adapters/${name}.ts`);
  await build({
    input,
    platform: 'node',
    output: { dir, format: 'esm', entryFileNames: '[name].js' },
    logLevel: 'silent',
  });
  ({ ThreadedForecaster: Forecaster } = await import(pathToFileURL(join(dir, 'threaded-forecaster.js')).href));
});
afterEach(() => forecaster.close());
afterAll(() => rmSync(dir, { recursive: true }));

const loads = dailyAreas(['a', 'b'], 60);
const layout = layoutOf({ a: 'p', b: 'p' });
const options = { stepSec, horizons: [1, 3], treesMax: 0 };

it('answers each bin with a forecast', async () => {
  forecaster = new Forecaster();
  await forecaster.begin(options, pastOf(loads, 50), layout);
  const forecast = await forecaster.push(binAt(loads, 50), layout, []);
  const truth = loads.a![51]! + loads.b![51]!;
  expect(Math.abs(at(flowOf(forecast, 'p', 1).mean, 0.5) / truth - 1)).toBeLessThan(0.4);
  expect(forecast.originSec).toBe(binAt(loads, 50).startSec);
});

it('rejects what it cannot take, and begins anew', async () => {
  forecaster = new Forecaster();
  await expect(forecaster.push(binAt(loads, 50), layout, [])).rejects.toThrow('has not begun');
  await forecaster.begin(options, [], layout);
  await expect(forecaster.push(null as never, layout, [])).rejects.toThrow('startSec');
  // What it knew may be half changed.
  await expect(forecaster.push(binAt(loads, 50), layout, [])).rejects.toThrow('push before begin');
  await forecaster.begin(options, pastOf(loads, 50), layout);
  expect((await forecaster.push(binAt(loads, 50), layout, [])).partitions.size).toBe(1);
});

it('rejects what is owed when it is closed', async () => {
  forecaster = new Forecaster();
  await forecaster.begin(options, [], layout);
  const rejected = expect(forecaster.push(binAt(loads, 50), layout, [])).rejects.toThrow('closed');
  await forecaster.close();
  await rejected;
});

it('rejects what a thread that died still owed, and begins in another', async () => {
  const second = mkdtempSync(join(dir, 'mortal-'));
  copyFileSync(join(dir, 'threaded-forecaster.js'), join(second, 'threaded-forecaster.js'));
  // A thread that lives like ours, but dies of its first bin.
  writeFileSync(
    join(second, 'forecast-thread.js'),
    `import { existsSync, writeFileSync } from 'node:fs';
     import { parentPort } from 'node:worker_threads';
     if (existsSync(new URL('died', import.meta.url))) await import('../forecast-thread.js');
     else parentPort.on('message', ({ id, type }) => {
       if (type === 'begin') return parentPort.postMessage({ id });
       writeFileSync(new URL('died', import.meta.url), '');
       process.exit(3);
     });`,
  );
  const mortal = await import(pathToFileURL(join(second, 'threaded-forecaster.js')).href);
  forecaster = new mortal.ThreadedForecaster() as ThreadedForecaster;
  await forecaster.begin(options, [], layout);
  await expect(forecaster.push(binAt(loads, 50), layout, [])).rejects.toThrow('ended with 3');
  await expect(forecaster.push(binAt(loads, 51), layout, [])).rejects.toThrow('has not begun');
  await forecaster.begin(options, pastOf(loads, 51), layout);
  expect((await forecaster.push(binAt(loads, 51), layout, [])).originSec).toBe(binAt(loads, 51).startSec);
});
