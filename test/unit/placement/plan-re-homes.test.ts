// What is written to one area can be more than any other partition has room for: it is spread over several.
import { expect, it } from 'vitest';
import { noMemory, planNext, usualRules } from '../../../src/placement/placement.ts';
import { predictionOf, steady, viewOf } from './fleets.ts';

it('homes of who drains go to whoever is asked to write least, one after the other, and to the unknown last', () => {
  const spec = {
    bounds: [100, 100, 100, 100],
    areas: Array.from({ length: 8 }, () => ({ at: 0, reads: 0, writes: 3, becomes: steady, bytes: 1e6 })),
    spread: 1.01,
  };
  const view = viewOf(spec);
  const partitions = view.partitions.map((each, at) => {
    if (at === 0) return { ...each, duty: 'draining' as const };
    return at === 3 ? { ...each, capacity: { ...each.capacity, confidence: 0 } } : each;
  });
  const { plan } = planNext({ ...view, partitions }, predictionOf(spec), noMemory, usualRules);
  const homes = plan.steps.flatMap((step) =>
    step.kind === 're-home' ? step.to.map(({ partition }) => partition) : [],
  );
  expect(homes.sort()).toEqual([...Array(4).fill('p2'), ...Array(4).fill('p3')]);
});

it('an area that nobody can take as a whole is spread over those that can take a part', () => {
  const idle = { reads: 0, writes: 15, becomes: steady, bytes: 1e6 };
  const spec = {
    // Writes: a half of it.
    bounds: [100, 100, 100, 100],
    areas: [0, 1, 2, 3].map((at) => ({ at, ...idle })).concat({ ...idle, at: 0, writes: 60 }),
    spread: 1.01,
  };
  const { plan } = planNext(viewOf(spec), predictionOf(spec), noMemory, usualRules);
  const step = plan.steps.find((each) => each.kind === 're-home' && each.area === 'area-4');
  if (step?.kind !== 're-home') throw new Error('it is not re-homed');
  expect(step.to.length).toBeGreaterThan(2);
  const sum = step.to.reduce((all, { weight }) => all + weight, 0);
  for (const { partition, weight } of step.to) {
    const writes = 15 + (60 * weight) / sum;
    expect(writes / 50, partition).toBeLessThan(0.95);
  }
});
