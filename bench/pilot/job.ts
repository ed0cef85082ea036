// A job that is declared for a known minute, beside usual load, is more than the partition can do where its keys are at home: with the pilot off, and
// with the pilot in mode auto, at the same time on the same machine.
import type { Step } from '../../src/placement/placement.ts';
import { ms } from '../trial-answer.ts';
import { Gateway, startBackend } from './gateway.ts';
import { fillShelf, partitionIds, partitionLines, type Shelf, store } from './shelf.ts';
import { percentile, Traffic } from './traffic.ts';
import type { PilotTrial, TrialFrame } from './trial.ts';

const factor = 30;
const minuteMs = 60_000;
const binSec = 300;
/** Of the clock of demand, from the start of the trial on. */
const startMinute = 60;
const jobMinutes = 20;
const objectBytes = 16 * 1024;
const quota = { readOps: 12, writeBytesPerSec: 10 * objectBytes };
/** Per second, of all partitions together. */
const base = { reads: 24, writes: 6 };
const jobPerSec = { reads: 8, writes: 8 };
const jobObjects = 20;
const bucketsEach = 6;
const objectsEach = 50;
const modes = ['off', 'auto'] as const;
const quotaText = `{ readOps: ${quota.readOps}, writeBytesPerSec: ${quota.writeBytesPerSec} }`;

interface Filled {
  readonly traffic: Traffic;
  readonly shelf: Shelf;
  /** `/bucket/prefix` of the job. */
  readonly where: string;
}

interface Arm extends Filled {
  readonly gateway: Gateway;
}

export const job: PilotTrial = {
  name: 'job',
  headline: 'a declared job that is more than its partition can do',
  async run(frame) {
    const backend = await startBackend(frame.dir);
    const arms: Arm[] = [];
    try {
      const filled = [];
      for (const mode of modes) filled.push(await fill(frame, backend.port, mode));
      const atMs = Date.now();
      const clock = { atMs, fromMs: Math.ceil(atMs / (binSec * 1000)) * binSec * 1000, factor };
      const jobMs = clock.fromMs + startMinute * minuteMs;
      for (const [at, mode] of modes.entries()) {
        const settings = partitionLines(backend.port, mode, quotaText);
        const gateway = await Gateway.start({ dir: frame.dir, name: mode, mode, settings, clock });
        const { traffic } = filled[at]!;
        traffic.gateway = gateway;
        arms.push({ ...filled[at]!, gateway });
      }
      for (const arm of arms) await declare(arm, jobMs);
      frame.say(`both serve; the job is declared for ${new Date(jobMs).toISOString()} of the hurried clock`);
      const startsMs = atMs + (startMinute * minuteMs) / factor;
      const endsMs = startsMs + (jobMinutes * minuteMs) / factor;
      await Promise.all(arms.map((arm) => load(arm, frame, { startsMs, endsMs })));
      frame.say('the job is over');
      return await judge(arms, jobMs);
    } finally {
      for (const { gateway } of arms) await gateway.stop();
      await backend.server.stop();
    }
  },
};

/** Without quotas, and without anything counted: what fills a fleet is no demand that comes again. */
async function fill({ dir, say }: TrialFrame, backendPort: number, mode: 'off' | 'auto'): Promise<Filled> {
  const settings = partitionLines(backendPort, mode);
  const gateway = await Gateway.start({ dir, name: mode, mode: 'off', settings, clock: undefined });
  const traffic = new Traffic(gateway, objectBytes);
  try {
    const shelf = await fillShelf(traffic, { bucketsEach, objectsEach });
    const where = `/${shelf.buckets.get(partitionIds[0])![0]}/batch`;
    await store(
      traffic,
      Array.from({ length: jobObjects }, (_, at) => `${where}/in/${at}`),
    );
    say(`${mode}: ${traffic.stored.size} objects stored; the job's keys are ${where}/`);
    return { traffic, shelf, where };
  } finally {
    await gateway.stop();
  }
}

async function declare({ gateway, where }: Arm, jobMs: number): Promise<void> {
  const at = new Date(jobMs);
  const [, bucket, prefix] = where.split('/');
  const seconds = jobMinutes * 60;
  const perSec = (real: number): number => real / factor;
  await gateway.command(
    ...['job', 'add', 'batch', '--bucket', bucket!, '--prefix', `${prefix}/`],
    ...['--cron', `${at.getUTCMinutes()} ${at.getUTCHours()} ${at.getUTCDate()} ${at.getUTCMonth() + 1} *`],
    ...['--requests', String(Math.round(perSec(jobPerSec.reads + jobPerSec.writes) * seconds))],
    ...['--reads', String(jobPerSec.reads / (jobPerSec.reads + jobPerSec.writes))],
    ...['--read-bytes', String(Math.round(perSec(jobPerSec.reads) * objectBytes * seconds))],
    ...['--write-bytes', String(Math.round(perSec(jobPerSec.writes) * objectBytes * seconds))],
    ...['--duration', `${jobMinutes}m`],
  );
}

async function load(
  { traffic, shelf, where }: Arm,
  { random, say }: TrialFrame,
  { startsMs, endsMs }: { readonly startsMs: number; readonly endsMs: number },
): Promise<void> {
  const anyOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const buckets = [...shelf.buckets.values()].flat();
  let written = 0;
  const isOver = (): boolean => Date.now() >= endsMs;
  const usual = [
    traffic.open(base.reads, random, () => ({ kind: 'read', path: anyOf(shelf.objects), tag: 'usual' }), isOver),
    traffic.open(
      base.writes,
      random,
      () => ({ kind: 'write', path: `/${anyOf(buckets)}/new/${written++}`, tag: 'usual' }),
      isOver,
    ),
  ];
  await new Promise((resolve) => setTimeout(resolve, startsMs - Date.now()));
  say(`${traffic.gateway.name}: the job starts`);
  const jobs = [
    traffic.open(
      jobPerSec.reads,
      random,
      () => ({ kind: 'read', path: `${where}/in/${Math.floor(random() * jobObjects)}`, tag: 'job' }),
      isOver,
    ),
    traffic.open(
      jobPerSec.writes,
      random,
      () => ({ kind: 'write', path: `${where}/out/${written++}`, tag: 'job' }),
      isOver,
    ),
  ];
  await Promise.all([...usual, ...jobs]);
  await traffic.settled();
}

async function judge(arms: readonly Arm[], jobMs: number) {
  const rows: string[][] = [];
  const p99s = new Map<string, number>();
  let wrong = 0;
  let unanswered = 0;
  for (const { gateway, traffic } of arms) {
    const of = traffic.done.filter(({ tag }) => tag === 'job');
    const usual = traffic.done.filter(({ tag }) => tag === 'usual');
    const [reads, writes] = [of.filter(({ kind }) => kind === 'read'), of.filter(({ kind }) => kind === 'write')];
    const startMs = Math.min(...of.map((one) => one.atMs));
    const during = usual.filter(({ atMs }) => atMs >= startMs);
    p99s.set(gateway.name, percentile(of, 0.99));
    wrong += traffic.done.filter(({ isRight }) => !isRight).length;
    unanswered += traffic.done.filter(({ isAnswered }) => !isAnswered).length;
    const part = of.filter(({ refusals }) => refusals > 0).length / of.length;
    const before = usual.filter(({ atMs }) => atMs < startMs);
    rows.push([
      gateway.name,
      String(of.length),
      ...[of, reads, writes].map((done) => ms(percentile(done, 0.99))),
      ms(percentile(of, 0.5)),
      `${(100 * part).toFixed(1)} %`,
      ms(percentile(during, 0.99)),
      ms(percentile(before, 0.99)),
    ]);
  }
  const { gateway, where } = arms.find((arm) => arm.gateway.name === 'auto')!;
  const [, bucket] = where.split('/');
  const { area } = JSON.parse(await gateway.command('map', `${bucket}/batch/`, '--json')) as { readonly area: string };
  const decisions = await gateway.journal();
  const jobSec = jobMs / 1000;
  const taken = decisions.flatMap(({ id, atSec, steps, results }) =>
    steps.map((step, at) => ({ id, atSec, step, outcome: results[at]!.outcome })),
  );
  // By what is foreseen of the bin in which it starts, or later; not by what was measured while the fleet was filled.
  const isForIt = ({ because }: Step): boolean => (because.atSec ?? 0) > jobSec - binSec;
  const before = taken.filter(
    ({ step, atSec, outcome }) => atSec < jobSec && (outcome === 'done' || outcome === 'begun') && isForIt(step),
  );
  const own = before.filter(({ step }) => 'area' in step && step.area === area);
  const ratio = p99s.get('off')! / p99s.get('auto')!;
  return {
    setting: [
      `Four S3 partitions in four capacity domains, quota of each ${quota.readOps} reads/s and ${quota.writeBytesPerSec / 1024} KiB/s written; usual load ${base.reads} reads/s and ${base.writes} writes/s of ${objectBytes / 1024} KiB over all of them, the job ${jobPerSec.reads} reads/s and ${jobPerSec.writes} writes/s on one prefix for ${(jobMinutes * 60) / factor} s, declared by \`echogate job add\`.`,
      `Demand is counted by a clock that runs ${factor} times as fast: bins of five minutes take ${300 / factor} s, ticks ${60 / factor} s. Whoever is told to slow down comes again after half a second; its time runs from when it first wanted to ask.`,
    ],
    head: [
      ...['pilot', 'requests of the job', 'p99', 'p99 of reads', 'p99 of writes', 'median', 'told to slow down'],
      'p99 of the others meanwhile',
      'and before',
    ],
    rows,
    verdicts: [
      {
        what: 'before it starts its area is re-homed or moved, for what is foreseen of it',
        measured: `${before.length} steps carried out for it, ${own.length} of them of its own area`,
        isHeld: own.length > 0,
      },
      { what: 'its p99: ≥ 3 times better', measured: `${ratio.toFixed(1)} times`, isHeld: ratio >= 3 },
      {
        what: 'wrong bytes and requests given up with the pilot: none',
        measured: `${wrong} and ${unanswered}`,
        isHeld: wrong === 0,
      },
    ],
    decisions: taken
      .filter(({ outcome }) => outcome !== 'waits')
      .map(
        ({ id, atSec, step, outcome }) =>
          `${minutes(atSec * 1000 - jobMs)}: plan ${id}, ${outcome}: ${told(step, area)}`,
      ),
  };
}

const minutes = (offMs: number): string =>
  `${Math.abs(offMs / minuteMs).toFixed(1)} minutes ${offMs < 0 ? 'before' : 'after'} the start`;

export function told(step: Step, own?: string): string {
  const of = 'area' in step ? `${step.kind}${step.area === own ? " of the job's area" : ''}` : step.kind;
  const what =
    step.kind === 'move' ? ` of ${(step.bytes / 2 ** 20).toFixed(1)} MiB from ${step.from} to ${step.to}` : '';
  return `${of}${what}: ${step.because.text}`;
}
