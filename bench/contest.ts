// The common shape of a bench: arms do the same in turn, round after round, so that a noisy minute strikes them all alike.
import { mkdir } from 'node:fs/promises';
import type { Arm } from './arms/arm.ts';
import type { Frame, Outcome, Table, Verdict } from './bench.ts';
import { cpuMicros } from './process-figures.ts';
import { judge, type Target } from './target.ts';
import { watchMemory } from './watch-memory.ts';
import { type Load, type Measured, runWrk } from './wrk.ts';

export interface Case {
  /** `16 connections` */
  readonly label: string;
  readonly connections: number;
}

export interface Contest {
  readonly cases: readonly Case[];
  /** The arm whose ratios count; `echogate` when left out. */
  readonly product?: string;
  /** Baselines besides the product and the S3 servers of the command line. */
  readonly baselines: readonly string[];
  readonly unit: string;
  fill?(arm: Arm, frame: Frame): Promise<void>;
  /** `turn` counts the runs of this case, warm-up and all arms included. */
  load(arm: Arm, one: Case, turn: number, frame: Frame): Promise<Load> | Load;
  value(measured: Measured): number;
  /** A contestant that is no server, e.g. the disk itself: its value. */
  readonly besides?: { readonly name: string; measure(one: Case, frame: Frame): Promise<number> };
  /** Before each run. */
  settle?(): Promise<void>;
  readonly targets: readonly Target[];
  readonly notes: readonly string[];
}

/** One run of one arm. */
export interface Run {
  readonly case: string;
  readonly arm: string;
  readonly value: number;
  readonly errors: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Of the arm's processes, per request. */
  readonly cpuMicros?: number | undefined;
}

const warmUpsMax = 8;
const warmUpGain = 0.1;

export async function runContest(contest: Contest, frame: Frame): Promise<Outcome> {
  const arms = await frame.startArms('echogate', ...contest.baselines);
  const watches = new Map(arms.map((arm) => [arm.name, watchMemory(arm.pids)]));
  const runs: Run[] = [];
  try {
    for (const arm of arms) {
      frame.say(`filling ${arm.name}`);
      await contest.fill?.(arm, frame);
    }
    for (const one of contest.cases) runs.push(...(await runCase(contest, one, arms, frame)));
  } finally {
    for (const watch of watches.values()) watch.stop();
    for (const arm of arms) await arm.stop();
  }
  const peaks = new Map([...watches].map(([name, watch]) => [name, watch.peakMiB()]));
  return {
    tables: [tableOf(contest, runs, peaks)],
    verdicts: verdictsOf(contest, runs),
    errors: runs.reduce((sum, { errors }) => sum + errors, 0),
    peakMiB: peaks.get(productOf(contest)),
    notes: contest.notes,
    raw: { runs, peaksMiB: Object.fromEntries(peaks) },
  };
}

async function runCase(contest: Contest, one: Case, arms: readonly Arm[], frame: Frame): Promise<Run[]> {
  const runs: Run[] = [];
  let turn = 0;
  for (const arm of arms) {
    frame.say(`${one.label}: warming ${arm.name} up`);
    turn = await warmUp(contest, arm, one, turn, frame);
  }
  for (let round = 1; round <= frame.rounds; round++) {
    for (const arm of arms) {
      const run = await measure(contest, arm, one, ++turn, frame, true);
      runs.push(run);
      frame.say(`${one.label}: round ${round} of ${frame.rounds}, ${arm.name} ${short(run.value)} ${contest.unit}`);
      if (run.errors > 0) frame.say(`${arm.name}: ${run.errors} ERRORS`);
    }
    if (contest.besides === undefined) continue;
    await contest.settle?.();
    const value = await contest.besides.measure(one, frame);
    runs.push({ case: one.label, arm: contest.besides.name, value, errors: 0 });
    frame.say(
      `${one.label}: round ${round} of ${frame.rounds}, ${contest.besides.name} ${short(value)} ${contest.unit}`,
    );
  }
  return runs;
}

/** Until it gets no faster: what is compiled as it runs needs requests, not seconds. */
async function warmUp(contest: Contest, arm: Arm, one: Case, before: number, frame: Frame): Promise<number> {
  const short = { ...frame, seconds: Math.ceil(frame.seconds / 2) };
  let turn = before;
  for (let best = 0; turn < before + warmUpsMax; ) {
    const { cpuMicros: cost, value } = await measure(contest, arm, one, ++turn, short, false);
    // Where the processor time is known it tells more than a rate that others disturb.
    const speed = cost === undefined ? value : 1 / cost;
    if (speed < best * (1 + warmUpGain)) break;
    best = Math.max(best, speed);
  }
  return turn;
}

async function measure(c: Contest, arm: Arm, one: Case, turn: number, frame: Frame, counts: boolean): Promise<Run> {
  await mkdir(frame.dir, { recursive: true });
  const load = await c.load(arm, one, turn, frame);
  await c.settle?.();
  const before = cpuOf(arm);
  const go = (): Promise<Measured> => runWrk(arm.origin, load, frame.dir);
  const isWatched = counts && arm.name === 'echogate' && frame.profiler !== undefined;
  const measured = await (isWatched ? frame.profiler!.around(one.label, arm.pids, go) : go());
  const cpu = cpuOf(arm) - before;
  const { errors, p50Ms, p99Ms } = measured;
  return {
    ...{ case: one.label, arm: arm.name, value: c.value(measured), errors, p50Ms, p99Ms },
    cpuMicros: cpu === 0 ? undefined : cpu / Math.max(1, measured.requests),
  };
}

const cpuOf = (arm: Arm): number => arm.pids.reduce((sum, pid) => sum + cpuMicros(pid), 0);

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export const short = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);

const medianOf = (runs: readonly Run[], one: string, arm: string): number | undefined => {
  const values = runs.filter((run) => run.case === one && run.arm === arm).map(({ value }) => value);
  return values.length === 0 ? undefined : median(values);
};

const productOf = ({ product = 'echogate' }: Contest): string => product;

const verdictsOf = (contest: Contest, runs: readonly Run[]): Verdict[] =>
  contest.cases.flatMap(({ label }) =>
    contest.targets
      .filter((target) => target.case === undefined || target.case === label)
      .map((target) => judge(target, label, productOf(contest), (arm) => medianOf(runs, label, arm))),
  );

function tableOf(contest: Contest, runs: readonly Run[], peaks: ReadonlyMap<string, number | undefined>): Table {
  const { cases, unit } = contest;
  const productName = productOf(contest);
  const rows = cases.flatMap(({ label }) => {
    const arms = [...new Set(runs.filter((run) => run.case === label).map(({ arm }) => arm))];
    const product = medianOf(runs, label, productName);
    return arms.map((arm) => {
      const own = runs.filter((run) => run.case === label && run.arm === arm);
      const values = own.map(({ value }) => value);
      const middle = (pick: (run: Run) => number | undefined, digits: number): string => {
        const known = own.map(pick).filter((value) => value !== undefined);
        return known.length === 0 ? '' : median(known).toFixed(digits);
      };
      return [
        label,
        arm,
        short(median(values)),
        `${short(Math.min(...values))} – ${short(Math.max(...values))}`,
        arm === productName || product === undefined ? '' : `${(product / median(values)).toFixed(2)} ×`,
        middle(({ p50Ms }) => p50Ms, 2),
        middle(({ p99Ms }) => p99Ms, 2),
        middle((run) => run.cpuMicros, 0),
        peaks.get(arm)?.toFixed(0) ?? '',
        String(own.reduce((sum, { errors }) => sum + errors, 0)),
      ];
    });
  });
  const head = [
    'load',
    'arm',
    unit,
    'min – max',
    `${productName} is`,
    'p50 ms',
    'p99 ms',
    'CPU µs',
    'RssAnon MiB',
    'errors',
  ];
  return { head, rows };
}
