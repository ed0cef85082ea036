// A trial: one promise under stress. Its volume is a parameter, its seed is printed, and what it counts is written where readers look.

export type Volumes = Readonly<Record<string, number>>;

export interface TrialTools {
  readonly seed: number;
  /** In [0, 1); the same numbers for the same seed. */
  readonly random: () => number;
  /** An empty folder, removed afterwards. */
  readonly dir: string;
  /** Progress, one line. */
  say(line: string): void;
}

export interface Verdict {
  /** In the order in which they are printed, e.g. ['kills', '312'], ['acknowledged objects lost', '0 of 48,211']. */
  readonly figures: readonly (readonly [what: string, value: string])[];
  /** Each a sentence; empty when the promise held. */
  readonly broken: readonly string[];
}

export interface Trial {
  /** As on the command line: `npm run chaos -- kills`. */
  readonly name: string;
  /** One sentence, the headline of its section. */
  readonly promise: string;
  /** Parameters with the volume that is published; each is a flag (`--kills 300`). */
  readonly full: Volumes;
  /** What CI runs: the same, smaller. */
  readonly short: Volumes;
  /** Why this machine cannot run it (a tool is missing, not root), with how to get it. In CI a reason fails the test. */
  readonly unable?: () => string | undefined;
  /** Why CI leaves it out: it needs more than Node. Other trials stand for it there. */
  readonly onlyByHand?: string;
  run(volumes: Volumes, tools: TrialTools): Promise<Verdict>;
}

/** mulberry32: small, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
