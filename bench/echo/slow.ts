// One partition becomes three times as slow: reads of what has an echo hardly notice.

import { echoedPaths } from './down.ts';
import { fleetPerSec, partitionName } from './fleet.ts';
import { percentile, type Read, runLoad } from './load.ts';
import { traceName, traceOrder } from './skew.ts';
import { type EchoTrial, loadShare, ms } from './trial.ts';

/** In turn: the echoed objects of one are read too rarely to tell a p99. */
const slowed = [7, 1, 9];
const factor = 3;
const beforeSec = 150;
const healthySec = 60;
const slowSec = 60;
const settleSec = 5;

export const slow: EchoTrial = {
  name: 'slow',
  headline: 'one partition three times as slow',
  async run({ fleet, shelf, random, traces, scale, say }) {
    await fleet.serve(['echo: { header: true }']);
    const next = traceOrder(traces, shelf.objects);
    const load = { perSec: loadShare * fleetPerSec, random, pick: next };
    await runLoad(fleet, { ...load, seconds: beforeSec * scale });
    const healthy = await runLoad(fleet, { ...load, seconds: healthySec * scale });
    const echoed = await echoedPaths(fleet, shelf.objects);
    const settled: (Read & { readonly isHere: boolean })[] = [];
    for (const partition of slowed) {
      const name = partitionName(partition);
      say(`${echoed.size} objects have echoes; ${name} becomes ${factor} times as slow`);
      await fleet.order({ partition, factor, isDown: false });
      const reads = await runLoad(fleet, { ...load, seconds: (settleSec + slowSec) * scale });
      await fleet.order({ partition, factor: 1, isDown: false });
      for (const read of reads)
        if (read.atMs >= 1000 * settleSec) settled.push({ ...read, isHere: read.object.home === name });
    }
    const homes = new Set(slowed.map(partitionName));
    const calm = healthy.map((read) => ({ ...read, isHere: homes.has(read.object.home) }));
    const p99 = (of: typeof settled, isEchoed: boolean, isHere: boolean): number =>
      percentile(
        of.filter((read) => echoed.has(read.object.path) === isEchoed && read.isHere === isHere),
        0.99,
      );
    const before = percentile(
      healthy.filter(({ object }) => echoed.has(object.path)),
      0.99,
    );
    const after = p99(settled, true, true);
    const wrong = [...healthy, ...settled].filter(({ isRight }) => !isRight).length;
    return {
      setting: [
        `${traceName}; service times of one partition are tripled for ${slowSec * scale} s, from ${settleSec} s on it is counted; then of another, ${slowed.length} in turn.`,
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
