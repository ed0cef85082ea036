// How trials word what they counted.

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}

export const inSeconds = ({ count, p50, p95, max }: Spread): string =>
  `${seconds(p50)} / ${seconds(p95)} / ${seconds(max)} (median / 95 % / longest of ${count})`;

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `0 of 48,211`. */
export const ofTotal = (count: number, total: number): string => `${grouped(count)} of ${grouped(total)}`;
