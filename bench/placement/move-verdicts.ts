// Claims of moves: whether they were needed, done in time, and not undone; and what became of declared jobs.
import type { PolicyResult } from '../../src/sim/result.ts';
import { judged, percent } from './figures.ts';
import type { Verdict } from './verdicts.ts';

/** Of all rows and seeds. */
export function moveVerdicts(ours: readonly PolicyResult[], reactive: readonly PolicyResult[]): Verdict[] {
  const sum = (of: keyof PolicyResult['moves']): number => ours.reduce((total, { moves }) => total + moves[of], 0);
  const line = (
    claim: string,
    wanted: string,
    [part, of]: readonly [number, number],
    holds: (share: number) => boolean,
  ): Verdict => ({
    claim,
    wanted,
    figure: of === 0 ? 'none' : `${percent(part / of)} (${part} of ${of})`,
    holds: judged(part / of, holds),
  });
  const started = sum('started');
  const declared = [sum('declaredEarly'), sum('declared')] as const;
  const jobs = line('moves for declared jobs that are early', '100 %', declared, (share) => share === 1);
  return [
    line('moves of ours that are undone (thrash)', '≤ 2 %', [sum('undone'), started], (share) => share <= 0.02),
    line('needed moves of ours that are early', '≥ 80 %', [sum('early'), sum('needed')], (share) => share >= 0.8),
    line('moves of ours that are needless', '≤ 50 %', [sum('needless'), started], (share) => share <= 0.5),
    {
      ...jobs,
      figure: `${jobs.figure}; runs without a violating minute: ours ${unharmed(ours)}, reactive ${unharmed(reactive)}`,
    },
  ];
}

function unharmed(results: readonly PolicyResult[]): string {
  const sum = (of: keyof PolicyResult['jobs']): number => results.reduce((total, { jobs }) => total + jobs[of], 0);
  return `${sum('unharmed')} of ${sum('runs')}`;
}
