// Gradient boosted quantile trees that share their shape. Each tree is grown on the pinball gradient of one level (in turn), and its leaves
// hold a step for every level: the quantile of what that level still has wrong there (Friedman 2001, "LAD-TreeBoost", for all levels at once).
// One tree for all levels costs a tenth of one per level, and the levels hardly cross.

import { binCount, binFeatures } from './feature-bins.ts';
import { farScales, featureCount } from './features.ts';
import { fillBetween, fitted, middle } from './fitted-levels.ts';
import { growTree, leavesMax, nodesMax, oneRow } from './grow-tree.ts';
import { levelCount, levels, median } from './levels.ts';
import { sortedQuantile } from './sorted-window.ts';

const trees = 120;
const learningRate = 0.07;
/** Whose gradient shapes the trees, in turn: the middle, either side, then farther out. */
const shapers = [0.5, 0.3, 0.7, 0.1, 0.9, 0.5, 0.05, 0.95].map((level) =>
  fitted.indexOf(levels.indexOf(level as (typeof levels)[number])),
);
const heldLevels = fitted.length;
const tailMax = 6;
const close = 0.05;

export class BoostedQuantiles {
  /** Per tree and inner node: feature, and edge up to which (included) a row goes left. */
  readonly #features = new Int16Array(trees * nodesMax);
  readonly #edges = new Float32Array(trees * nodesMax);
  readonly #steps = new Float32Array(trees * leavesMax * heldLevels);
  readonly #start = new Float64Array(heldLevels);
  readonly #held = new Float64Array(heldLevels);
  readonly #tails = new Float64Array(levelCount);

  /** Rows of the row-major `features` at `slots`; `target` by slot, in local scales; no leaf holds fewer rows than `leafRowsMin`. */
  static fit(features: Float32Array, target: Float64Array, slots: Int32Array, leafRowsMin: number): BoostedQuantiles {
    const model = new BoostedQuantiles();
    const wanted = Float64Array.from(slots, (slot) => Math.max(-farScales, Math.min(farScales, target[slot]!)));
    model.#grow(features, wanted, slots, leafRowsMin);
    return model;
  }

  #grow(features: Float32Array, wanted: Float64Array, slots: Int32Array, leafRowsMin: number): void {
    const binned = binFeatures(features, featureCount, slots);
    const rows = slots.length;
    const sorted = wanted.slice().sort();
    // Level-major: what each level still has wrong.
    const errors = new Float64Array(heldLevels * rows);
    for (let each = 0; each < heldLevels; each++) {
      this.#start[each] = sortedQuantile(sorted, rows, levels[fitted[each]!]!);
      for (let row = 0; row < rows; row++) errors[each * rows + row] = wanted[row]! - this.#start[each]!;
    }
    const marks = new Int32Array(rows);
    const used = new Uint8Array(featureCount);
    const leafOf = new Uint8Array(rows);
    const gathered = new Float64Array(rows);
    for (let tree = 0; tree < trees; tree++) {
      const shaper = shapers[tree % shapers.length]!;
      const level = levels[fitted[shaper]!]!;
      const offset = shaper * rows;
      for (let row = 0; row < rows; row++) marks[row] = errors[offset + row]! > 0 ? oneRow + 1 : oneRow;
      for (let column = 0; column < featureCount; column++) used[column] = isUsed(tree, column) ? 1 : 0;
      const nodes = this.#features.subarray(tree * nodesMax, (tree + 1) * nodesMax);
      const nodeBins = growTree(binned, marks, level, used, leafRowsMin, nodes, leafOf);
      for (let node = 0; node < nodesMax; node++) {
        const edge = binned.edges[nodes[node]! * (binCount - 1) + nodeBins[node]!]!;
        this.#edges[tree * nodesMax + node] = nodeBins[node]! === binCount ? Number.POSITIVE_INFINITY : edge;
      }
      this.#stepLeaves(tree, errors, leafOf, gathered);
    }
    this.#measureTails(errors, rows);
  }

  /** Each leaf steps towards the level's quantile of the errors in it. */
  #stepLeaves(tree: number, errors: Float64Array, leafOf: Uint8Array, gathered: Float64Array): void {
    const rows = leafOf.length;
    const { starts, order } = byLeaf(leafOf);
    for (let leaf = 0; leaf < leavesMax; leaf++) {
      const from = starts[leaf]!;
      const count = starts[leaf + 1]! - from;
      if (count === 0) continue;
      const room = gathered.subarray(0, count);
      for (let each = 0; each < heldLevels; each++) {
        const offset = each * rows;
        for (let at = 0; at < count; at++) room[at] = errors[offset + order[from + at]!]!;
        const step = learningRate * quantileOf(room, levels[fitted[each]!]!);
        this.#steps[(tree * leavesMax + leaf) * heldLevels + each] = step;
        for (let at = 0; at < count; at++) {
          const row = offset + order[from + at]!;
          errors[row] = errors[row]! - step;
        }
      }
    }
  }

  #measureTails(errors: Float64Array, rows: number): void {
    const below = new Float64Array(rows);
    const above = new Float64Array(rows);
    const toMiddle = middle * rows;
    const toLast = (heldLevels - 1) * rows;
    for (let row = 0; row < rows; row++) {
      const error = errors[toMiddle + row]!;
      below[row] = -error / Math.max(close, errors[row]! - error);
      above[row] = error / Math.max(close, error - errors[toLast + row]!);
    }
    below.sort();
    above.sort();
    const bounded = (value: number, least: number): number => Math.max(least, Math.min(tailMax, value));
    this.#tails[0] = bounded(sortedQuantile(below, rows, 0.995), 1.3);
    this.#tails[levelCount - 2] = bounded(sortedQuantile(above, rows, 0.99), 1.2);
    this.#tails[levelCount - 1] = bounded(sortedQuantile(above, rows, 0.995), 1.3);
  }

  /** Quantiles in local scales, relative to what the target was relative to. */
  predict(features: Float32Array, row: Float64Array): void {
    const held = this.#held;
    held.set(this.#start);
    for (let tree = 0; tree < trees; tree++) {
      const from = tree * nodesMax;
      let node = 0;
      while (node < nodesMax)
        node = 2 * node + (features[this.#features[from + node]!]! <= this.#edges[from + node]! ? 1 : 2);
      const steps = (tree * leavesMax + node - nodesMax) * heldLevels;
      for (let each = 0; each < heldLevels; each++) held[each] = held[each]! + this.#steps[steps + each]!;
    }
    fillBetween(held, row);
    const centre = row[median]!;
    row[0] = centre - (centre - row[1]!) * this.#tails[0]!;
    for (let at = levelCount - 2; at < levelCount; at++)
      row[at] = centre + (row[levelCount - 3]! - centre) * this.#tails[at]!;
  }
}

/** Each tree looks at five features in eight, by a hash: trees that differ err less together, and cost less. */
const isUsed = (tree: number, column: number): boolean =>
  Math.imul(tree * featureCount + column + 1, 0x9e3779b1) >>> 29 < 5;

/** Rows in the order of their leaves. */
function byLeaf(leafOf: Uint8Array): { starts: Int32Array; order: Int32Array } {
  const starts = new Int32Array(leavesMax + 1);
  for (const leaf of leafOf) starts[leaf + 1] = starts[leaf + 1]! + 1;
  for (let leaf = 0; leaf < leavesMax; leaf++) starts[leaf + 1] = starts[leaf + 1]! + starts[leaf]!;
  const next = starts.slice();
  const order = new Int32Array(leafOf.length);
  for (let row = 0; row < leafOf.length; row++) {
    const leaf = leafOf[row]!;
    order[next[leaf]!] = row;
    next[leaf] = next[leaf]! + 1;
  }
  return { starts, order };
}

/** The nearest order statistic, by quickselect; reorders `values`. */
function quantileOf(values: Float64Array, level: number): number {
  const wanted = Math.min(values.length - 1, Math.floor(level * values.length));
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let left = low;
    let right = high;
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left <= right) {
        const swapped = values[left]!;
        values[left++] = values[right]!;
        values[right--] = swapped;
      }
    }
    if (wanted <= right) high = right;
    else if (wanted >= left) low = left;
    else break;
  }
  return values[wanted]!;
}
