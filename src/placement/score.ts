// How badly each partition wants relief: its pressure, and how far that is from the best that the fleet could have. As the forecaster scores demand
// (src/forecast/pressure.ts), but of what is left when echoes have taken what they can and moves that run are done.
import type { PartitionId } from '../model/ids.ts';
import type { Flow } from '../model/load.ts';
import type { Loads } from './loads.ts';
import type { Rules } from './rules.ts';

export interface Score {
  readonly partition: PartitionId;
  /** q90 over capacity, the greatest over flows and steps. */
  readonly pressure: number;
  /** Above the best that the fleet could have: the deviation from optimal balancing that is foreseen. */
  readonly imbalance: number;
  /** What drives it, and when (seconds from now). */
  readonly flow: Flow | 'latency';
  readonly inSec: number;
}

/** Partitions whose capacity is known well enough, the worst first. */
export function scoreFleet(loads: Loads): Score[] {
  const scores: Score[] = [];
  loads.partitions.forEach(({ id, latencyPressure = 0 }, place) => {
    const peak = loads.peakOf(place);
    if (peak === undefined) return;
    // Latency is not forecast: it raises what is shown, and is left out of the comparison with the best.
    const imbalance = peak.pressure - loads.fleetPressure;
    scores.push(
      latencyPressure > peak.pressure
        ? { partition: id, pressure: latencyPressure, imbalance, flow: 'latency', inSec: 0 }
        : {
            partition: id,
            pressure: peak.pressure,
            imbalance,
            flow: peak.flow,
            inSec: loads.time.beginsInSec(peak.step),
          },
    );
  });
  return scores.sort((a, b) => b.pressure - a.pressure || (a.partition < b.partition ? -1 : 1));
}

/** Those that are in trouble, and would not be in a better balanced fleet. */
export function wanting(scores: readonly Score[], { enter, scoreEnter }: Rules): ReadonlySet<PartitionId> {
  const wants = scores.filter(({ pressure, imbalance }) => pressure > enter && imbalance > scoreEnter);
  return new Set(wants.map(({ partition }) => partition));
}
