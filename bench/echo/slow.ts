// One partition becomes three times as slow: reads of what has an echo hardly notice.

import { ms } from '../trial-answer.ts';
import { echoedPaths } from './down.ts';
import { fleetPerSec, partitionName } from './fleet.ts';
import { percentile, type Read, runLoad } from './load.ts';
import { traceName, traceOrder } from './skew.ts';
import { type EchoTrial, loadShare } from './trial.ts';

/** In turn: the echoed objects of one are read too rarely to tell a p99. */
const slowed = [7, 1, 9];
const factor = 3;
const beforeSec = 150;
const healthySec = 40;
const slowSec = 60;
const settleSec = 5;

/** `isHere`: of the partition that is slowed, or will be next. */
interface SeenRead extends Read {
  readonly isHere: boolean;
}

export const slow: EchoTrial = {
  name: 'slow',
  headline: 'one partition three times as slow',
  async run({ fleet, shelf, random, traces, scale, say }) {
    await fleet.serve(['echo: { header: true }']);
    const next = traceOrder(traces, shelf.objects);
    const load = { perSec: loadShare * fleetPerSec, random, pick: next };
    await runLoad(fleet, { ...load, seconds: beforeSec * scale });
    const echoed = await echoedPaths(fleet, shelf.objects);
    const settled: SeenRead[] = [];
    const calm: SeenRead[] = [];
    const settledOf = (reads: readonly Read[], name: string): SeenRead[] =>
      reads
        .filter(({ atMs }) => atMs >= 1000 * settleSec)
        .map((read) => ({ ...read, isHere: read.object.home === name }));
    for (const partition of slowed) {
      const name = partitionName(partition);
      calm.push(...settledOf(await runLoad(fleet, { ...load, seconds: settleSec + healthySec * scale }), name));
      say(`${echoed.size} objects have echoes; ${name} becomes ${factor} times as slow`);
      await fleet.order({ partition, factor, isDown: false });
      settled.push(...settledOf(await runLoad(fleet, { ...load, seconds: settleSec + slowSec * scale }), name));
      await fleet.order({ partition, factor: 1, isDown: false });
    }
    const p99 = (of: typeof settled, isEchoed: boolean, isHere: boolean): number =>
      percentile(
        of.filter((read) => echoed.has(read.object.path) === isEchoed && read.isHere === isHere),
        0.99,
      );
    const before = percentile(
      calm.filter(({ object }) => echoed.has(object.path)),
      0.99,
    );
    const after = p99(settled, true, true);
    for (const copy of ['primary', 'echo', 'hedge']) {
      const some = settled.filter(
        (read) => read.isHere && echoed.has(read.object.path) && (read.copy?.startsWith(copy) ?? false),
      );
      const [middle, high] = [percentile(some, 0.5), percentile(some, 0.99)];
      say(`  ${some.length} echoed reads of slow partitions by ${copy}: median ${ms(middle)}, p99 ${ms(high)}`);
    }
    const wrong = [...calm, ...settled].filter(({ isRight }) => !isRight).length;
    return {
      setting: [
        `${traceName}; service times of one partition are tripled for ${slowSec * scale} s, from ${settleSec} s on it is counted; ${slowed.length} in turn, each after ${healthySec * scale} s in which all are healthy.`,
      ],
      head: ['', 'echoed, on a slow partition', 'echoed, elsewhere', 'without echo, on a slow partition'],
      rows: [
        ['p99 healthy', ms(p99(calm, true, true)), ms(p99(calm, true, false)), ms(p99(calm, false, true))],
        ['p99 slow', ms(after), ms(p99(settled, true, false)), ms(p99(settled, false, true))],
      ],
      verdicts: [
        {
          what: 'p99 of reads of its echoed blocks: ≤ 1.5 × healthy',
          measured: `${(after / before).toFixed(2)} ×`,
          isHeld: after <= 1.5 * before,
        },
        { what: 'wrong bytes: none', measured: String(wrong), isHeld: wrong === 0 },
      ],
    };
  },
};
