// One policy in one world under one seed, minute by minute: what is asked, what echoes take, what the planner says, what the mover does, and what came
// of it. Planner, echo placement and steering are the gateway's own; the clock is a counter.
import { createHash } from 'node:crypto';
import {
  type Memory,
  type Move,
  noMemory,
  planNext,
  type Rules,
  type Step,
  usualRules,
  type View,
} from '../../placement/placement.ts';
import type { PolicyResult } from '../result.ts';
import type { PolicyName } from '../scenario-schema.ts';
import type { World } from '../world.ts';
import { type FleetLoad, fleetLoad } from './fleet-load.ts';
import { Foresight } from './foresight.ts';
import { Hindsight } from './hindsight.ts';
import { Judge } from './judge.ts';
import { type Policy, policies } from './policies.ts';
import { ReadLatency } from './read-latency.ts';
import { SimEchoes, servedReads } from './sim-echoes.ts';
import { poolName, SimFleet } from './sim-fleet.ts';
import { SimMover } from './sim-mover.ts';

export interface Watch {
  minute?(row: MinuteRow): void;
  move?(row: MoveRow): void;
}

export interface MinuteRow {
  readonly minute: number;
  readonly partition: string;
  /** In capacities of a partition: asked by clients, and done after echoes, own work included. */
  readonly reads: number;
  readonly writes: number;
  readonly servedReads: number;
  readonly capacity: number;
  /** Predicted for the longest step: median and q90 of reads; absent where nothing is predicted. */
  readonly q50?: number;
  readonly q90?: number;
}

export interface MoveRow {
  readonly minute: number;
  readonly area: string;
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly cause: string;
  readonly because: string;
}

let kept: { readonly digest: string; readonly seed: number; readonly load: FleetLoad } | undefined;

/** All policies of a seed meet the same load. */
function loadOf(world: World, seed: number): FleetLoad {
  if (kept?.digest !== world.digest || kept.seed !== seed)
    kept = { digest: world.digest, seed, load: fleetLoad(world, seed) };
  return kept.load;
}

export function runPolicy(world: World, policy: PolicyName, seed: number, watch: Watch = {}): PolicyResult {
  const startedMs = performance.now();
  const run = new Run(world, policies[policy], loadOf(world, seed), watch);
  const result = run.all();
  return { policy, seed, ...result, wallMs: Math.round(performance.now() - startedMs) };
}

const kibPerMinuteMin = 1024;
/** More are never made, however often the fleet grows and shrinks. */
const poolPartitionsMax = 200;

class Run {
  readonly #world: World;
  readonly #policy: Policy;
  readonly #fleet: SimFleet;
  readonly #mover: SimMover;
  readonly #echoes: SimEchoes | undefined;
  readonly #seer: Foresight | Hindsight | undefined;
  readonly #judge: Judge;
  readonly #rules: Rules;
  readonly #watch: Watch;
  readonly #latency: ReadLatency;
  readonly #journal = createHash('sha256');
  #memory: Memory = noMemory;
  #growing: { readonly partition: string; readonly atMinute: number }[] = [];
  #grown = 0;
  #score = { violatingMinutes: 0, excess: 0, partitionMinutes: 0, maxOverMean: 0, minutes: 0 };

  constructor(world: World, policy: Policy, load: FleetLoad, watch: Watch) {
    const { scenario } = world;
    this.#world = world;
    this.#policy = policy;
    this.#watch = watch;
    this.#fleet = new SimFleet(scenario, load);
    const allBytes = load.areas.reduce((sum, { bytes }) => sum + bytes, 0);
    const bytesPerMinute = Math.max(kibPerMinuteMin, load.areaBytes / scenario.move.minutes);
    this.#rules = {
      ...usualRules,
      movesOutMax: scenario.move.perSource,
      inFlightShareMax: scenario.move.inFlightShare,
      moveBytesPerSec: bytesPerMinute / 60,
      tickSec: scenario.tickMinutes * 60,
      remedies: policy.remedies,
    };
    this.#echoes =
      policy.echoes === 'none'
        ? undefined
        : new SimEchoes(this.#fleet, {
            count: scenario.echo.count,
            budgetBytes: scenario.echo.budgetShare * allBytes,
            placesMax: scenario.partitions.length + poolPartitionsMax,
          });
    this.#mover = new SimMover(this.#fleet, {
      bytesPerMinute,
      loadShare: scenario.move.loadShare,
      perSource: scenario.move.perSource,
      inFlightBytesMax: scenario.move.inFlightShare * allBytes,
      onSwitched: (area, groups) => this.#echoes?.moved(area, groups),
      echoedAt: (area, group, place) => this.#echoes?.heldAt(area, group, place) ?? 0,
    });
    const declared = policy.knowsJobs ? load.runs.filter(({ isDeclared }) => isDeclared) : [];
    if (policy.sees === 'forecast') this.#seer = new Foresight(world, this.#fleet, declared);
    if (policy.sees === 'truth') this.#seer = new Hindsight(world, this.#fleet);
    this.#judge = new Judge(this.#fleet, scenario.forecast.aheadMinutes.at(-1)!);
    const { serviceMs, concurrency } = scenario.partitions[0]!;
    this.#latency = new ReadLatency({ serviceMs, concurrency });
  }

  all(): Omit<PolicyResult, 'policy' | 'seed' | 'wallMs'> {
    const { load } = this.#fleet;
    for (let minute = 0; minute < load.minutes; minute++) this.#minute(minute);
    const { violatingMinutes, excess, partitionMinutes, maxOverMean, minutes } = this.#score;
    return {
      violatingMinutes,
      excess,
      partitionHours: partitionMinutes / 60,
      maxOverMean: maxOverMean / Math.max(1, minutes),
      bytesMoved: this.#mover.bytesMoved,
      bytesByCause: this.#mover.bytesByCause,
      moves: this.#judge.counts,
      echo: { bytes: this.#echoes?.bytesMax ?? 0, fills: this.#echoes?.fills ?? 0 },
      readP50Ms: this.#latency.quantile(0.5),
      readP99Ms: this.#latency.quantile(0.99),
      journalDigest: this.#journal.digest('hex').slice(0, 32),
    };
  }

  #minute(minute: number): void {
    const fleet = this.#fleet;
    this.#online(minute);
    this.#mover.advance(minute);
    fleet.advance(minute);
    const work = this.#mover.work();
    this.#echoes?.tidy(minute);
    let links = this.#echoes?.links() ?? [];
    let served = servedReads(fleet, links, work.reads);
    // What finds its partition busy makes echoes within seconds: the rest of the minute is theirs.
    if (this.#echoes?.relieve(minute, served)) {
      links = this.#echoes.links();
      const late = Math.min(1, (2 + this.#world.scenario.echo.fillSeconds) / 60);
      const relieved = servedReads(fleet, links, work.reads);
      served = relieved.map((reads, place) => late * served[place]! + (1 - late) * reads);
    }
    const writes = fleet.writes.map((each, place) => each + work.writes[place]!);
    this.#judge.look(
      minute,
      fleet.reads.map((each, place) => each + work.reads[place]!),
      writes,
      links,
    );
    if (minute >= fleet.load.fromMinute) this.#count(served, writes);
    this.#show(minute, served);
    if (this.#policy.moves && minute % this.#world.scenario.tickMinutes === 0) this.#tick(minute, links);
  }

  /** What was asked of the pool comes online. */
  #online(minute: number): void {
    const ready = this.#growing.filter(({ atMinute }) => atMinute <= minute);
    if (ready.length === 0) return;
    for (const _ of ready) this.#fleet.add(this.#fleet.newPartition(++this.#grown));
    this.#growing = this.#growing.filter(({ atMinute }) => atMinute > minute);
  }

  #count(served: Float64Array, writes: Float64Array): void {
    const fleet = this.#fleet;
    const score = this.#score;
    let most = 0;
    let sum = 0;
    let present = 0;
    for (let place = 0; place < fleet.partitions.length; place++) {
      if (fleet.partitions[place]!.duty === 'retired') continue;
      const reads = served[place]! / fleet.readBound(place);
      const wrote = fleet.writeBound(place) > 0 ? writes[place]! / fleet.writeBound(place) : 0;
      const used = Math.max(Number.isNaN(reads) ? 0 : reads, wrote);
      if (used > 1 + 1e-9) {
        score.violatingMinutes++;
        score.excess += (used - 1) * fleet.partitions[place]!.capacity;
      }
      most = Math.max(most, used);
      sum += used;
      present++;
      this.#latency.add(served[place]!, reads);
    }
    score.partitionMinutes += present;
    score.maxOverMean += sum > 0 ? most / (sum / present) : 1;
    score.minutes++;
  }

  #tick(minute: number, links: ReturnType<SimEchoes['links']>): void {
    const prediction = this.#seer?.at(minute);
    const view = this.#view(minute, links);
    const { plan, memory } = planNext(view, prediction, this.#memory, this.#rules);
    this.#memory = memory;
    for (const step of plan.steps) this.#carryOut(step, minute);
    if (this.#policy.echoes === 'foreseen' && prediction !== undefined) this.#foresee(minute, prediction);
  }

  #view(minute: number, links: ReturnType<SimEchoes['links']>): View {
    const fleet = this.#fleet;
    const { pool } = this.#world.scenario;
    const left =
      pool.max -
      this.#growing.length -
      fleet.partitions.filter((each) => each.pool !== undefined && each.duty !== 'retired').length;
    const capacity = {
      load: {
        readOps: pool.capacity * fleet.readShare,
        writeOps: pool.capacity * fleet.readShare * this.#world.scenario.partitions[0]!.writeCapacity,
      },
      confidence: 1,
      source: 'quota' as const,
    };
    return {
      nowSec: minute * 60,
      partitions: fleet.seenPartitions(),
      areas: fleet.areas,
      holdings: fleet.holdings,
      pools:
        pool.max > 0
          ? [
              {
                name: poolName,
                capacityDomain: `${poolName}-${this.#grown + this.#growing.length + 1}`,
                failureDomain: poolName,
                capacity,
                left,
              },
            ]
          : [],
      echoed: new Map(
        links.flatMap((each, place) =>
          each === undefined
            ? []
            : [
                [
                  fleet.partitions[place]!.id,
                  {
                    reads: each.reads,
                    holders: new Map(each.holders.map(({ to, share }) => [fleet.partitions[to]!.id, share])),
                  },
                ] as const,
              ],
        ),
      ),
      underWay: [
        ...this.#mover.underWay(),
        ...this.#growing.map(({ partition }) => ({ kind: 'grow' as const, pool: poolName, partition })),
      ],
    };
  }

  #carryOut(step: Step, minute: number): void {
    const fleet = this.#fleet;
    if (step.kind === 'move') {
      if (step.startInSec > 0) return;
      this.#move(step, minute);
    } else if (step.kind === 're-home') fleet.setHomes(fleet.areaAt(step.area), step.to);
    else if (step.kind === 'grow')
      this.#growing.push({
        partition: `${poolName}-${this.#grown + this.#growing.length + 1}`,
        atMinute: minute + this.#world.scenario.pool.onlineMinutes,
      });
    else if (step.kind === 'drain') fleet.partitions[fleet.place(step.partition)]!.duty = 'draining';
    else if (step.kind === 'retire') {
      fleet.partitions[fleet.place(step.partition)]!.duty = 'retired';
      this.#echoes?.forget(fleet.place(step.partition));
    }
    const { because, ...what } = step;
    this.#journal.update(JSON.stringify([minute, what, because.text]));
  }

  #move(step: Move, minute: number): void {
    const { load } = this.#fleet;
    const isDeclared = this.#isDeclared(step, minute);
    const isDraining = this.#fleet.partitions[this.#fleet.place(step.from)]!.duty === 'draining';
    const cause = isDraining
      ? 'drain'
      : isDeclared
        ? 'declared'
        : step.because.atSec !== undefined && step.because.atSec > minute * 60
          ? 'foreseen'
          : 'measured';
    const begun = this.#mover.begin(step, minute, cause);
    if (begun === undefined) return;
    if (minute >= load.fromMinute && !isDraining) this.#judge.begun(begun, isDeclared);
    this.#watch.move?.({
      minute,
      area: step.area,
      from: step.from,
      to: step.to,
      bytes: begun.bytes,
      cause,
      because: step.because.text,
    });
  }

  /** A job that comes within what is foreseen makes the difference: its areas lie where the move begins. */
  #isDeclared({ from }: Move, minute: number): boolean {
    if (!this.#policy.knowsJobs) return false;
    const place = this.#fleet.place(from);
    const untilMinute = minute + this.#world.scenario.forecast.aheadMinutes.at(-1)!;
    const coming = this.#fleet.load.runs.filter(
      (run) => run.isDeclared && run.fromMinute > minute && run.fromMinute <= untilMinute,
    );
    return coming.some(({ areas }) =>
      areas.some((area) => this.#fleet.partsOf(area).some((part) => part.place === place)),
    );
  }

  /** Ten minutes ahead, as the pilot's foresight: partitions whose reads will pass what they do well, and areas of jobs that will begin. */
  #foresee(minute: number, prediction: NonNullable<ReturnType<Foresight['at']>>): void {
    const fleet = this.#fleet;
    const echoes = this.#echoes!;
    prediction.partitions.forEach(({ readOps }, id) => {
      const place = fleet.place(id);
      const bound = fleet.readBound(place);
      let most = 0;
      prediction.aheadSec.forEach((sec, step) => {
        if (sec <= leadSec) most = Math.max(most, readOps?.[step]?.[q90] ?? 0);
      });
      if (most > calmShare * bound) echoes.foresee(place, most - calmShare * bound, minute);
    });
  }

  #show(minute: number, served: Float64Array): void {
    const { minute: tell } = this.#watch;
    if (tell === undefined) return;
    const fleet = this.#fleet;
    const prediction = this.#seer?.at(minute);
    fleet.partitions.forEach(({ id, capacity }, place) => {
      const row = prediction?.partitions.get(id)?.readOps?.at(-1);
      tell({
        minute,
        partition: id,
        reads: fleet.reads[place]!,
        writes: fleet.writes[place]!,
        servedReads: served[place]!,
        capacity,
        ...(row === undefined ? {} : { q50: row[6]!, q90: row[q90]! }),
      });
    });
  }
}

const q90 = 10;
const leadSec = 900;
/** From here on echoes are made before they are needed. */
const calmShare = 0.8;
