// What a trial of the pilot is given, and what it says at its end.
export interface TrialFrame {
  readonly dir: string;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

export interface Verdict {
  readonly what: string;
  readonly measured: string;
  readonly isHeld: boolean;
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

export const ms = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(0)} ms` : '–');
