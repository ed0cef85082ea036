// What a bench is, what it is given, what it says.
import type { Arm } from './arms/arm.ts';
import type { EchogateArm } from './arms/echogate.ts';
import type { Profiler } from './profiler.ts';

export interface Bench {
  /** As on the command line: `npm run bench -- --only get-4k`. */
  readonly name: string;
  /** The headline of its section. */
  readonly headline: string;
  run(frame: Frame): Promise<Outcome>;
}

export interface Frame {
  readonly rounds: number;
  readonly seconds: number;
  /** How many objects the big bucket of `million` holds. */
  readonly objects: number;
  /** How long `soak` goes on. */
  readonly minutes: number;
  /** An empty folder for this bench, removed afterwards. */
  readonly dir: string;
  readonly profiler: Profiler | undefined;
  /** The benches that ran before, and RssAnon of any worker at its highest, MiB. */
  readonly peaksMiB: ReadonlyMap<string, number>;
  /** Starts those of the named arms that were asked for and can run here, and all that --against and --start name. */
  startArms(...names: readonly string[]): Promise<readonly Arm[]>;
  /** One more of the product, under a name of its own; by a configuration file, if one is given. */
  startEchogate(name: string, env?: Readonly<Record<string, string>>, config?: string): Promise<EchogateArm>;
  /** Progress, one line. */
  say(line: string): void;
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Verdict {
  readonly what: string;
  readonly measured: string;
  /** undefined: an arm that it needs was not there. */
  readonly reached: boolean | undefined;
}

export interface Outcome {
  readonly tables: readonly Table[];
  readonly verdicts: readonly Verdict[];
  /** A bench with errors is no result. */
  readonly errors: number;
  /** RssAnon at its highest of any echogate worker. */
  readonly peakMiB: number | undefined;
  /** How it was measured, where the table does not say it: sentences. */
  readonly notes: readonly string[];
  /** For --json: every figure of every round. */
  readonly raw: unknown;
}
