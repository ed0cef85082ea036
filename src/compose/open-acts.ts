// Who carries out what is planned for areas, as the pilot's process starts it: what stands in the journal is under way again at once, and goes on when
// those who serve have started.
import { systemRandom } from '../base/random.ts';
import { GiB, secondMs } from '../base/units.ts';
import { storedBytes } from '../echo/acts/echo-budget.ts';
import type { EchoMap } from '../echo/echo.ts';
import { type MoveEnd, PlacementActs } from '../placement/acts/acts.ts';
import type { Control } from '../upkeep/upkeep.ts';
import type { Ground } from './open-ground.ts';

/** Right after a start the processors belong to those who serve. */
const startCalmMs = 5 * secondMs;
/** Of what is stored, and of little that is stored so much all the same. */
const inFlightShare = 0.05;
const inFlightMin = 1 * GiB;

/** `logged`: the leader's commits that stand in the log. */
export async function openActs(
  ground: Ground,
  logged: Control,
  echoes: EchoMap,
  isPaused: () => boolean,
): Promise<PlacementActs> {
  const { config, clock, catalog, counters, storage, partitions, log } = ground;
  const calmUntilMs = clock.monotonicMs() + startCalmMs;
  const acts = new PlacementActs({
    ...{ storage, clock, echoes },
    isPaused: () => clock.monotonicMs() < calmUntilMs || isPaused(),
    commit: (change) => logged.commit(change),
    partitions: partitions.seats,
    counters: counters.store,
    nowSec: () => counters.clock.wallMs() / 1000,
    random: systemRandom,
    bytesPerSec: () => config.pilotMoveBytesPerSec,
    bytesInFlightMax: async () => Math.max(inFlightMin, inFlightShare * (await storedBytes(catalog))),
    onMoved: ({ isDone, ...end }: MoveEnd) => {
      if (isDone) log.info(end, 'a move is over');
      else log.warn(end, 'a move could not go on; what it moved stays moved');
    },
    onFailed: (area, err) =>
      log.error({ area, err }, 'the blocks of a divided area were not told apart; it is tried at the next start'),
  });
  await acts.resume();
  return acts;
}
