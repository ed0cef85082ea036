// What a trial of the pilot is given.
import type { TrialAnswer } from '../trial-answer.ts';

export interface TrialFrame {
  readonly dir: string;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

export interface PilotTrial {
  readonly name: string;
  readonly headline: string;
  run(frame: TrialFrame): Promise<TrialAnswer>;
}
