// What a trial of the pilot is given, and what it says at its end.
import { ms, type TrialAnswer, type Verdict } from '../echo/trial.ts';

export { ms, type Verdict };

export interface TrialFrame {
  readonly dir: string;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

export interface PilotTrial {
  readonly name: string;
  readonly headline: string;
  /** Decisions: out of the journal. */
  run(frame: TrialFrame): Promise<TrialAnswer & { readonly decisions: readonly string[] }>;
}
