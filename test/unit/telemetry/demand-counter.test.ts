// What clients want, as sums per area and partition and as the blocks read most.
import { describe, expect, it } from 'vitest';
import { DemandCounter } from '../../../src/telemetry/demand-counter.ts';
import { HotBlocks } from '../../../src/telemetry/hot-blocks.ts';

describe('demand', () => {
  it('is summed per area and partition, and begins anew once it was taken', () => {
    const counter = new DemandCounter();
    counter.read('a', 'p1', 'b1', 100);
    counter.read('a', 'p1', 'b1', 50);
    counter.write('a', 'p2', 7);
    counter.write('b', 'p1', 1);
    const { demand, blocks } = counter.drain();
    expect(demand).toEqual([
      { area: 'a', partition: 'p1', readOps: 2, writeOps: 0, readBytes: 150, writeBytes: 0 },
      { area: 'a', partition: 'p2', readOps: 0, writeOps: 1, readBytes: 0, writeBytes: 7 },
      { area: 'b', partition: 'p1', readOps: 0, writeOps: 1, readBytes: 0, writeBytes: 1 },
    ]);
    expect(blocks).toEqual([{ block: 'b1', area: 'a', reads: 2, over: 0 }]);
    expect(counter.drain()).toEqual({ demand: [], blocks: [] });
  });
});

describe('hot blocks', () => {
  it('are found among many cold ones, with a count that is too high by no more than it says', () => {
    const blocks = new HotBlocks();
    const truth = new Map<string, number>();
    const read = (block: string) => {
      truth.set(block, (truth.get(block) ?? 0) + 1);
      blocks.add(block, 'area');
    };
    for (let at = 0; at < 20_000; at++) {
      read(`cold ${at}`);
      if (at % 10 === 0) read('hot');
      if (at % 25 === 0) read('warm');
    }
    const found = blocks.drain();
    expect(found.slice(0, 2).map(({ block }) => block)).toEqual(['hot', 'warm']);
    for (const { block, reads, over } of found) {
      const real = truth.get(block)!;
      expect(reads).toBeGreaterThanOrEqual(real);
      expect(reads - over).toBeLessThanOrEqual(real);
    }
    expect(found.length).toBeLessThanOrEqual(512);
  });
});
