// Grows one tree of fixed depth on binned features: at each node the split that explains most of the gradient.
import { type BinnedFeatures, binCount } from './feature-bins.ts';

export const depth = 4;
export const leavesMax = 2 ** depth;
/** Inner nodes; children of node n are 2n+1 and 2n+2, and what comes after the last inner node are the leaves. */
export const nodesMax = leavesMax - 1;
const leafRowsMin = 20;

/**
 * Writes the feature of each inner node and the leaf of each row; returns the last bin that goes left per node. A node that is not
 * split sends all its rows left: its bin is `binCount`.
 */
export function growTree(
  { rows, columns, bins }: BinnedFeatures,
  gradient: Float64Array,
  nodes: Int16Array,
  leafOf: Uint8Array,
): Uint8Array {
  const nodeBins = new Uint8Array(nodesMax).fill(binCount);
  const nodeOf = new Uint8Array(rows);
  const bestGain = new Float64Array(leavesMax);
  const totals = new Float64Array(leavesMax);
  const sizes = new Float64Array(leavesMax);
  const sums = new Float64Array(leavesMax * binCount);
  const counts = new Float64Array(leavesMax * binCount);
  nodes.fill(0);
  for (let level = 0; level < depth; level++) {
    const width = 2 ** level;
    const offset = width - 1;
    totals.fill(0);
    sizes.fill(0);
    bestGain.fill(0);
    for (let row = 0; row < rows; row++) {
      const node = nodeOf[row]!;
      totals[node] = totals[node]! + gradient[row]!;
      sizes[node] = sizes[node]! + 1;
    }
    for (let column = 0; column < columns; column++) {
      sums.fill(0, 0, width * binCount);
      counts.fill(0, 0, width * binCount);
      const from = column * rows;
      for (let row = 0; row < rows; row++) {
        const at = nodeOf[row]! * binCount + bins[from + row]!;
        sums[at] = sums[at]! + gradient[row]!;
        counts[at] = counts[at]! + 1;
      }
      for (let node = 0; node < width; node++) {
        const total = totals[node]!;
        const size = sizes[node]!;
        if (size < 2 * leafRowsMin) continue;
        const base = (total * total) / size;
        let left = 0;
        let leftSize = 0;
        for (let bin = 0; bin < binCount - 1; bin++) {
          left += sums[node * binCount + bin]!;
          leftSize += counts[node * binCount + bin]!;
          if (leftSize < leafRowsMin) continue;
          const rightSize = size - leftSize;
          if (rightSize < leafRowsMin) break;
          const right = total - left;
          const gain = (left * left) / leftSize + (right * right) / rightSize - base;
          if (gain > bestGain[node]! + 1e-12) {
            bestGain[node] = gain;
            nodes[offset + node] = column;
            nodeBins[offset + node] = bin;
          }
        }
      }
    }
    for (let row = 0; row < rows; row++) {
      const node = nodeOf[row]!;
      const isRight = bins[nodes[offset + node]! * rows + row]! > nodeBins[offset + node]!;
      nodeOf[row] = 2 * node + (isRight ? 1 : 0);
    }
  }
  leafOf.set(nodeOf);
  return nodeBins;
}
