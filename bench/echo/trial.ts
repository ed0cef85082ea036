// What a trial of the echoes is given.
import type { TrialAnswer } from '../trial-answer.ts';
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

export interface EchoTrial {
  readonly name: string;
  readonly headline: string;
  run(frame: TrialFrame): Promise<TrialAnswer>;
}

/** Of what the fleet can do. */
export const loadShare = 0.6;

export const percent = (part: number, digits = 2): string => `${(100 * part).toFixed(digits)} %`;
