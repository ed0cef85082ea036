// A fleet that is asked for more than its partitions can do gets a fifth one from a pool, by itself; when the load is gone and has been for long enough,
// the fifth is emptied and goes. Clients read and write all the time, and at the end every object is compared.
import { gunzipSync } from 'node:zlib';
import { recorded } from '../../src/pilot/decide.ts';
import type { Decision, StepResult } from '../../src/pilot/pilot.ts';
import { type Move, type Step, usualRules } from '../../src/placement/placement.ts';
import { Gateway, poolLine, startBackend } from './gateway.ts';
import { told } from './job.ts';
import { fillShelf, partitionLines, type Shelf } from './shelf.ts';
import { compareAll, type Done, Traffic } from './traffic.ts';
import type { PilotTrial, TrialFrame } from './trial.ts';

const name = 'fleet';
const factor = 10;
const objectBytes = 16 * 1024;
const quota = { readOps: 12, writeBytesPerSec: 60 * objectBytes };
const readers = 16;
const writers = 2;
const writerRestsMs = 700;
/** When the load is gone, one reader and the writers stay. */
const calmRestsMs = 400;
const growSecMax = 240;
const spreadSec = 45;
const goneSecMax = 360;
const lookEveryMs = 2000;
/** A fifth of the objects is asked for by four fifths of the reads. */
const hotPart = 0.2;
/** Calm for ten minutes instead of a day. */
const rules = { merge: { ...usualRules.merge, sec: 600 }, cooldownSec: 180 };
const upkeep = {
  ...{ readMarginMs: 500, dropMarginMs: 1000, settledMs: 1000, everyMsMax: 1000 },
  ...{ checkpointEveryMs: 5000, checkpointMarginMs: 2000 },
};

interface Carried {
  readonly decision: Decision;
  readonly step: Step;
  readonly outcome: StepResult['outcome'];
}

export const splitMerge: PilotTrial = {
  name: 'split-merge',
  headline: 'a fleet that is short gets a partition, and gives it back',
  async run(frame) {
    const { dir, random, say } = frame;
    const backend = await startBackend(dir);
    const text = `{ readOps: ${quota.readOps}, writeBytesPerSec: ${quota.writeBytesPerSec} }`;
    const { traffic, shelf } = await fill(frame, backend.port);
    const atMs = Date.now();
    const gateway = await Gateway.start({
      ...{ dir, name, mode: 'auto', clock: { atMs, fromMs: atMs, factor }, trial: { rules, upkeep } },
      settings: [
        ...partitionLines(backend.port, name, text),
        'pools:',
        `  - { name: spare, max: 1, s3: ${poolLine(backend.port, 'fleet-{id}')}, capacityDomain: 'd-{id}', failureDomain: 'd-{id}', quota: ${text} }`,
        'retired: { grace: 2s }',
        'echo: { count: 0 }',
      ],
    });
    traffic.gateway = gateway;
    const densities = new Map<number, number[]>();
    let isOver = false;
    try {
      let isCalm = false;
      const clients = Promise.all([
        ...Array.from({ length: readers }, (_, at) =>
          traffic.closed(
            () => ({ kind: 'read', path: anyObject(shelf, random), tag: isCalm ? 'calm' : 'busy' }),
            () => (isCalm ? calmRestsMs : 0),
            () => isOver || (isCalm && at > 0),
          ),
        ),
        ...Array.from({ length: writers }, (_, at) => writer(traffic, shelf, at, () => isOver)),
      ]);
      clients.catch(() => {}); // told below
      const watching = watchDensities(gateway, densities, () => isOver);
      watching.catch(() => {});
      const grew = await seen(
        frame,
        gateway,
        growSecMax,
        ({ step, outcome }) => step.kind === 'grow' && isCarried(outcome),
      );
      say(`a fifth partition is asked for: ${grew.step.because.text}`);
      const beforeMs = traffic.nowMs;
      await new Promise((resolve) => setTimeout(resolve, 1000 * spreadSec));
      const busyUntilMs = traffic.nowMs;
      const onFifth = await held(gateway);
      say(`${onFifth} bytes lie on it; the load goes`);
      isCalm = true;
      await seen(frame, gateway, goneSecMax, ({ step, outcome }) => step.kind === 'drain' && isCarried(outcome));
      say('it drains');
      await seen(frame, gateway, goneSecMax, ({ step, outcome }) => step.kind === 'retire' && isCarried(outcome));
      say('it is retired');
      await until(async () => !(await partitions(gateway)).some(({ id }) => id === 'spare-1'), 60);
      say('it is gone');
      isOver = true;
      await Promise.all([clients, watching]);
      return await judge({ gateway, traffic, beforeMs, busyUntilMs, onFifth, densities });
    } finally {
      isOver = true;
      await gateway.stop();
      await backend.server.stop();
    }
  },
};

/** Without quotas, and without anything counted. */
async function fill({ dir, say }: TrialFrame, backendPort: number) {
  const settings = partitionLines(backendPort, name);
  const gateway = await Gateway.start({ dir, name, mode: 'off', settings, clock: undefined });
  const traffic = new Traffic(gateway, objectBytes);
  try {
    const shelf = await fillShelf(traffic, { bucketsEach: 6, objectsEach: 30 });
    say(`${traffic.stored.size} objects stored`);
    return { traffic, shelf };
  } finally {
    await gateway.stop();
  }
}

function anyObject({ objects }: Shelf, random: () => number): string {
  const [few, all] = [Math.floor(hotPart * objects.length), objects.length];
  // Every fifth one is hot, so that each bucket has its share.
  const at = random() < 1 - hotPart ? Math.floor(random() * few) * Math.round(1 / hotPart) : Math.floor(random() * all);
  return objects[at]!;
}

async function writer(traffic: Traffic, shelf: Shelf, who: number, isOver: () => boolean): Promise<void> {
  const buckets = [...shelf.buckets.values()].flat();
  let written = 0;
  const next = () =>
    ({ kind: 'write', path: `/${buckets[written % buckets.length]}/new/${who}/${written++}`, tag: 'write' }) as const;
  await traffic.closed(next, () => writerRestsMs, isOver);
}

const carriedOf = (decisions: readonly Decision[]): Carried[] =>
  decisions.flatMap((decision) =>
    decision.steps.map((step, at) => ({ decision, step, outcome: decision.results[at]!.outcome })),
  );

const isCarried = (outcome: StepResult['outcome']): boolean => outcome === 'done' || outcome === 'begun';

async function seen(
  { say }: TrialFrame,
  gateway: Gateway,
  secMax: number,
  isIt: (carried: Carried) => boolean,
): Promise<Carried> {
  let found: Carried | undefined;
  await until(async () => {
    found = carriedOf(await lately(gateway)).find(isIt);
    return found !== undefined;
  }, secMax).catch(async (error) => {
    say(await gateway.command('plan'));
    say(gateway.output().slice(-3000));
    throw error;
  });
  return found!;
}

async function until(isSo: () => Promise<boolean>, secMax: number): Promise<void> {
  const deadlineMs = Date.now() + 1000 * secMax;
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) throw new Error(`waited ${secMax} s in vain`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

interface Listed {
  readonly id: string;
  readonly storedBytes: number;
}

const partitions = async (gateway: Gateway): Promise<readonly Listed[]> =>
  (JSON.parse(await gateway.command('partition', 'list', '--json')) as { partitions: readonly Listed[] }).partitions;

const held = async (gateway: Gateway): Promise<number> =>
  (await partitions(gateway)).find(({ id }) => id === 'spare-1')?.storedBytes ?? 0;

interface Ran {
  readonly gateway: Gateway;
  readonly traffic: Traffic;
  /** When it grew, and when the load went. */
  readonly beforeMs: number;
  readonly busyUntilMs: number;
  readonly onFifth: number;
  readonly densities: ReadonlyMap<number, readonly number[]>;
}

async function judge({ gateway, traffic, beforeMs, busyUntilMs, onFifth, densities }: Ran) {
  const wrong = await compareAll(traffic);
  const carried = carriedOf(await gateway.journal()).filter(({ outcome }) => isCarried(outcome));
  const moves = carried.filter((one): one is Carried & { readonly step: Move } => one.step.kind === 'move');
  const there = moves.filter(({ step }) => step.to === 'spare-1');
  const known = [...densities.values()].flat();
  const failed = traffic.done.filter(({ isAnswered }) => !isAnswered).length;
  const other = traffic.done.filter(({ isRight }) => !isRight).length;
  const perSec = (fromMs: number, toMs: number): number =>
    traffic.done.filter((one: Done) => one.kind === 'read' && one.atMs >= fromMs && one.atMs < toMs).length /
    ((toMs - fromMs) / 1000);
  const [short, eased] = [perSec(beforeMs - 20_000, beforeMs), perSec(busyUntilMs - 20_000, busyUntilMs)];
  return {
    setting: [
      `Four S3 partitions in four capacity domains, quota of each ${quota.readOps} reads/s; a pool that may make one more. ${readers} clients read as fast as they are answered, ${writers} write; later one reads and ${writers} write.`,
      `Demand is counted by a clock that runs ${factor} times as fast; the fleet has to be calm for ${rules.merge.sec / 60} minutes of it instead of a day.`,
    ],
    head: [
      'requests',
      'objects compared',
      'reads/s before it grew',
      'reads/s afterwards',
      'bytes on the fifth',
      'moves',
    ],
    rows: [
      [
        String(traffic.done.length),
        String(traffic.stored.size),
        short.toFixed(0),
        eased.toFixed(0),
        `${(onFifth / 2 ** 20).toFixed(1)} MiB`,
        `${there.length} there, ${moves.filter(({ step }) => step.from === 'spare-1').length} back`,
      ],
    ],
    verdicts: [
      { what: 'data goes to the fifth partition', measured: `${onFifth} bytes`, isHeld: onFifth > 0 },
      { what: 'requests that failed: none', measured: String(failed), isHeld: failed === 0 },
      {
        what: 'objects lost or changed: none',
        measured: `${wrong.length} at the end, ${other} meanwhile`,
        isHeld: wrong.length + other === 0,
      },
      {
        what: 'the hottest go first: the reads of what is moved, over its bytes, as parts of what the source holds of the area',
        measured: known.length === 0 ? 'no move of a part' : known.map((each) => each.toFixed(1)).join(', '),
        // 1: what it holds of the area is all alike.
        isHeld: known.length > 0 && known.every((each) => each > 1 - 1e-9),
      },
    ],
    decisions: carried.map(({ decision, step, outcome }) => `plan ${decision.id}, ${outcome}: ${told(step)}`),
  };
}

/** Of each move of a part there: part of the reads over part of the bytes. Asked while it runs: what decided is not kept for long. */
async function watchDensities(
  gateway: Gateway,
  densities: Map<number, number[]>,
  isOver: () => boolean,
): Promise<void> {
  for (; !isOver(); await new Promise((resolve) => setTimeout(resolve, lookEveryMs))) {
    for (const { id, steps, results } of await lately(gateway)) {
      if (densities.has(id)) continue;
      const begun = steps.filter((step, at): step is Move => isPartThere(step) && results[at]!.outcome === 'begun');
      if (begun.length === 0) continue;
      const { input } = await gateway.admin<{ readonly input?: string }>(`/v1/journal/${id}?input=true`);
      if (input === undefined) continue;
      const { holdings } = recorded(gunzipSync(Buffer.from(input, 'base64')).toString('utf8')).view;
      const found = begun.map(({ area, from, readShare, bytes }) => {
        const source = holdings.find((each) => each.area === area && each.partition === from)!;
        return readShare / source.readShare / (bytes / source.bytes);
      });
      densities.set(id, found);
    }
  }
}

const isPartThere = (step: Step): boolean => step.kind === 'move' && step.to === 'spare-1' && !step.isWhole;

const lately = async (gateway: Gateway): Promise<readonly Decision[]> =>
  (await gateway.admin<{ decisions: readonly Decision[] }>('/v1/journal?limit=200')).decisions;
