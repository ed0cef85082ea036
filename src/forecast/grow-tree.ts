// Grows one tree of fixed depth on binned features: at each node the split that explains most of a pinball gradient.
import { type BinnedFeatures, binCount } from './feature-bins.ts';

export const depth = 4;
export const leavesMax = 2 ** depth;
/** Inner nodes; children of node n are 2n+1 and 2n+2, and what comes after the last inner node are the leaves. */
export const nodesMax = leavesMax - 1;
/** A histogram cell counts rows in its upper half and rows above their quantile in its lower: one addition per row and feature. */
export const oneRow = 1 << 16;
export const rowsMax = oneRow - 1;

/**
 * `marks`: per row `oneRow`, plus 1 where it lies above the quantile of `level`; the gradient is then `level` above and `level` − 1 below.
 * Only columns with `used` are looked at. Writes the feature of each inner node and the leaf of each row; returns the last bin that goes
 * left per node. A node that is not split sends all its rows left: its bin is `binCount`.
 */
export function growTree(
  { rows, columns, bins }: BinnedFeatures,
  marks: Int32Array,
  level: number,
  used: Uint8Array,
  leafRowsMin: number,
  nodes: Int16Array,
  leafOf: Uint8Array,
): Uint8Array {
  const nodeBins = new Uint8Array(nodesMax).fill(binCount);
  const nodeOffset = new Uint16Array(rows);
  const bestGain = new Float64Array(leavesMax);
  const totals = new Int32Array(leavesMax);
  const cells = new Int32Array(leavesMax * binCount);
  nodes.fill(0);
  for (let step = 0; step < depth; step++) {
    const width = 2 ** step;
    const offset = width - 1;
    totals.fill(0);
    bestGain.fill(1e-9);
    for (let row = 0; row < rows; row++) {
      const node = nodeOffset[row]! / binCount;
      totals[node] = totals[node]! + marks[row]!;
    }
    for (let column = 0; column < columns; column++) {
      if (used[column] === 0) continue;
      cells.fill(0, 0, width * binCount);
      const from = column * rows;
      for (let row = 0; row < rows; row++) {
        const at = nodeOffset[row]! + bins[from + row]!;
        cells[at] = cells[at]! + marks[row]!;
      }
      for (let node = 0; node < width; node++) {
        const found = bestSplit(cells, node * binCount, totals[node]!, level, leafRowsMin);
        if (found.gain <= bestGain[node]!) continue;
        bestGain[node] = found.gain;
        nodes[offset + node] = column;
        nodeBins[offset + node] = found.bin;
      }
    }
    for (let row = 0; row < rows; row++) {
      const node = nodeOffset[row]! / binCount;
      const isRight = bins[nodes[offset + node]! * rows + row]! > nodeBins[offset + node]!;
      nodeOffset[row] = (2 * node + (isRight ? 1 : 0)) * binCount;
    }
  }
  for (let row = 0; row < rows; row++) leafOf[row] = nodeOffset[row]! / binCount;
  return nodeBins;
}

/** The split of one node's histogram that leaves the most alike on either side. */
function bestSplit(
  cells: Int32Array,
  from: number,
  total: number,
  level: number,
  leafRowsMin: number,
): { gain: number; bin: number } {
  const best = { gain: 0, bin: 0 };
  const size = total >>> 16;
  if (size < 2 * leafRowsMin) return best;
  const sum = (total & rowsMax) - size * (1 - level);
  const base = (sum * sum) / size;
  let seen = 0;
  for (let bin = 0; bin < binCount - 1; bin++) {
    seen += cells[from + bin]!;
    const leftSize = seen >>> 16;
    if (leftSize < leafRowsMin) continue;
    const rightSize = size - leftSize;
    if (rightSize < leafRowsMin) break;
    const left = (seen & rowsMax) - leftSize * (1 - level);
    const right = sum - left;
    const gain = (left * left) / leftSize + (right * right) / rightSize - base;
    if (gain <= best.gain) continue;
    best.gain = gain;
    best.bin = bin;
  }
  return best;
}
