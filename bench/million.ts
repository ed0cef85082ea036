// Does size matter? One bucket with a million objects beside one with ten thousand, each on a server of its own.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KiB } from '../src/base/units.ts';
import { type Arm, targetOf } from './arms/arm.ts';
import type { EchogateArm } from './arms/echogate.ts';
import { inParallel } from './arms/s3-client.ts';
import type { Bench, Frame, Verdict } from './bench.ts';
import { type Case, runContest } from './contest.ts';
import { flushDisks } from './flush-disks.ts';
import type { Target } from './target.ts';

const fewObjects = 10_000;
const bytes = randomBytes(4 * KiB);
const fillConnections = 64;
const catalogBytesMax = 600;
const slowerMax = 1.5;

/** All different, in no order: a tree that is filled in order is kinder than life. */
const keyOf = (folder: string, at: number): string =>
  `${folder}/${((at * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}`;

const sizeName = (objects: number): string => `${objects.toLocaleString('en-US')} objects`;

export const million: Bench = {
  name: 'million',
  headline: 'LIST page, GET and PUT in a bucket of a million objects and in one of ten thousand',
  async run(frame) {
    const [many, few] = [sizeName(frame.objects), sizeName(fewObjects)];
    const large = await frame.startEchogate(many);
    await fill(large, frame.objects, frame);
    const catalog = await catalogVerdict(large, frame);
    const small = await frame.startEchogate(few);
    await fill(small, fewObjects, frame);
    const body = join(frame.dir, 'body-4k');
    await writeFile(body, bytes);
    const target: Target = { anyOf: [{ against: few, factor: slowerMax, atMost: true }] };
    const outcome = await runContest(
      {
        cases: ['LIST of 1,000', 'GET of 4 KiB', 'PUT of 4 KiB'].map((label) => ({ label, connections: 1 })),
        product: many,
        baselines: [],
        unit: 'median ms',
        load: (arm, one, turn, { seconds }) => ({
          ...{
            ...(one.label.startsWith('PUT') ? { method: 'PUT', body } : { method: 'GET' }),
            connections: 1,
            seconds,
          },
          targets: targetsOf(arm, one, turn, arm.name === many ? frame.objects : fewObjects),
        }),
        value: ({ p50Ms }) => p50Ms,
        settle: flushDisks,
        targets: [target],
        notes: [
          'One connection; keys in no order; GET reads 10,000 different objects, LIST begins at 200 different ones.',
        ],
      },
      { ...frame, startArms: async () => [large, small] },
    );
    return { ...outcome, verdicts: [...outcome.verdicts, catalog] };
  },
};

function targetsOf(arm: Arm, { label }: Case, turn: number, objects: number): string[] {
  const spread = (count: number): number[] =>
    Array.from({ length: count }, (_, at) => Math.floor((at * objects) / count));
  if (label.startsWith('LIST')) {
    const query = (at: number) => Object.entries({ 'list-type': '2', 'start-after': keyOf('k', at) });
    return spread(200).map((at) => targetOf(arm, 'GET', '', query(at)));
  }
  if (label.startsWith('GET')) return spread(10_000).map((at) => targetOf(arm, 'GET', keyOf('k', at)));
  // Between the others, each once.
  return spread(20_000).map((_, at) => targetOf(arm, 'PUT', `${keyOf('k', at)}-${turn}`));
}

async function fill(arm: Arm, objects: number, frame: Frame): Promise<void> {
  const startedMs = performance.now();
  let stored = 0;
  const tell = (): void => {
    const rate = stored / ((performance.now() - startedMs) / 1000);
    frame.say(`${arm.name}: ${stored.toLocaleString('en-US')} stored, ${Math.round(rate).toLocaleString('en-US')}/s`);
  };
  const progress = setInterval(tell, 10_000);
  try {
    await inParallel(objects, fillConnections, async (at) => {
      await arm.store(keyOf('k', at), bytes);
      stored++;
    });
    tell();
  } finally {
    clearInterval(progress);
  }
}

const calmMs = 30_000;
const lookEveryMs = 2_000;
const calmMsMax = 15 * 60_000;

/** Waits until upkeep has nothing left to do: the catalog's live pages no longer change. */
async function catalogVerdict(arm: EchogateArm, frame: Frame): Promise<Verdict> {
  const read = async (): Promise<number> => (await arm.metric('echogate_catalog_bytes{part="live"}')) ?? Number.NaN;
  const startedMs = performance.now();
  const fresh = await read();
  let live = fresh;
  for (let sinceMs = startedMs; performance.now() - sinceMs < calmMs; await sleep(lookEveryMs)) {
    if (performance.now() - startedMs > calmMsMax) {
      frame.say('the catalog does not come to rest; its size is taken as it is');
      break;
    }
    const now = await read();
    if (Math.abs(now - live) < live / 1_000) continue;
    live = now;
    sinceMs = performance.now();
    frame.say(`upkeep: ${Math.round(live / frame.objects)} bytes of catalog per object`);
  }
  const each = live / frame.objects;
  return {
    what: `catalog after upkeep came to rest, live pages: ≤ ${catalogBytesMax} bytes per object`,
    measured: `${each.toFixed(0)} bytes (${(fresh / frame.objects).toFixed(0)} right after filling)`,
    reached: Number.isNaN(each) ? undefined : each <= catalogBytesMax,
  };
}
