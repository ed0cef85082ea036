// Every named crash point, so many times each: a process dies there, another takes its place, and nothing that was acknowledged is lost.
import { join } from 'node:path';
import { type CrashPoint, crashPoints } from '../../src/base/crash-points.ts';
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import { ways } from './support/crash-drives.ts';
import { CrashLane } from './support/crash-lane.ts';
import { makeBucket, openWire } from './support/wire.ts';
import { startWorld, type World } from './support/world.ts';

/** One of each kind, for runs that cannot try them all. */
const sample: readonly CrashPoint[] = [
  'put: committed, not answered',
  'directory: bytes written',
  'packs: files gone, rows not',
  'catalog: commit queued',
  'copy: committed, not answered',
  'moving: copy read back',
  'checkpoint: written, not noted',
  'delete bucket: closed',
];
const all = Object.keys(crashPoints) as CrashPoint[];
const inOrder = [...sample, ...all.filter((point) => !sample.includes(point))];

export const crashes: Trial = {
  name: 'crash-points',
  promise: 'wherever a process dies, nothing acknowledged is lost and nothing is left behind',
  full: { points: all.length, times: 10, lanes: 4 },
  short: { points: sample.length, times: 1, lanes: 1 },
  run: (volumes, tools) => tryPoints(inOrder.slice(0, volumes.points), volumes, tools),
};

export async function tryPoints(points: readonly CrashPoint[], volumes: Volumes, tools: TrialTools): Promise<Verdict> {
  const { times = 1, lanes: width = 1 } = volumes;
  const plain = points.filter((point) => !ways[point].onBucket);
  const onBucket = points.filter((point) => ways[point].onBucket);
  const tally = new Tally(points.length * times, tools);
  const lanes = Array.from({ length: Math.min(width, plain.length) }, (_, at) =>
    runLane(plain, times, join(tools.dir, `lane${at + 1}`), tools.seed + at, tally),
  );
  await Promise.all(lanes);
  if (onBucket.length > 0) await runOnBucket(onBucket, times, tools, tally);
  return tally.verdict(points);
}

/** Takes points from the front until none is left. */
async function runLane(
  queue: CrashPoint[],
  times: number,
  dir: string,
  seed: number,
  tally: Tally,
  world = {},
): Promise<void> {
  const lane = await CrashLane.start({ dir, seed, world });
  try {
    for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
      await tryPoint(lane, point, times, tally);
      // A short run cannot wait for collection after each single crash.
      if (times > 1 || queue.length === 0) tally.settled(point, await lane.settle());
    }
    tally.add(lane);
  } catch (error) {
    tally.fail(`a lane could not go on: ${(error as Error).stack}\n${lane.world.output().slice(-3000)}`);
  } finally {
    await lane.stop();
  }
  tally.checked(await lane.fsck());
}

async function tryPoint(lane: CrashLane, point: CrashPoint, times: number, tally: Tally): Promise<void> {
  const { role, drive, nthMax = 1, turnsMax = 0 } = ways[point];
  const upTo = (max: number): number => Math.floor(lane.deeds.random() * (max + 1));
  for (let at = 0; at < times; at++) {
    const order = { point, role, nth: 1 + upTo(nthMax - 1), turns: upTo(turnsMax) };
    const { pid, wrong } = await lane.crash(order, drive);
    tally.crashed(point, pid !== undefined, wrong);
    if (pid === undefined) break;
  }
}

/** Two servers: the packs of one are objects of the other, which stays. */
async function runOnBucket(
  points: CrashPoint[],
  times: number,
  { dir, seed }: TrialTools,
  tally: Tally,
): Promise<void> {
  const backend = await startWorld({ dir: join(dir, 'backend'), workers: 1, partitions: 1 });
  try {
    const wire = openWire(backend);
    await makeBucket(wire, 'packs');
    wire.close();
    await runLane([...points], times, join(dir, 'on-bucket'), seed, tally, overBucket(backend));
  } finally {
    await backend.stop();
  }
}

const overBucket = ({ endpoint, keys }: World) => ({
  partitions: 0,
  config: [
    `  - { id: p1, s3: { endpoint: "${endpoint}", bucket: packs, region: us-east-1, credentials: env } }`,
    'retired: { grace: 0s }',
    // In the failure domain of the other one it takes no copy of the log, and is soon empty.
    `pools: [{ name: spare, failureDomain: p1, max: 20, s3: { endpoint: "${endpoint}", bucket: "{id}", credentials: env } }]`,
  ],
  env: { AWS_ACCESS_KEY_ID: keys.accessKey, AWS_SECRET_ACCESS_KEY: keys.secretKey },
});

class Tally {
  readonly broken: string[] = [];
  readonly #planned: number;
  readonly #tools: TrialTools;
  readonly #crashes = new Map<CrashPoint, number>();
  #wrong = 0;
  readonly #leftBehind = new Set<CrashPoint>();
  #acknowledged = 0;
  #open = 0;
  #read = 0;
  #restarts = 0;
  #fscks = 0;
  #fscksBroken = 0;

  constructor(planned: number, tools: TrialTools) {
    this.#planned = planned;
    this.#tools = tools;
  }

  get #done(): number {
    return [...this.#crashes.values()].reduce((sum, count) => sum + count, 0);
  }

  crashed(point: CrashPoint, isDead: boolean, wrong: readonly string[]): void {
    if (isDead) this.#crashes.set(point, (this.#crashes.get(point) ?? 0) + 1);
    else this.fail(`${point}: no process came there`);
    this.#wrong += wrong.length;
    for (const what of wrong) this.fail(`after ${point}: ${what}`);
  }

  fail(what: string): void {
    this.broken.push(what);
    this.#tools.say(`BROKEN: ${what}`);
  }

  settled(point: CrashPoint, wrong: readonly string[]): void {
    const left = wrong.filter((what) => what.startsWith('left behind'));
    if (left.length > 0) this.#leftBehind.add(point);
    this.#wrong += wrong.length - left.length;
    for (const what of wrong) this.fail(`when ${point} had settled: ${what}`);
    this.#tools.say(`${this.#done} of ${this.#planned} crashes, ${this.broken.length} broken; ${point}`);
  }

  checked(wrong: readonly string[]): void {
    for (const what of wrong) this.fail(what);
    this.#fscks += 1;
    if (wrong.length > 0) this.#fscksBroken += 1;
  }

  add(lane: CrashLane): void {
    this.#acknowledged += lane.deeds.acknowledged;
    this.#open += lane.deeds.open;
    this.#read += lane.objectsRead;
    this.#restarts += lane.restarts;
  }

  verdict(points: readonly CrashPoint[]): Verdict {
    const number = (value: number): string => value.toLocaleString('en');
    const whole = [...this.#crashes].filter(([, count]) => count === this.#planned / points.length);
    return {
      figures: [
        ['crash points', `${whole.length} of ${points.length}, each ${this.#planned / points.length} times`],
        ['processes that died there', `${this.#done} of ${this.#planned}`],
        ['starts of the whole server meanwhile', number(this.#restarts)],
        ['acknowledged writes', number(this.#acknowledged)],
        ['writes whose answer was lost', `${number(this.#open)}, each found done or not done, none half done`],
        ['objects read back, whole, after a crash', number(this.#read)],
        ['acknowledged objects lost, torn or changed', `${this.#wrong} of ${number(this.#acknowledged)}`],
        ['points after which something was left behind', `${this.#leftBehind.size} of ${points.length}`],
        [
          'data directories in which `fsck --deep` found something in the end',
          `${this.#fscksBroken} of ${this.#fscks}`,
        ],
      ],
      broken: this.broken,
    };
  }
}
