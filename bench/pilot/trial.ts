// What a trial of the pilot is given, and what it says at its end.
import { ms, type Verdict } from '../echo/trial.ts';

export { ms, type Verdict };

export interface TrialFrame {
  readonly dir: string;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

export interface PilotTrial {
  readonly name: string;
  readonly headline: string;
  run(frame: TrialFrame): Promise<{
    /** How it was done, in sentences. */
    readonly setting: readonly string[];
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
    readonly verdicts: readonly Verdict[];
    /** Out of the journal. */
    readonly decisions: readonly string[];
  }>;
}
