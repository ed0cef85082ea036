// A forecast as a fan in plain text: what was measured, then for each bin ahead the middle, the inner and the outer band.

export interface Fan {
  /** Oldest first; null where nothing was measured. */
  readonly measured: readonly (number | null)[];
  /** Per bin ahead, in order: q05, q20, q50, q80, q95. */
  readonly ahead: readonly (readonly [number, number, number, number, number])[];
  /** A line across, where it is within sight. */
  readonly capacity?: number;
  readonly height: number;
  readonly label: (value: number) => string;
}

const marks = { measured: '•', middle: '●', inner: '▒', outer: '░', capacity: '─', now: '│', empty: ' ' } as const;
/** Columns per bin ahead: the future is what one looks at. */
const aheadWidth = 2;

/** Lines of text, the highest values first, a scale at the left. */
export function drawFan({ measured, ahead, capacity, height, label }: Fan): string[] {
  const seen = measured.filter((value) => value !== null);
  const most = Math.max(...seen, ...ahead.map((row) => row[4]), 0);
  const inSight = capacity !== undefined && capacity <= most * 2 ? capacity : 0;
  const top = Math.max(most, inSight) * 1.02 || 1;
  const rowOf = (value: number): number => Math.min(height - 1, Math.max(0, Math.floor((value / top) * height)));
  const grid = Array.from({ length: height }, () => '');
  const column = (markAt: (row: number) => string): void => {
    for (let row = 0; row < height; row++) grid[row] += markAt(row);
  };
  const capacityRow = inSight > 0 ? rowOf(inSight) : -1;
  const bare = (row: number): string => (row === capacityRow ? marks.capacity : marks.empty);
  for (const value of measured) column((row) => (value !== null && rowOf(value) === row ? marks.measured : bare(row)));
  column(() => marks.now);
  for (const [q05, q20, q50, q80, q95] of ahead) {
    const within = (row: number, from: number, to: number): boolean => row >= rowOf(from) && row <= rowOf(to);
    const markAt = (row: number): string => {
      if (row === rowOf(q50)) return marks.middle;
      if (within(row, q20, q80)) return marks.inner;
      return within(row, q05, q95) ? marks.outer : bare(row);
    };
    for (let each = 0; each < aheadWidth; each++) column(markAt);
  }
  const labels = grid.map((_, row) => (row % 3 === 0 || row === height - 1 ? label((top * (row + 0.5)) / height) : ''));
  const width = Math.max(...labels.map((text) => text.length));
  return grid.map((line, row) => `${labels[row]!.padStart(width)} ${line.trimEnd()}`).reverse();
}
