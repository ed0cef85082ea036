// The pilot of a simulation: each tick it shows the planner the fleet and what is foreseen of it, and carries out what the planner says.
import { createHash } from 'node:crypto';
import {
  type Memory,
  type Move,
  noMemory,
  type Prediction,
  planNext,
  quantileLevels,
  type Rules,
  type Step,
} from '../../placement/placement.ts';
import type { Scenario } from '../world.ts';
import type { JobRun } from './fleet-load.ts';
import type { Judge } from './judge.ts';
import type { Policy } from './policies.ts';
import { seeFleet } from './see-fleet.ts';
import type { SimEchoes } from './sim-echoes.ts';
import type { SimFleet } from './sim-fleet.ts';
import type { SimMover } from './sim-mover.ts';
import type { SimPool } from './sim-pool.ts';
import type { Watch } from './watch.ts';

export interface PilotParts {
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly rules: Rules;
  readonly fleet: SimFleet;
  readonly mover: SimMover;
  readonly pool: SimPool;
  readonly echoes: SimEchoes | undefined;
  readonly judge: Judge;
  readonly watch: Watch;
}

const q90 = quantileLevels.indexOf(0.9);
/** Echoes are ready so long before the load is there. */
const leadSec = 900;
/** From here on they are made before they are needed. */
const calmShare = 0.8;

export class SimPilot {
  readonly #parts: PilotParts;
  readonly #journal = createHash('sha256');
  #memory: Memory = noMemory;
  /** Name of the prediction by which echoes were made last. */
  #foreseenIn: string | undefined;

  constructor(parts: PilotParts) {
    this.#parts = parts;
  }

  /** Of all that was decided. */
  digest(): string {
    return this.#journal.digest('hex').slice(0, 32);
  }

  tick(minute: number, prediction: Prediction | undefined): void {
    const { fleet, pool, mover, echoes, rules, policy } = this.#parts;
    const view = seeFleet(fleet, pool, echoes?.sums, mover.underWay());
    const { plan, memory } = planNext(view, prediction, this.#memory, rules);
    this.#memory = memory;
    for (const step of plan.steps) this.#carryOut(step, minute);
    if (policy.echoes !== 'foreseen' || prediction === undefined || prediction.name === this.#foreseenIn) return;
    this.#foreseenIn = prediction.name;
    this.#foresee(minute, prediction);
  }

  #carryOut(step: Step, minute: number): void {
    const { fleet, pool, echoes } = this.#parts;
    if (step.kind === 'move') {
      if (step.startInSec > 0) return;
      this.#move(step, minute);
    } else if (step.kind === 're-home') fleet.setHomes(fleet.areaAt(step.area), step.to);
    else if (step.kind === 'grow') pool.begin(minute);
    else if (step.kind === 'drain') fleet.partitions[fleet.place(step.partition)]!.duty = 'draining';
    else if (step.kind === 'keep') fleet.partitions[fleet.place(step.partition)]!.duty = 'online';
    else if (step.kind === 'retire') {
      fleet.partitions[fleet.place(step.partition)]!.duty = 'retired';
      echoes?.forget(fleet.place(step.partition));
    }
    this.#journal.update(JSON.stringify([minute, step]));
  }

  #move(step: Move, minute: number): void {
    const { fleet, mover, judge, watch } = this.#parts;
    const run = this.#jobAhead(step, minute);
    const isDraining = fleet.partitions[fleet.place(step.from)]!.duty === 'draining';
    const isAhead = step.because.atSec !== undefined && step.because.atSec > minute * 60;
    const cause = isDraining ? 'drain' : run !== undefined ? 'declared' : isAhead ? 'foreseen' : 'measured';
    const begun = mover.begin(step, minute, cause);
    if (begun === undefined) return;
    if (minute >= fleet.load.fromMinute && !isDraining) judge.begun(begun, run);
    const { area, from, to, because } = step;
    watch.move?.({ minute, area, from, to, bytes: begun.bytes, cause, because: because.text });
  }

  /** The next run of a job within what is foreseen, on areas that lie where the move begins. */
  #jobAhead({ from }: Move, minute: number): JobRun | undefined {
    const { policy, fleet, scenario } = this.#parts;
    if (!policy.knowsJobs) return undefined;
    const place = fleet.place(from);
    const untilMinute = minute + scenario.forecast.aheadMinutes.at(-1)!;
    return fleet.load.runs
      .filter((run) => run.isDeclared && run.fromMinute > minute && run.fromMinute <= untilMinute)
      .find(({ areas }) => areas.some((area) => fleet.partsOf(area).some((part) => part.place === place)));
  }

  /** Partitions whose reads will pass what they do well: by forecast, and by the jobs that are in it. */
  #foresee(minute: number, { partitions, aheadSec }: Prediction): void {
    const { fleet, echoes } = this.#parts;
    partitions.forEach(({ readOps }, id) => {
      const place = fleet.place(id);
      const bound = calmShare * fleet.readBound(place);
      let most = 0;
      aheadSec.forEach((sec, step) => {
        if (sec <= leadSec) most = Math.max(most, readOps?.[step]?.[q90] ?? 0);
      });
      if (most > bound) echoes?.foresee(place, most - bound, minute);
    });
  }
}
