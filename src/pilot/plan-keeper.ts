// The pilot's tick: decides what to do, and carries it out or only shows it, as the mode says. Whatever is not sure is shown only: an operator reads
// it, and nothing moves by a guess. What operators wish takes turns with the ticks.
import type { Clock } from '../base/clock.ts';
import { isFault } from '../base/fault.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { encodeSetting } from '../catalog/records/setting.ts';
import { sureMin } from '../model/capacity.ts';
import type { AreaId } from '../model/ids.ts';
import type { Memory, Score, Step, View } from '../placement/placement.ts';
import type { Control, Doer } from '../upkeep/upkeep.ts';
import type { ActResult, Acts } from './acts.ts';
import { recorded } from './decide.ts';
import { type Decided, Decider, type DeciderDeps } from './decider.ts';
import type { Decision, StepResult } from './journal.ts';
import { partitionsOf, staleBecause } from './stale-plan.ts';

export interface PlanDeps extends DeciderDeps {
  readonly catalog: Catalog;
  /** For what must outlive a lost catalog. */
  readonly logged: Pick<Control, 'commit'>;
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>;
  readonly everyMs: number;
  readonly acts: Pick<Acts, 'carryOut'>;
  readonly onPlan: (cause: Decision['cause']) => void;
  readonly onStep: (kind: Step['kind'], outcome: StepResult['outcome']) => void;
}

/** An operator's wish that is turned down. */
export class PlanRefused extends Error {
  override readonly name = 'PlanRefused';
}

export interface PlanStatus {
  readonly mode: Decision['mode'];
  readonly isPaused: boolean;
  /** What stands in the way of plans. */
  readonly because: string | undefined;
  /** The worst first, as of the last tick. */
  readonly scores: readonly Score[];
  readonly lastTickSec: number | undefined;
  readonly tookMs: number;
}

const pausedKey = keys.setting('pilot.paused');

export class PlanKeeper implements Doer {
  readonly name = 'plan';
  readonly everyMs: number;
  readonly #deps: PlanDeps;
  readonly #decider: Decider;
  #scores: readonly Score[] = [];
  #because: string | undefined = 'no tick is over yet';
  #lastTickSec: number | undefined;
  #tookMs = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #paused: boolean | undefined;

  constructor(deps: PlanDeps) {
    this.#deps = deps;
    this.#decider = new Decider(deps);
    this.everyMs = deps.everyMs;
  }

  async tick(): Promise<void> {
    const { clock, mode, onPlan } = this.#deps;
    await this.#isPaused();
    if (mode === 'off') return;
    const startMs = clock.monotonicMs();
    await this.#inTurn(async () => {
      const because = await this.#shownBecause();
      const made = await this.#decider.decide('tick', this.#nowSec, because ?? 'not carried out yet');
      this.#because = typeof made === 'string' ? made : undefined;
      if (typeof made === 'string') return;
      onPlan('tick');
      this.#scores = made.planned.scores();
      const { steps } = made.decision;
      const { results } =
        because === undefined ? await this.#carryOut(made.decision, waitsBecause(made)) : made.decision;
      await this.#decider.remember(rested(made.planned.memory, steps, results));
    });
    this.#lastTickSec = this.#nowSec;
    this.#tookMs = clock.monotonicMs() - startMs;
  }

  async status(): Promise<PlanStatus> {
    const { mode } = this.#deps;
    return {
      mode,
      isPaused: await this.#isPaused(),
      because: mode === 'off' ? 'pilot.mode is off' : this.#because,
      scores: this.#scores,
      lastTickSec: this.#lastTickSec,
      tookMs: this.#tookMs,
    };
  }

  /** What it would do now, or what would level the fleet; written down, so that it can be applied. */
  async plan(cause: 'asked' | 'rebalance'): Promise<Decided> {
    return await this.#inTurn(async () => {
      const made = await this.#decider.decide(cause, this.#nowSec, 'nobody has applied it');
      if (typeof made === 'string') throw new PlanRefused(`no plan can be made: ${made}`);
      this.#deps.onPlan(cause);
      return made;
    });
  }

  /** Carries out what was planned, unless it is no longer what would be planned now. */
  async apply(id: number): Promise<Decision> {
    return await this.#inTurn(async () => {
      const { journal, mode } = this.#deps;
      const decision = await journal.find(id);
      if (decision === undefined) throw new PlanRefused(`there is no plan ${id}`);
      if (mode === 'off' || mode === 'shadow')
        throw new PlanRefused(`the pilot only shows its plans (pilot.mode is ${mode}); set it to plan or auto`);
      if (await this.#isPaused()) throw new PlanRefused('the pilot is paused; echogate resume lets it go on');
      if (decision.steps.length === 0) throw new PlanRefused(`plan ${id} has no steps`);
      if (decision.results.some(({ outcome }) => outcome === 'done' || outcome === 'begun'))
        throw new PlanRefused(`plan ${id} was carried out already`);
      const why = await this.#staleBecause(decision);
      if (why !== undefined) throw new PlanRefused(`plan ${id} is stale: ${why}`);
      const applied = await this.#carryOut(decision, () => undefined);
      await this.#decider.rest(actedOn(applied), this.#nowSec + this.#deps.rules.cooldownSec);
      return applied;
    });
  }

  /** It stays so over restarts, and when the catalog is rebuilt. */
  async pause(isPaused: boolean): Promise<void> {
    const value = isPaused ? encodeSetting('yes') : undefined;
    await this.#deps.logged.commit({ checks: [], writes: [[pausedKey, value]] });
    this.#paused = isPaused;
  }

  /** For what runs already; until it is known, it is. */
  get isPaused(): boolean {
    return this.#paused ?? true;
  }

  get #nowSec(): number {
    return this.#deps.clock.wallMs() / 1000;
  }

  async #isPaused(): Promise<boolean> {
    this.#paused = (await this.#deps.catalog.get(pausedKey)) !== undefined;
    return this.#paused;
  }

  /** Undefined: what is planned is carried out. */
  async #shownBecause(): Promise<string | undefined> {
    const { mode } = this.#deps;
    if (await this.#isPaused()) return 'the pilot is paused';
    if (mode === 'auto') return undefined;
    return mode === 'plan' ? 'it waits for echogate apply' : 'the pilot only shows its plans (pilot.mode is shadow)';
  }

  async #staleBecause(decision: Decision): Promise<string | undefined> {
    const input = await this.#deps.journal.inputOf(decision.id);
    if (input === undefined) return 'it is too old to be compared with now';
    const now = await this.#decider.look(this.#nowSec);
    if (typeof now === 'string') return `it cannot be compared with now: ${now}`;
    return staleBecause(decision.steps, recorded(input).view, now);
  }

  async #carryOut(decision: Decision, waits: (step: Step) => Omit<StepResult, 'atSec'> | undefined): Promise<Decision> {
    const results: StepResult[] = [];
    for (const step of decision.steps) {
      const result = waits(step) ?? (await this.#act(step));
      results.push({ ...result, atSec: Math.floor(this.#nowSec) });
      this.#deps.onStep(step.kind, result.outcome);
    }
    return decision.steps.length === 0 ? decision : await this.#deps.journal.settle(decision, results);
  }

  async #act(step: Step): Promise<ActResult> {
    try {
      return await this.#deps.acts.carryOut(step);
    } catch (error) {
      if (isFault(error, 'session-fenced')) throw error;
      return { outcome: 'refused', because: `it failed: ${(error as Error).message}` };
    }
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(act);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

/** A step that can begin later may still be thought better of; one between partitions of which little is known is for an operator. */
const waitsBecause =
  ({ view }: Decided) =>
  (step: Step): Omit<StepResult, 'atSec'> | undefined => {
    if ('startInSec' in step && step.startInSec > 0)
      return { outcome: 'waits', because: `it need not begin for another ${Math.round(step.startInSec / 60)} minutes` };
    const unsure = unsureOf(step, view);
    return unsure === undefined
      ? undefined
      : { outcome: 'shown', because: `what ${unsure} can do is only guessed: apply it if you know better` };
  };

const actedOn = ({ steps, results }: Decision): AreaId[] =>
  steps.flatMap((step, at) => {
    const { outcome } = results[at]!;
    return 'area' in step && (outcome === 'done' || outcome === 'begun') ? [step.area] : [];
  });

function unsureOf(step: Step, view: View): string | undefined {
  const find = (id: string) => view.partitions.find((each) => each.id === id);
  // Who drains has to be empty, whatever anybody can do; and who comes back takes from nobody.
  if (step.kind === 'drain' || step.kind === 'keep' || step.kind === 'retire') return undefined;
  if (step.kind === 'move' && find(step.from)?.duty === 'draining') return undefined;
  return partitionsOf(step).find((id) => (find(id)?.capacity.confidence ?? 0) < sureMin);
}

/** Areas rest after what was done to them, not after what was only thought of. */
function rested(memory: Memory, steps: readonly Step[], results: readonly StepResult[]): Memory {
  const rests = { ...memory.restsUntilSec };
  const moved = { ...memory.movedSec };
  steps.forEach((step, at) => {
    const { outcome } = results[at]!;
    if (!('area' in step) || outcome === 'done' || outcome === 'begun') return;
    delete rests[step.area];
    delete moved[step.area];
  });
  return { ...memory, restsUntilSec: rests, movedSec: moved };
}
