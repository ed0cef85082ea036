// A mistake in the configuration: which key, where, and what would be right. All of them are shown at once.

export interface Mistake {
  /** `partitions[1].id`, or the name of a variable or flag. */
  readonly key: string;
  /** File name, `environment` or `command line`. */
  readonly source: string;
  readonly line?: number;
  readonly message: string;
}

export const mistakeLine = (mistake: Mistake): string =>
  `${mistake.source}${mistake.line === undefined ? '' : `:${mistake.line}`}: ${mistake.key}: ${mistake.message}`;

/** In the order of the file, then environment and flags; one line each. */
export function sortMistakes(mistakes: readonly Mistake[]): Mistake[] {
  return [...mistakes].sort((a, b) => (a.line ?? Number.POSITIVE_INFINITY) - (b.line ?? Number.POSITIVE_INFINITY));
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly Mistake[];
  constructor(mistakes: readonly Mistake[], what = 'configuration') {
    const sorted = sortMistakes(mistakes);
    const count = sorted.length === 1 ? 'one mistake' : `${sorted.length} mistakes`;
    super(`the ${what} has ${count}:\n${sorted.map((each) => `  ${mistakeLine(each)}`).join('\n')}`);
    this.mistakes = sorted;
  }
}
