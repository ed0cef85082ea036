// What the product has to reach against a baseline in the same run.
import type { Verdict } from './bench.ts';

interface Bound {
  readonly against: string;
  readonly factor: number;
  /** Where less is better. */
  readonly atMost?: true;
}

export interface Target {
  /** The label of a case; of every case when left out. */
  readonly case?: string;
  /** Reached when one of these is. */
  readonly anyOf: readonly Bound[];
}

export const atLeast = (factor: number, against: string, one?: string): Target => ({
  ...(one !== undefined && { case: one }),
  anyOf: [{ against, factor }],
});

/** `medianOf` gives an arm's figure for this case. */
export function judge(
  { anyOf }: Target,
  label: string,
  product: string,
  medianOf: (arm: string) => number | undefined,
): Verdict {
  const own = medianOf(product);
  const judged = anyOf.map(({ against, factor, atMost }) => {
    const other = medianOf(against);
    const ratio = own === undefined || other === undefined ? undefined : own / other;
    return {
      text: `${atMost ? '≤' : '≥'} ${factor} × ${against}`,
      measured: ratio === undefined ? `no ${against}` : `${ratio.toFixed(2)} × ${against}`,
      reached: ratio === undefined ? undefined : atMost ? ratio <= factor : ratio >= factor,
    };
  });
  const isReached = judged.some(({ reached }) => reached);
  const isMissing = !isReached && judged.some(({ reached }) => reached === undefined);
  return {
    what: `${label}: ${judged.map(({ text }) => text).join(' or ')}`,
    measured: judged.map(({ measured }) => measured).join(', '),
    reached: isMissing ? undefined : isReached,
  };
}
