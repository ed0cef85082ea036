// What became of a step that somebody wanted to be carried out.

export interface Outcome {
  /** `begun`: it goes on by itself, and stands among what is under way. */
  readonly outcome: 'done' | 'begun' | 'refused';
  readonly because: string;
}

export const done = (because: string): Outcome => ({ outcome: 'done', because });
export const begun = (because: string): Outcome => ({ outcome: 'begun', because });
export const refused = (because: string): Outcome => ({ outcome: 'refused', because });
