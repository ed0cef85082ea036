// One tick of planning: what is troubled, what relieves it in the order of how fast it does (new writes elsewhere, moves, another partition), and
// what has calmed. The same view, prediction and memory always give the same plan.
import { once } from '../base/once.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { hoursSeen } from './day-high.ts';
import { isFull, isShortSoon } from './fleet-short.ts';
import { Loads } from './loads.ts';
import { lookOf, mustLook } from './look-again.ts';
import { hasPersisted, type Memory, seenAgain, seenLast, stillResting, stillSettling } from './memory.ts';
import type { Move, Plan, Refusal, Step } from './plan.ts';
import { planDrains } from './plan-drains.ts';
import { planGrowth, wholeFleet } from './plan-growth.ts';
import { planMeasured } from './plan-measured.ts';
import { planMerges } from './plan-merges.ts';
import { planMoves } from './plan-moves.ts';
import { planReHomes } from './plan-re-homes.ts';
import { type Rules, reactive } from './rules.ts';
import { type Score, scoreFleet, wanting } from './score.ts';
import type { Prediction, View } from './view.ts';
import { Held, Homed } from './where-areas-are.ts';

export interface Planned {
  readonly plan: Plan;
  readonly memory: Memory;
  /** The worst first, by what clients ask. */
  readonly scores: () => readonly Score[];
}

/** All that one tick goes by. */
interface Tick {
  readonly view: View;
  /** Undefined: nothing is foreseen. */
  readonly ahead: Prediction | undefined;
  readonly memory: Memory;
  readonly usual: Rules;
  readonly rules: Rules;
  /** Partitions come and go with the load. */
  readonly isElastic: boolean;
  /** With what echoes can take off. */
  readonly eased: () => Loads;
  readonly holdings: Held;
  readonly resting: Set<AreaId>;
  readonly settling: ReadonlySet<AreaId>;
}

/** `prediction` undefined: nothing is foreseen, and what is measured stands in for it with a reactive balancer's thresholds. */
export function planNext(view: View, prediction: Prediction | undefined, memory: Memory, usual: Rules): Planned {
  const ahead = prediction !== undefined && prediction.aheadSec.length > 0 ? prediction : undefined;
  const rules = ahead === undefined ? reactive(usual) : usual;
  const rests = stillResting(memory.restsUntilSec, view.nowSec);
  // Where nothing has echoes nothing waits for them.
  const moved = !view.hasEchoes ? {} : stillSettling(memory.movedSec, view.nowSec, usual.settleSec);
  const resting = new Set<AreaId>(Object.keys(rests));
  for (const each of view.underWay) if (each.kind === 'move') resting.add(each.area);
  const settling = new Set<AreaId>(Object.keys(moved));
  const eased = once(() => new Loads(view, ahead, usual.horizonSec, true));
  const holdings = new Held(view);
  const isElastic = view.hasEchoes && (ahead !== undefined || usual.elastic.unforeseen);
  const tick: Tick = { view, ahead, memory, usual, rules, isElastic, eased, holdings, resting, settling };

  const looked = mustLook(view, ahead, memory, rules) ? look(tick) : unchanged(tick);
  let steps: Step[] = [...looked.steps];
  const refusals: Refusal[] = [...looked.refusals];
  let { measured } = memory;
  if (usual.remedies.move && ahead !== undefined) {
    const seen = planMeasured(view, memory.measured, usual, { holdings, resting, chosen: looked.moves });
    steps.push(...seen.moves);
    measured = seen.measured;
  }
  let { hours } = memory;
  let calmSinceSec = isWatched(tick) ? memory.calmSinceSec : {};
  if (usual.remedies.grow) {
    hours = hoursSeen(hours, view);
    const growth = planGrowth({
      view,
      loads: eased,
      rules,
      isElastic: tick.isElastic,
      shortage: looked.shortage,
      holdings,
    });
    const kept = growth.steps.find((step) => step.kind === 'keep')?.partition;
    if (kept !== undefined) steps = steps.filter((step) => !leaves(step, kept));
    const merged = planMerges({
      ...{ view, ahead, rules, isElastic, hours, calmSinceSec },
      isShort: Object.keys(looked.shortage).some((id) => seenLast(looked.shortage, id)),
      steps: [...steps, ...growth.steps],
    });
    steps.push(...growth.steps, ...merged.steps);
    refusals.push(...growth.refusals);
    calmSinceSec = merged.calmSinceSec;
  }
  for (const step of steps) {
    const restSec = restOf(step, rules);
    if (restSec > 0 && 'area' in step) rests[step.area] = view.nowSec + restSec;
    if (step.kind === 'move' && step.startInSec === 0) moved[step.area] = view.nowSec;
  }
  return {
    plan: { nowSec: view.nowSec, steps, refusals },
    memory: {
      trouble: looked.trouble,
      measured,
      // Whether it is enough is seen anew when it is there.
      shortage: steps.some(({ kind }) => kind === 'grow' || kind === 'keep') ? {} : looked.shortage,
      looked: looked.look,
      restsUntilSec: rests,
      movedSec: moved,
      hours,
      calmSinceSec,
      tickedSec: view.nowSec,
    },
    scores: looked.scores,
  };
}

/** Nobody knows what was asked for in a longer gap. */
const isWatched = ({ view: { nowSec }, memory: { tickedSec }, rules }: Tick): boolean =>
  tickedSec !== undefined && nowSec >= tickedSec && nowSec - tickedSec <= gapTicks * rules.tickSec;
const gapTicks = 5;

/** Something goes away from a partition. */
const leaves = (step: Step, id: PartitionId): boolean =>
  (step.kind === 'move' && step.from === id) ||
  (step.kind === 're-home' && step.from.some(({ partition }) => partition === id));

interface Looked {
  readonly steps: readonly Step[];
  readonly moves: readonly Move[];
  readonly refusals: readonly Refusal[];
  readonly trouble: Memory['trouble'];
  readonly shortage: Memory['shortage'];
  readonly look: Memory['looked'];
  readonly scores: () => readonly Score[];
}

/** What is foreseen says what it said. */
function unchanged(tick: Tick): Looked {
  const { view, memory, eased } = tick;
  const ids = [wholeFleet, ...view.partitions.map(({ id }) => id)];
  const isFleetShort = once(() => isShortNow(tick) ?? seenLast(memory.shortage, wholeFleet));
  const shortage = seenAgain(memory.shortage, ids, (id) =>
    id === wholeFleet ? isFleetShort() : seenLast(memory.shortage, id),
  );
  const { trouble, looked: look } = memory;
  return { steps: [], moves: [], refusals: [], trouble, shortage, look, scores: once(() => scoreFleet(eased())) };
}

function look(tick: Tick): Looked {
  const { view, ahead, memory, usual, rules, eased, holdings, resting, settling } = tick;
  // Echoes help for a while; what is uneven for longer is moved. So what is foreseen is planned by what clients will ask, whoever could help.
  const loads = ahead === undefined ? eased() : new Loads(view, ahead, usual.horizonSec, false);
  const scores = scoreFleet(loads);
  const ids = view.partitions.map(({ id }) => id);
  const wants = wanting(scores, rules);
  const trouble = seenAgain(memory.trouble, ids, (id) => wants.has(id));
  const steps: Step[] = [];
  const refusals: Refusal[] = [];
  if (usual.remedies.reHome) {
    const reHomed = planReHomes({ view, loads, rules, homed: new Homed(view), resting });
    steps.push(...reHomed.steps);
    refusals.push(...reHomed.refusals);
  }
  const isSure = (id: PartitionId): boolean =>
    hasPersisted(trouble, id, rules.trouble) || isDeclared(ahead, holdings, id);
  let moves: readonly Move[] = [];
  let stuck: readonly PartitionId[] = [];
  if (usual.remedies.move) {
    const troubled = scores.filter(({ partition }) => wants.has(partition) && isSure(partition));
    const basis = ahead === undefined ? 'measured' : 'foreseen';
    const carried = once(() => (ahead === undefined ? none : carriedBy(view, eased)));
    const found = planMoves(
      { ...{ view, ahead, loads, rules, holdings, resting, settling }, eased: carried, basis, chosen: [] },
      troubled,
    );
    const drained = planDrains({ view, loads, rules, holdings, resting, chosen: found.moves });
    steps.push(...found.moves, ...drained.moves);
    refusals.push(...found.refusals, ...drained.refusals);
    moves = [...found.moves, ...drained.moves];
    stuck = found.stuck;
  }
  const short = stuck.length > 0 ? shortOf(eased(), rules) : none;
  const isFleetShort = isShortNow(tick) ?? (loads.fleetPressure > rules.growAbove || isFull(loads, scores, rules));
  const shortage = seenAgain(memory.shortage, [wholeFleet, ...ids], (id) =>
    id === wholeFleet ? isFleetShort : short.has(id) && stuck.includes(id),
  );
  const isUnsure = [...wants].some((id) => !isSure(id));
  const next = ahead && lookOf(view, ahead, moves, isUnsure);
  return { steps, moves, refusals, trouble, shortage, look: next, scores: () => scores };
}

/** Undefined: it is only seen when what is foreseen is looked at. */
const isShortNow = ({ view, ahead, usual, isElastic }: Tick): boolean | undefined =>
  isElastic ? usual.remedies.grow && isShortSoon(view, ahead, usual) : undefined;

const none: ReadonlySet<PartitionId> = new Set();

/** Partitions that have echoes, and with their help are never asked for more than they can do. */
function carriedBy(view: View, eased: () => Loads): ReadonlySet<PartitionId> {
  if (view.echoed.size === 0) return none;
  const well = scoreFleet(eased()).filter(({ partition, pressure }) => pressure <= 1 && view.echoed.has(partition));
  return new Set(well.map(({ partition }) => partition));
}

/** Who is badly off although echoes help. */
function shortOf(loads: Loads, { splitPressure, splitScore }: Rules): ReadonlySet<PartitionId> {
  const short = scoreFleet(loads).filter(
    ({ pressure, imbalance }) => pressure > splitPressure && imbalance > splitScore,
  );
  return new Set(short.map(({ partition }) => partition));
}

/** Three times as long as the work takes, and not for ever. */
function restOf(step: Step, { cooldownSec, moveBytesPerSec }: Rules): number {
  if (step.kind === 're-home' || step.kind === 'split-area') return cooldownSec;
  if (step.kind !== 'move' || step.startInSec > 0) return 0;
  return Math.min(86_400, Math.max(cooldownSec, (3 * step.bytes) / moveBytesPerSec));
}

/** What is declared needs no second look. */
const isDeclared = (prediction: Prediction | undefined, holdings: Held, partition: PartitionId): boolean =>
  prediction !== undefined &&
  prediction.declared.size > 0 &&
  (holdings.get(partition) ?? []).some(({ area }) => prediction.declared.has(area));
