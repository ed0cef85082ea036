// Features cut into few bins, column by column, so that the booster finds a split by adding up instead of by sorting.

export const binCount = 32;

export interface BinnedFeatures {
  readonly rows: number;
  readonly columns: number;
  /** Column-major bin numbers. */
  readonly bins: Uint8Array;
  /** Column-major upper edges: a value belongs to the first bin whose edge is not below it. */
  readonly edges: Float32Array;
}

/** Edges are quantiles of the column: `slots` say which rows of the row-major `features` count. */
export function binFeatures(features: Float32Array, columns: number, slots: Int32Array): BinnedFeatures {
  const rows = slots.length;
  const bins = new Uint8Array(rows * columns);
  const edges = new Float32Array(columns * (binCount - 1)).fill(Number.POSITIVE_INFINITY);
  const sorted = new Float32Array(rows);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) sorted[row] = features[slots[row]! * columns + column]!;
    sorted.sort();
    const from = column * (binCount - 1);
    let filled = 0;
    for (let each = 1; each < binCount; each++) {
      const edge = sorted[Math.floor((each * rows) / binCount)]!;
      // A new edge must leave something on either side.
      if ((filled === 0 || edge > edges[from + filled - 1]!) && edge < sorted[rows - 1]!) edges[from + filled++] = edge;
    }
    for (let row = 0; row < rows; row++) {
      const value = features[slots[row]! * columns + column]!;
      let low = 0;
      let high = filled;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (edges[from + middle]! < value) low = middle + 1;
        else high = middle;
      }
      bins[column * rows + row] = low;
    }
  }
  return { rows, columns, bins, edges };
}
