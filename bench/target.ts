// What the product has to reach against a baseline in the same run.
import type { Verdict } from './bench.ts';

export interface Target {
  /** The label of a case; of every case when left out. */
  readonly case?: string;
  /** Reached when one of these is. */
  readonly anyOf: readonly { readonly against: string; readonly atLeast: number }[];
}

export const atLeast = (factor: number, against: string, one?: string): Target => ({
  ...(one !== undefined && { case: one }),
  anyOf: [{ against, atLeast: factor }],
});

/** `medianOf` gives an arm's figure for this case. */
export function judge({ anyOf }: Target, label: string, medianOf: (arm: string) => number | undefined): Verdict {
  const product = medianOf('echogate');
  const judged = anyOf.map((one) => {
    const other = medianOf(one.against);
    const factor = product === undefined || other === undefined ? undefined : product / other;
    return {
      text: `≥ ${one.atLeast} × ${one.against}`,
      measured: factor === undefined ? `no ${one.against}` : `${factor.toFixed(2)} × ${one.against}`,
      reached: factor === undefined ? undefined : factor >= one.atLeast,
    };
  });
  const known = judged.filter(({ reached }) => reached !== undefined);
  const isMissing = known.length < judged.length && !known.some(({ reached }) => reached);
  return {
    what: `${label}: ${judged.map(({ text }) => text).join(' or ')}`,
    measured: judged.map(({ measured }) => measured).join(', '),
    reached: isMissing ? undefined : known.some(({ reached }) => reached),
  };
}
