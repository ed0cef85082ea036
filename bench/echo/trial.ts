// What a trial of the echoes is given, and what it says at its end.
import type { Fleet } from './fleet.ts';
import type { Shelf } from './shelf.ts';

export interface TrialFrame {
  /** For what it starts beside the fleet. */
  readonly dir: string;
  readonly fleet: Fleet;
  readonly shelf: Shelf;
  readonly random: () => number;
  /** Folder of the access traces. */
  readonly traces: string;
  /** On the lengths of its phases: 1 for figures, less for a look. */
  readonly scale: number;
  readonly say: (line: string) => void;
}

export interface Verdict {
  readonly what: string;
  readonly measured: string;
  readonly isHeld: boolean;
}

/** What a trial says at its end. */
export interface TrialAnswer {
  /** How it was done, in sentences. */
  readonly setting: readonly string[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly verdicts: readonly Verdict[];
}

export interface EchoTrial {
  readonly name: string;
  readonly headline: string;
  run(frame: TrialFrame): Promise<TrialAnswer>;
}

/** Of what the fleet can do. */
export const loadShare = 0.6;

export const ms = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(0)} ms` : '–');
export const percent = (part: number, digits = 2): string => `${(100 * part).toFixed(digits)} %`;
