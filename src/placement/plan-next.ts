// One tick of planning: what is troubled, what relieves it in the order of how fast it does (new writes elsewhere, moves, another partition), and
// what has calmed. The same view, prediction and memory always give the same plan.
import type { AreaId, PartitionId } from '../model/ids.ts';
import { Loads } from './loads.ts';
import {
  hasPersisted,
  type Memory,
  seenAgain,
  stillResting,
  stillSettling,
  stillWaiting,
  waitSecMax,
} from './memory.ts';
import type { Plan, Refusal, Step } from './plan.ts';
import { planDrains } from './plan-drains.ts';
import { planGrowth, wholeFleet } from './plan-growth.ts';
import { planMeasured } from './plan-measured.ts';
import { planMerges } from './plan-merges.ts';
import { type MovesPlanned, planMoves } from './plan-moves.ts';
import { planReHomes } from './plan-re-homes.ts';
import { type Rules, reactive } from './rules.ts';
import { type Score, scoreFleet, wanting } from './score.ts';
import type { Prediction, View } from './view.ts';
import { Held, Homed } from './where-areas-are.ts';

export interface Planned {
  readonly plan: Plan;
  readonly memory: Memory;
  /** The worst first. */
  readonly scores: readonly Score[];
}

/** `prediction` undefined: nothing is foreseen, and what is measured stands in for it with a reactive balancer's thresholds. */
export function planNext(view: View, prediction: Prediction | undefined, memory: Memory, usual: Rules): Planned {
  const isForeseen = prediction !== undefined && prediction.aheadSec.length > 0;
  const rules = isForeseen ? usual : reactive(usual);
  const loads = new Loads(view, isForeseen ? prediction : undefined, usual.horizonSec);
  const scores = scoreFleet(loads);
  // Echoes help for a while; what is uneven for longer is moved. So moves are planned by what clients will ask, whoever could help.
  const asked =
    isForeseen && view.echoed.size > 0
      ? new Loads({ ...view, echoed: new Map() }, prediction, usual.horizonSec)
      : loads;
  const askedScores = asked === loads ? scores : scoreFleet(asked);
  const ids = view.partitions.map(({ id }) => id);
  const wants = wanting(askedScores, rules);
  const trouble = seenAgain(memory.trouble, ids, (id) => wants.has(id));
  const rests = stillResting(memory.restsUntilSec, view.nowSec);
  const moved = stillSettling(memory.movedSec, view.nowSec, usual.settleSec);
  const settling = new Set<AreaId>(Object.keys(isForeseen ? moved : {}));
  const resting = new Set<AreaId>(Object.keys(rests));
  for (const each of view.underWay) if (each.kind === 'move') resting.add(each.area);
  const holdings = new Held(view);
  const steps: Step[] = [];
  const refusals: Refusal[] = [];

  if (usual.remedies.reHome) {
    const reHomed = planReHomes({ view, loads, rules, homed: new Homed(view), resting });
    steps.push(...reHomed.steps);
    refusals.push(...reHomed.refusals);
  }
  const waits = stillWaiting(memory.waits, view.nowSec);
  let stuck: readonly PartitionId[] = [];
  let measured: Memory['measured'] = {};
  if (usual.remedies.move) {
    const troubled = askedScores.filter(
      ({ partition }) =>
        wants.has(partition) &&
        waits[partition] === undefined &&
        (hasPersisted(trouble, partition, rules.trouble) || isDeclared(prediction, holdings, partition)),
    );
    const basis = isForeseen ? 'foreseen' : 'measured';
    const foreseen = planMoves({ view, loads: asked, rules, holdings, resting, settling, basis, chosen: [] }, troubled);
    const drained = planDrains({ view, loads, rules, holdings, resting });
    steps.push(...foreseen.moves, ...drained.moves);
    refusals.push(...foreseen.refusals, ...drained.refusals);
    stuck = foreseen.stuck;
    if (isForeseen) {
      for (const { partition } of troubled) {
        const untilSec = waitUntil(foreseen, partition, view.nowSec);
        if (untilSec !== undefined) waits[partition] = { untilSec, isStuck: foreseen.stuck.includes(partition) };
      }
      const seen = planMeasured(view, memory.measured, usual, { holdings, resting, settling, chosen: foreseen.moves });
      steps.push(...seen.moves);
      measured = seen.measured;
    }
  }
  const isShort = loads.fleetPressure > rules.enter && scores.every(({ pressure }) => pressure > rules.enter);
  const badly = scores.filter(({ imbalance }) => imbalance > rules.splitScore).map(({ partition }) => partition);
  const isStuck = (id: PartitionId): boolean => stuck.includes(id) || waits[id]?.isStuck === true;
  const shortage = seenAgain(memory.shortage, [wholeFleet, ...ids], (id) =>
    id === wholeFleet ? isShort : badly.includes(id) && isStuck(id),
  );
  let calmSinceSec = memory.calmSinceSec;
  if (usual.remedies.grow) {
    const growth = planGrowth({ view, loads, rules, shortage, holdings });
    const merged = planMerges({ view, loads, rules, calmSinceSec });
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
    memory: { trouble, measured, shortage, waits, restsUntilSec: rests, movedSec: moved, calmSinceSec },
    scores,
  };
}

/** Undefined: it has moves that begin now, and may get another. */
function waitUntil({ moves }: MovesPlanned, partition: PartitionId, nowSec: number): number | undefined {
  const own = moves.filter(({ from }) => from === partition);
  if (own.some(({ startInSec }) => startInSec === 0)) return undefined;
  return nowSec + Math.min(waitSecMax, ...own.map(({ startInSec }) => startInSec));
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
