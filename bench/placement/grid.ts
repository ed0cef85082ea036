// The grid of control.md §6: which scenarios are run, and which policies in which.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyName } from '../../src/sim/scenario-schema.ts';
import { aggregateOf, traceFile } from '../forecast/band-fleet.ts';

export const kinds = ['decorrelated', 'correlated', 'batch', 'flash'] as const;
export type Kind = (typeof kinds)[number];

export interface GridRow {
  /** As `batch-60-65`: kind, minutes of a move, utilisation. */
  readonly name: string;
  readonly kind: Kind;
  readonly moveMinutes: number;
  readonly utilisation: number;
}

const moveMinutes = [5, 20, 60];
/** No area is more than half of a partition: what is hotter has been divided, and a burst of one client is no matter of placement. */
const peakMax = 0.5;
const utilisations = [50, 65, 80];

export const grid: readonly GridRow[] = kinds.flatMap((kind) =>
  moveMinutes.flatMap((minutes) =>
    utilisations.map((utilisation) => ({
      name: `${kind}-${minutes}-${utilisation}`,
      kind,
      moveMinutes: minutes,
      utilisation,
    })),
  ),
);

/** In all rows those that claims of all rows are about; what each part does is shown where moves are slowest and the fleet is busiest, and could do. */
export function policiesOf({ kind, moveMinutes: minutes, utilisation }: GridRow): PolicyName[] {
  const isHardest = utilisation === 80 && minutes === 60;
  const isPlaceable = kind !== 'correlated'; // where all peak at once only partitions help
  const withoutForecast = isHardest || kind === 'batch' || (kind === 'decorrelated' && minutes >= 20);
  const parts: PolicyName[] = ['static', 'oracle', 'ours-echo', 'ours-split', 'ours-rehoming'];
  const moves: PolicyName[] = ['ours-moves', 'oracle-moves'];
  return [
    'reactive',
    ...(isPlaceable || isHardest ? (['reactive+'] as const) : []),
    'ours',
    ...(withoutForecast ? (['ours-forecast'] as const) : []),
    ...(kind === 'decorrelated' && utilisation > 50 ? moves : []), // calmer fleets have little at stake
    ...(isHardest && isPlaceable ? ([...parts, 'reactive+elastic'] as const) : []),
    ...(isHardest && kind === 'batch' ? (['ours-jobs'] as const) : []),
  ];
}

/** Reactive+ with more partition-hours, where ours has more than it has: what they are worth without foresight. */
export const dearer: readonly PolicyName[] = ['reactive+95', 'reactive+90'];
/** And with fewer, where ours has fewer: reactive+ with a pool of none. */
export const cheapest = 'reactive+0';

export interface Traces {
  /** What the paths are relative to. */
  readonly folder: string;
  readonly loads: readonly { readonly path: string; readonly aggregate: 'sum' | 'mean' }[];
  readonly blocks: readonly string[];
}

/** A folder with `load` and `blocks` in it, or with the load series themselves. Undefined: there are none. */
export function findTraces(folder: string): Traces | undefined {
  const within = existsSync(join(folder, 'load')) ? 'load' : '.';
  const namesIn = (path: string): string[] => (existsSync(path) ? readdirSync(path).sort() : []);
  const loads = namesIn(join(folder, within))
    .filter((name) => traceFile.test(name))
    .map((name) => ({ path: join(within, name), aggregate: aggregateOf(name) }));
  const blocks = namesIn(join(folder, 'blocks'))
    .filter((name) => /\.u32(\.gz)?$/.test(name))
    .map((name) => join('blocks', name));
  return loads.length === 0 ? undefined : { folder, loads, blocks };
}

/** A scenario as `echogate simulate` takes it. */
export function scenarioText(
  { kind, moveMinutes: minutes, utilisation }: GridRow,
  traces: Traces,
  trees: boolean,
  pool?: { readonly max: number },
): string {
  const phase = kind === 'correlated' ? 'one' : 'random';
  return JSON.stringify({
    loads: [{ files: traces.loads, areas: 240, phase, peakMax }],
    ...(traces.blocks.length > 0 ? { skew: { files: traces.blocks } } : {}),
    forecast: { trees },
    utilisation: utilisation / 100,
    move: { minutes },
    ...(pool === undefined ? {} : { pool }),
    ...(kind === 'batch' ? { batch: [{ name: 'daily' }] } : {}),
    ...(kind === 'flash' ? { flash: {} } : {}),
  });
}
